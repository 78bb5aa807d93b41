"""The citizen's language: bokmål or nynorsk, chosen with a button and kept in the session."""

from __future__ import annotations

from flask import Flask, request

from portal.access.actor import current_session
from portal.innlogging.flow import SPRAAK
from portal.session.cookie_session import NAME_KEY
from portal.texts import feltnavn
from portal.texts.edialog import henvendelser
from portal.texts.minside import inbox, pages

TEXTS = {"nb": pages.NB | inbox.NB | henvendelser.NB, "nn": pages.NN | inbox.NN | henvendelser.NN}
FIELDS = {
    "tittel": "ED_FELT_TITTEL",
    "melding": "ED_FELT_MELDING",
    "sensitivt": "ED_SENSITIVT",
    "navn": "ED_NAVN",
    "adresselinje1": "ED_ADRESSE1",
    "adresselinje2": "ED_ADRESSE2",
    "adresselinje3": "ED_ADRESSE3",
    "postnr": "ED_POSTNR",
    "poststed": "ED_POSTSTED",
    "land": "ED_LAND",
    "epost": "ED_EPOST",
    "telefon": "ED_TELEFON",
}
"""What the fields of the citizen's forms are called."""


def language() -> str:
    """nb or nn: as chosen in the session, or in the address of an anonymous visitor."""
    chosen = current_session().get(SPRAAK) or language_of_address()
    return str(chosen) if chosen in TEXTS else "nb"


def language_of_address() -> str | None:
    """The language in the address, for visitors who are not logged in; None for a logged-in person, whose
    session has it.
    """
    return None if current_session().sesjon is not None else request.args.get("sprak")


def citizen_text(kode: str, /, **params: object) -> str:
    """The text of `kode` in the citizen's language."""
    return TEXTS[language()][kode].format(**params)


def field_name(navn: str) -> str:
    """Name of a field of the citizen's forms."""
    return citizen_text(FIELDS[navn]) if navn in FIELDS else feltnavn(navn).replace("_", " ").capitalize()


def citizen_text_for(slag: str, kode: str) -> str:
    """The text of one code of a kind, else the kind's general text (TJENESTE, GJORT), else the code itself as
    words.
    """
    words = TEXTS[language()]
    general = {"TJENESTE": "TJENESTE_ANNEN", "GJORT": "GJORT_ANNET"}
    return (
        words.get(f"{slag}_{kode}") or words.get(general.get(slag, "")) or kode.replace("_", " ").capitalize()
    )


def represented_name() -> str:
    """Name of the represented organisation, else its number; empty for the person themselves.

    A stored name that belongs to another organisation number is not used.
    """
    present = current_session()
    if present.sesjon is None or present.sesjon.representerer is None:
        return ""
    orgnr, kept = present.sesjon.representerer, present.get(NAME_KEY) or {}
    return str(kept["navn"] or orgnr) if kept.get("orgnr") == orgnr else orgnr


def init_app(app: Flask) -> None:
    """Register the citizen's texts as template globals."""
    app.jinja_env.globals.update(
        ord=citizen_text,
        ord_for=citizen_text_for,
        ord_felt=field_name,
        malform=language,
        valgt_sprak=language_of_address,
        representerer_navn=represented_name,
    )

"""The citizen's language: bokmål or nynorsk, chosen with a button and kept in the session."""

from __future__ import annotations

from flask import Flask, request

from portal.access import current_session
from portal.innlogging.flow import SPRAAK
from portal.sessions import NAME_KEY
from portal.texts import feltnavn, henvendelser, inbox, minside

TEXTS = {"nb": minside.NB | inbox.NB | henvendelser.NB, "nn": minside.NN | inbox.NN | henvendelser.NN}
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
    """nb or nn: as chosen in the session, or in the address by who is not logged in."""
    chosen = current_session().get(SPRAAK) or asked_for()
    return str(chosen) if chosen in TEXTS else "nb"


def asked_for() -> str | None:
    """The language that the address asks for, to go on in; None for who is logged in, whose session knows."""
    return None if current_session().sesjon is not None else request.args.get("sprak")


def ord(kode: str, /, **params: object) -> str:
    """The citizen's text for `kode`, in their language."""
    return TEXTS[language()][kode].format(**params)


def field_name(navn: str) -> str:
    """What a field of the citizen's forms is called."""
    return ord(FIELDS[navn]) if navn in FIELDS else feltnavn(navn).replace("_", " ").capitalize()


def ord_for(slag: str, kode: str) -> str:
    """The text of one code of a kind, else the kind's general text (TJENESTE, GJORT), or else the code as words."""
    words = TEXTS[language()]
    general = {"TJENESTE": "TJENESTE_ANNEN", "GJORT": "GJORT_ANNET"}
    return (
        words.get(f"{slag}_{kode}") or words.get(general.get(slag, "")) or kode.replace("_", " ").capitalize()
    )


def represented_name() -> str:
    """The organisation the session acts for, by name or else by number; empty for oneself.

    A name that was kept of another organisation is none of this one's.
    """
    present = current_session()
    if present.sesjon is None or present.sesjon.representerer is None:
        return ""
    orgnr, kept = present.sesjon.representerer, present.get(NAME_KEY) or {}
    return str(kept["navn"] or orgnr) if kept.get("orgnr") == orgnr else orgnr


def init_app(app: Flask) -> None:
    """Give the citizen's templates their words."""
    app.jinja_env.globals.update(
        ord=ord,
        ord_for=ord_for,
        ord_felt=field_name,
        malform=language,
        valgt_sprak=asked_for,
        representerer_navn=represented_name,
    )

"""The page of one waiting letter: facts, files, and possible acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.values.identifiers import Fnr, is_orgnr, mask_numbers
from fiks.svarut.sender import letter_page
from fiks.svarut.svarinn import manual_access, manual_actions, page_images
from fiks.svarut.svarinn.manual_access import Mottaksbrev
from fiks.svarut.svarinn.stale_form import VenterAnnetSted
from portal.access.actor import current_actor
from portal.altinn import party_lookup
from portal.mottak import note_forms
from portal.mottak.blueprint import blueprint, require_entry
from portal.texts import tekst
from portal.texts.formats import tid
from portal.texts.svarinn.manuelt_mottak import NOARK, NOTERT
from portal.texts.svarut.forsendelser import NIVAER, brevtittel
from portal.texts.utsending.list_columns import FELTER
from portal.ui.edit_conflict import VIST

Answer = str | tuple[str, int]
Ledd = tuple[str, ...]
"""A term and its value; or with a link: address, text, and what it is about."""


@blueprint.get("/<uuid:forsendelse_id>")
def brev(forsendelse_id: UUID) -> Answer:
    """Open the letter, which is audited."""
    return show(forsendelse_id, {})


def show(forsendelse_id: UUID, feil: Mapping[str, str], **sent: str) -> Answer:
    """The page, with the faults of a form and what was typed there."""
    page = _page(forsendelse_id, feil, sent)
    return (page, 422) if feil else page


def show_moved(forsendelse_id: UUID, **sent: str) -> Answer:
    """The page (409) of a letter that has moved since a form of it was shown, with what was typed there."""
    return _page(forsendelse_id, {}, sent), VenterAnnetSted.status


def show_changed(forsendelse_id: UUID, endret: Konflikt, **sent: str) -> Answer:
    """The page (409) of a letter that somebody else edited first: their text, and what was typed on top."""
    return _page(forsendelse_id, {}, sent, endret), endret.status


def shown_mark() -> str:
    """The mark of where the form's page showed the letter waiting; empty for a form without one."""
    return request.form.get(VIST, "")


def moved_text(vist: str) -> str:
    """Code of the message when the posted form's page showed the letter waiting elsewhere than `vist`; else
    "".

    A form from before marks existed gets a message of its own.
    """
    if request.method != "POST" or shown_mark() == vist:
        return ""
    return "MOTTAK_FLYTTET" if shown_mark() else "MOTTAK_GAMMEL_SIDE"


def _page(
    forsendelse_id: UUID,
    feil: Mapping[str, str],
    sent: Mapping[str, str],
    endret: Konflikt | None = None,
) -> str:
    require_entry(forsendelse_id)
    actor = current_actor()
    opened = manual_access.open_letter(forsendelse_id, spor=party_lookup(), actor=actor)
    personer = [
        ("", "Ingen"),
        *manual_access.possible_assignees(forsendelse_id, spor=party_lookup(), actor=actor),
    ]
    return render_template(
        "mottak/brev.html",
        m=opened,
        fakta=facts(opened, answered_letter(opened.brev.svar_pa)),
        filer=list(zip(manual_actions.numbered_files(forsendelse_id), opened.brev.filer, strict=False)),
        vises=page_images.can_be_shown,
        arkiv=[
            ("Fra avsenderens arkiv", noark(opened.brev.noark_fra)),
            ("Til import", noark(opened.brev.noark_til)),
        ],
        personer=personer,
        etiketter=NOTERT,
        notert=note_forms.sent_forms(note_forms.stored_forms(opened, personer), sent, endret),
        feil=feil,
        flyttet=moved_text(opened.vist),
    )


def facts(opened: Mottaksbrev, besvart: Ledd) -> list[Ledd]:
    """The letter as pairs to read, `besvart` among them, without empty values."""
    brev = opened.brev
    pairs: list[Ledd] = [
        ("Avsender", name_and_number(brev.avsender.adresse.navn, brev.avsender.digital_id)),
        ("Mottaker", name_and_number(brev.mottaker.adresse.navn, brev.mottaker.digital_id)),
        ("Mottakersystem", opened.system.navn),
        ("Klart for mottak", tid(brev.klar)),
        ("Sendt", tid(brev.dato)),
        ("Sikkerhetsnivå", NIVAER[brev.sikkerhetsniva]),
        ("Taushetsbelagt", "Ja" if brev.taushetsbelagt else ""),
        ("Type", brev.forsendelsestype),
        besvart,
        ("Svar sendes til", mask_numbers(brev.svar_sendes_til.adresse.navn) if brev.svar_sendes_til else ""),
        ("Avsenderens referanse", brev.ekstern_referanse),
        ("Avsenderens fagsystem", brev.avgivende_system),
        ("Sist hentet av systemet", tid(brev.hentet) if brev.hentet else ""),
        ("Forsendelse-id", str(brev.id)),
    ]
    return [pair for pair in pairs if pair[1]]


def name_and_number(navn: str, nummer: str) -> str:
    """Name and number, with personal numbers masked."""
    shown = nummer if is_orgnr(nummer) else nummer and Fnr(nummer).masked
    return f"{mask_numbers(navn)} ({shown})" if shown else mask_numbers(navn)


def answered_letter(svar_pa: UUID | None) -> Ledd:
    """The letter this one answers: a link for those who may read it, else why there is none."""
    if svar_pa is None:
        return ("Svar på", "")
    try:
        tittel = brevtittel(*letter_page.title_of(svar_pa, actor=current_actor()))
    except IkkeFunnet:
        return ("Svar på", tekst("MOTTAK_BESVART_UKJENT", id=svar_pa))
    to = url_for("svarut.forsendelse", forsendelse_id=svar_pa)
    return ("Svar på", tittel or tekst("MOTTAK_BESVART_SLETTET"), to, "Se brevet", "det svarer på")


def noark(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Noark metadata as pairs to read, nested groups flattened, empty values left out."""
    found: list[tuple[str, str]] = []
    for name, value in said.items():
        if isinstance(value, Mapping):
            found += noark(value)
        elif isinstance(value, list):
            found += [
                (str(one.get("key", name)), str(one.get("value", "")))
                for one in value
                if isinstance(one, dict)
            ]
        elif value not in (None, "", 0):
            found.append((NOARK.get(name, FELTER.get(name, name)), str(value)))
    return found

"""The page of one letter: facts, reasons for its channels, and history."""

from __future__ import annotations

from uuid import UUID

from flask import render_template

from fiks.svarut.rules import NEXT_CHANNEL_RULE, UNREAD_ALTINN, Kanal, Leveringsstatus
from fiks.svarut.sender import letter_page
from fiks.svarut.sender.letter_page import Brevside, Dokumentrad
from portal.access.actor import current_actor
from portal.svarut.actions import available_actions, has_unknown_outcome
from portal.svarut.blueprint import blueprint
from portal.texts import status_of
from portal.texts.formats import tid
from portal.texts.frame import NOT_GIVEN
from portal.texts.svarut.forsendelser import (
    ETTERSPILL,
    HENVENDELSE,
    KANALREGLER,
    MOTTAKERTYPER,
    NIVAER,
    OPPHAV,
)


@blueprint.get("/<uuid:forsendelse_id>")
def forsendelse(forsendelse_id: UUID) -> str:
    """Everything about one letter except its content."""
    brev = letter_page.letter_for_sender(forsendelse_id, actor=current_actor())
    return render_template(
        "svarut/forsendelse.html",
        brev=brev,
        fakta=facts(brev),
        hvorfor=channel_reasons(brev),
        handlinger=available_actions(brev),
        uavklart=has_unknown_outcome(brev),
        dokumentmerknad=document_remark,
        om_henvendelsen=HENVENDELSE,
    )


def document_remark(document: Dokumentrad) -> str:
    """A remark about a document, besides its size."""
    said = {
        "Slettet": document.borte,
        "Skrives ikke ut": document.ekskluderes,
        "Skal signeres": document.skal_signeres,
    }
    return ", ".join(name for name, holds in said.items() if holds) or "–"


def facts(brev: Brevside) -> list[tuple[str, str]]:
    """The letter as pairs to read, without empty values that would only be noise."""
    to = brev.mottaker
    kind = MOTTAKERTYPER[to.type]
    pairs = [
        ("Mottaker", to.navn or "Slettet"),
        ("Mottakeren er", f"{kind}, {to.nummer}" if to.nummer else kind),
        ("Konto", brev.konto),
        ("Kommer fra", OPPHAV[brev.opphav]),
        ("Fagsystem", brev.avgivende_system or ""),
        ("Forsendelse-id", str(brev.id)),
        ("Ekstern referanse", brev.eksternref or NOT_GIVEN),
        ("Korrelasjons-id", brev.korrelasjonsid or ""),
        ("Konteringskode", brev.konteringskode or NOT_GIVEN),
        ("Sikkerhetsnivå", NIVAER[brev.sikkerhetsniva]),
        ("Spesielle krav", ", ".join(_demands(brev))),
        ("Opprettet", tid(brev.opprettet)),
        ("Overlevert", tid(brev.overlevert) if brev.overlevert else "Ikke ennå"),
        ("Må leses innen", tid(brev.lesefrist) if brev.lesefrist and brev.status in UNREAD_ALTINN else ""),
    ]
    return [(name, value) for name, value in pairs if value]


def _demands(brev: Brevside) -> list[str]:
    said = {
        "bare digital levering": brev.kun_digital,
        "taushetsbelagt post": brev.taushetsbelagt,
        "kryptert av avsenderen": brev.kryptert,
    }
    return [name for name, holds in said.items() if holds]


def channel_reasons(brev: Brevside) -> list[str]:
    """Why the letter took its first channel, and each later one, in sentences."""
    rule = brev.regel or next((one.regel for one in brev.leveringer if one.regel), None)
    told = [KANALREGLER[rule]] if rule in KANALREGLER else []
    first = next((one.kanal for one in brev.leveringer if one.kanal), None)
    if rule in ("3", "5"):
        told = [f"{told[0]} {ETTERSPILL[Kanal.PRINT if first == Kanal.PRINT else '']}"]
    told += _onward(brev)
    return told or ["Kanalen velges når brevet skal overleveres."]


def _onward(brev: Brevside) -> list[str]:
    """A sentence for each change of channel."""
    tried = [one for one in brev.leveringer if one.kanal]
    too_late = any(event.kode == "LESEFRIST_UTLOPT" for event in brev.hendelser)
    told = []
    for before, after in zip(tried, tried[1:], strict=False):
        if before.kanal == after.kanal or after.regel not in (None, NEXT_CHANNEL_RULE):
            continue
        names = [status_of(str(one.kanal)).tekst for one in (before, after)]
        if before.status == Leveringsstatus.AVVIST:
            told.append(f"{names[0]} tok ikke imot brevet, så det gikk videre til {names[1]}.")
        elif too_late:
            told.append(
                f"Brevet var ikke lest da fristen gikk ut, så det gikk videre fra {names[0]} til {names[1]}."
            )
        else:
            told.append(f"Brevet gikk videre fra {names[0]} til {names[1]}.")
    return told

"""A few letters from the demo's fagsystem, so that the log and MinSide have something in them: one for each channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from fiks.core.actor import Aktor, Aktortype
from fiks.core.values.address import Adresse
from fiks.svarut.mottak import Dokumentfakta, Innlasting, Innsending
from fiks.svarut.rules import Opphav
from testmiljo.folders import LILLEVIK
from testmiljo.machines import NAVN, Fagsystem
from testmiljo.seed import Seeded

PDF = LILLEVIK / "brev_samme.pdf"
KONTO = "Kommunale avgifter"

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Brevplan:
    """One letter: its title, its reference, and which of the kommune's people it is to."""

    tittel: str
    referanse: str
    to: Callable[[Entry], bool]


PLAN: tuple[Brevplan, ...] = (
    Brevplan("Tilsyn med fyringsanlegg", "tilsyn-101", lambda krr: bool(krr["postkasse"])),
    Brevplan(
        "Vedtak om barnehageplass", "vedtak-102", lambda krr: not krr["postkasse"] and not krr["reservert"]
    ),
    Brevplan("Svar på byggesøknad", "byggesak-103", lambda krr: bool(krr["reservert"])),
    Brevplan("Faktura for vann og avløp", "avgift-104", lambda krr: bool(krr["postkasse"])),
    Brevplan("Varsel om avlesing av vannmåler", "avgift-105", lambda krr: not krr["postkasse"]),
)


def send_letters(
    seeded: Seeded,
    folder: Path,
    fagsystem: Fagsystem,
    plan: Sequence[Brevplan] = PLAN,
    konto: str = KONTO,
) -> list[UUID]:
    """Send the plan to people of the kommune of `folder`, in an app context. Doing it again makes no more letters."""
    actor = Aktor(
        Aktortype.INTEGRASJON,
        NAVN,
        organisasjon_id=seeded.organisasjon_id,
        integrasjon_id=fagsystem.integrasjon_id,
        kanal="API",
    )
    people = _people(folder)
    konto_id = seeded.kontoer.get(konto) or next(iter(seeded.kontoer.values()))
    return [
        _send(konto_id, _letter(one, pid, people[pid]["folkeregister"]), actor)
        for one, pid in receivers(folder, plan)
    ]


def receivers(folder: Path, plan: Sequence[Brevplan] = PLAN) -> list[tuple[Brevplan, str]]:
    """Each letter with the number of whom it is to, no one twice; a letter that fits nobody there is left out."""
    left, chosen = _people(folder), []
    for one in plan:
        pid = next((pid for pid, entry in left.items() if one.to(entry["krr"])), None)
        if pid is not None:
            del left[pid]
            chosen.append((one, pid))
    return chosen


def _people(folder: Path) -> dict[str, Entry]:
    """Those who live there and can be written to on paper too."""
    register = json.loads((folder / "register.json").read_text("utf-8"))["personer"]
    return {
        pid: entry
        for pid, entry in register.items()
        if entry["krr"]["status"] == "AKTIV"
        and entry["folkeregister"]["status"] == "bosatt"
        and entry["folkeregister"]["adressebeskyttelse"] == "ugradert"
        and entry["folkeregister"]["bostedsadresse"]
    }


def _send(konto_id: UUID, new: Innsending, actor: Aktor) -> UUID:
    with Innlasting(konto_id, actor=actor, innsending=new, nokkel=new.ekstern_referanse) as loading:
        loading.take("brev.pdf", [PDF.read_bytes()])
        return loading.register()


def _letter(plan: Brevplan, pid: str, person: Entry) -> Innsending:
    name = " ".join(part for part in (person["navn"]["fornavn"], person["navn"]["etternavn"]) if part)
    lives = person["bostedsadresse"]
    address = Adresse(
        name,
        lives["adresselinje1"],
        lives.get("adresselinje2") or "",
        postnr=lives["postnr"],
        poststed=lives["poststed"],
    )
    return Innsending(
        opphav=Opphav.V2,
        tittel=plan.tittel,
        navn=name,
        digital_id=pid,
        adresse=address,
        dokumenter=(Dokumentfakta("brev.pdf", "application/pdf"),),
        avgivende_system="Demo",
        konteringskode="AVG-2026",
        ekstern_referanse=plan.referanse,
    )

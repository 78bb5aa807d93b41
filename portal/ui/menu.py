"""The main menu. A link shows only where the route exists and the person may enter it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, request, url_for

from portal.access.actor import current_session, may_enter, runs_platform
from portal.access.table import TILGANG
from portal.session.login_sessions import sesjoner


@dataclass(frozen=True, slots=True)
class Punkt:
    """One menu entry; it is marked as current for paths that begin with `prefiks`."""

    endpoint: str
    ikon: str
    tekst: str
    prefiks: str


@dataclass(frozen=True, slots=True)
class Lenke:
    """A menu entry to show."""

    href: str
    ikon: str
    tekst: str
    valgt: bool


MENY: tuple[tuple[str, tuple[Punkt, ...]], ...] = (
    (
        "Tjenester",
        (
            Punkt("forvaltning.oversikt", "hus", "Oversikt", "/oversikt"),
            Punkt("utsending.liste", "papirfly", "Manuell utsending", "/utsendinger"),
            Punkt("mottak.liste", "innboks", "Manuelt mottak", "/mottak"),
            Punkt("svarut.forsendelser", "konvolutt", "Forsendelser", "/forsendelser"),
            Punkt("sms.oversikt", "telefon", "SMS", "/sms"),
            Punkt("oppslag.registeroppslag", "sok", "Registeroppslag", "/oppslag"),
            Punkt("utskrift.ko", "dokument", "Utskriftskø", "/print"),
        ),
    ),
    (
        "Administrasjon",
        (
            Punkt("organisasjon.oversikt", "tannhjul", "Konfigurasjon", "/konfigurasjon"),
            Punkt("organisasjon.tjenester", "hake", "Tjenester", "/tjenester"),
            Punkt("organisasjon.ressurser", "folk", "Ressurser og kontoer", "/ressurser"),
            Punkt("tilganger.oversikt", "skjold", "Tilganger", "/tilganger"),
            Punkt("integrasjoner.oversikt", "kobling", "Integrasjoner", "/integrasjoner"),
            Punkt("svarinn.oversikt", "oppdater", "Mottakersystemer", "/mottakersystemer"),
            Punkt("forvaltning.revisjonslogg", "logg", "Revisjonslogg", "/revisjonslogg"),
        ),
    ),
)

PLATTFORM: tuple[Punkt, ...] = (
    Punkt("rot.organisasjoner", "folk", "Organisasjoner", "/rot/organisasjoner"),
    Punkt("rot.avtaler", "dokument", "Avtaler", "/rot/avtaler"),
    Punkt("rot.integrasjoner", "kobling", "Globale integrasjoner", "/rot/integrasjoner"),
    Punkt("rot.drift", "klokke", "Drift", "/rot/drift"),
)
"""Pages for operators of the platform, with or without an organisation of their own."""


SHOWN_IF: Mapping[str, Callable[[UUID, UUID], bool]] = {
    "utskrift.ko": lambda person_id, organisasjon_id: sesjoner().prints_by_hand(person_id, organisasjon_id),
}
"""Pages shown only to persons who have a use for them: one query each, made only for those who may enter."""


def menu() -> list[tuple[str, list[Lenke]]]:
    """Return the groups with at least one link the person may follow."""
    groups = [(navn, [_link(p) for p in punkter if _may_show(p.endpoint)]) for navn, punkter in MENY]
    return [(navn, lenker) for navn, lenker in groups if lenker]


def platform_menu() -> list[tuple[str, list[Lenke]]]:
    """Return the operators' group; empty for everybody else, and in a process without those pages."""
    lenker = [_link(p) for p in PLATTFORM if has_route(p.endpoint)]
    return [("Plattformen", lenker)] if lenker and runs_platform() else []


def has_route(endpoint: str) -> bool:
    """Whether this process has the route; a process that serves only a part of the portal lacks some."""
    return endpoint in current_app.view_functions


def _may_show(endpoint: str) -> bool:
    krav = TILGANG.get(endpoint)
    return has_route(endpoint) and krav is not None and may_enter(krav) and _is_in_use(endpoint)


def _is_in_use(endpoint: str) -> bool:
    asks, sesjon = SHOWN_IF.get(endpoint), current_session().sesjon
    if asks is None:
        return True
    chosen = sesjon is not None and sesjon.person_id is not None and sesjon.organisasjon_id is not None
    return chosen and asks(sesjon.person_id, sesjon.organisasjon_id)


def _link(punkt: Punkt) -> Lenke:
    path = request.path
    valgt = path == punkt.prefiks or path.startswith(punkt.prefiks + "/")
    return Lenke(url_for(punkt.endpoint), punkt.ikon, punkt.tekst, valgt)

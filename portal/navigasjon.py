"""The main menu. A link shows only where the route exists and the person's privileges let them in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from portal.krav import TILGANG
from portal.tilgang import privileges_now, runs_platform


@dataclass(frozen=True, slots=True)
class Punkt:
    """One menu entry; `prefiks` is the path under which it is the current one."""

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
            Punkt("svarut.forsendelser", "konvolutt", "Forsendelser", "/forsendelser"),
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
            Punkt("forvaltning.revisjonslogg", "logg", "Revisjonslogg", "/revisjonslogg"),
        ),
    ),
)

PLATTFORM: tuple[Punkt, ...] = (
    Punkt("rot.organisasjoner", "folk", "Organisasjoner", "/rot/organisasjoner"),
    Punkt("rot.avtaler", "dokument", "Avtaler", "/rot/avtaler"),
    Punkt("rot.integrasjoner", "kobling", "Globale integrasjoner", "/rot/integrasjoner"),
)
"""What an operator of the platform may open, with or without an organisation of their own."""


def menu() -> list[tuple[str, list[Lenke]]]:
    """Return the groups with at least one link the person may follow."""
    groups = [(navn, [_link(p) for p in punkter if _open(p.endpoint)]) for navn, punkter in MENY]
    return [(navn, lenker) for navn, lenker in groups if lenker]


def platform_menu() -> list[tuple[str, list[Lenke]]]:
    """Return the operators' group, empty for everybody else."""
    return [("Plattformen", [_link(p) for p in PLATTFORM])] if runs_platform() else []


def _open(endpoint: str) -> bool:
    krav = TILGANG.get(endpoint)
    return endpoint in current_app.view_functions and krav is not None and krav.holds(privileges_now())


def _link(punkt: Punkt) -> Lenke:
    path = request.path
    valgt = path == punkt.prefiks or path.startswith(punkt.prefiks + "/")
    return Lenke(url_for(punkt.endpoint), punkt.ikon, punkt.tekst, valgt)

"""The matrix as a form: the boxes to draw, and the visitor's changes to the boxes that were shown.

Each row states the grants it showed, so a row that was not on the page can neither gain nor lose anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon.rules import Definisjon, Innehaver, Innehavertype, P, can_hold
from fiks.konfigurasjon.tilgang.matrix import Arv, Celle, Matrise, Matriserad
from portal.texts.formats import dato, format_end
from portal.texts.konfigurasjon.tilganger import INNEHAVERTYPER
from portal.tilganger.page_frame import address_of, privilege_name, search_text

ROW, BOX, SHOWN = "rad", "celle", "matrise.vist"
Onske = tuple[Innehaver, P]


@dataclass(frozen=True, slots=True)
class Valg:
    """The visitor's changes compared with what the page showed (`vist` is its digest)."""

    vist: str
    sok: str
    gi: tuple[Onske, ...]
    fjern: tuple[tuple[UUID, Innehaver, P], ...]

    def as_data(self) -> dict[str, Any]:
        """As JSON, to be kept until confirmed."""
        return {
            "vist": self.vist,
            "sok": self.sok,
            "gi": [[holder.type, str(holder.id), p] for holder, p in self.gi],
            "fjern": [[str(which), holder.type, str(holder.id), p] for which, holder, p in self.fjern],
        }

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Valg:
        """The changes from `as_data`."""
        gi = tuple((_holder(kind, which), P(p)) for kind, which, p in data["gi"])
        fjern = tuple((UUID(grant), _holder(kind, which), P(p)) for grant, kind, which, p in data["fjern"])
        return cls(data["vist"], data["sok"], gi, fjern)


def read(form: Mapping[str, str]) -> Valg:
    """The posted form as changes. UgyldigInndata("VALG_UGYLDIG") for a form no page of ours sends."""
    try:
        shown = {key: grant for name, value in form.items() for key, grant in _shown(name, value)}
        ticked = {_box(name) for name in form if name.startswith(f"{BOX}.")}
        rows = {_row(name) for name in form if name.startswith(f"{ROW}.")}
    except (ValueError, KeyError) as error:
        raise UgyldigInndata("VALG_UGYLDIG") from error
    given = sorted((key for key in ticked - set(shown) if key[0] in rows), key=str)
    taken = tuple((grant, holder, p) for (holder, p), grant in shown.items() if (holder, p) not in ticked)
    return Valg(form.get(SHOWN, ""), search_text(form.get("sok", "")) or "", tuple(given), taken)


def _shown(name: str, value: str) -> list[tuple[Onske, UUID]]:
    """The grants a row states it showed: «SVARUT.LESE=<id>» each."""
    if not name.startswith(f"{ROW}."):
        return []
    pairs = (part.split("=", 1) for part in value.split())
    return [((_row(name), P(privilege)), UUID(grant)) for privilege, grant in pairs]


def _row(name: str) -> Innehaver:
    _, kind, which = name.split(".", 2)
    return _holder(kind, which)


def _box(name: str) -> Onske:
    _, kind, which, privilege = name.split(".", 3)
    return _holder(kind, which), P(privilege)


def _holder(kind: str, which: str) -> Innehaver:
    return Innehaver(Innehavertype(kind), UUID(which))


@dataclass(frozen=True, slots=True)
class Rute:
    """A cell to draw: a box named `navn`, or only text. `endret`: its tick differs from what is stored."""

    navn: str
    etikett: str
    avkrysset: bool
    endret: bool
    merknader: list[str]
    arvet: list[Arv]


@dataclass(frozen=True, slots=True)
class Rad:
    """A row to draw; `side` is the holder's own page, empty if the visitor may not open it.

    `vist`: the grants the row shows, sent back with the form; `navn`: the row's field name, empty for a row
    without boxes.
    """

    rad: Matriserad
    side: str
    navn: str
    vist: str
    ruter: list[Rute]


def draw(matrise: Matrise, valg: Valg | None = None) -> list[tuple[str, list[Rad]]]:
    """The rows by kind of holder; `valg`: ticks from an outdated page, laid over what is stored now."""
    wanted: dict[Onske, bool] = {}
    if valg is not None:
        wanted = dict.fromkeys(valg.gi, True) | {(holder, p): False for _, holder, p in valg.fjern}
    return [
        (heading, rows)
        for kind, heading in INNEHAVERTYPER.items()
        if (rows := [_draw_row(matrise, row, wanted) for row in matrise.rader if row.innehaver.type == kind])
    ]


def _draw_row(matrise: Matrise, rad: Matriserad, wanted: Mapping[Onske, bool]) -> Rad:
    holder = rad.innehaver
    editable = matrise.kan_endre and holder.type is not Innehavertype.INTEGRASJON
    ruter = [_draw_cell(rad, d, wanted.get((holder, d.navn)), editable) for d in matrise.privilegier]
    direct = {p: cell.direkte for p, cell in rad.celler.items() if cell.direkte}
    vist = " ".join(f"{p}={grant.tilgang_id}" for p, grant in direct.items())
    name = f"{ROW}.{holder.type}.{holder.id}" if editable else ""
    return Rad(rad, _page_of(holder, matrise), name, vist, ruter)


def _page_of(holder: Innehaver, matrise: Matrise) -> str:
    """Address of the holder's page. Groups and machines belong to the whole organisation, so their links need
    a right there.
    """
    if holder.type is Innehavertype.PERSON:
        return address_of("tilganger.person", person_id=holder.id)
    if not matrise.sti[0].synlig:
        return ""
    if holder.type is Innehavertype.GRUPPE:
        return address_of("tilganger.gruppe", gruppe_id=holder.id)
    return address_of("integrasjoner.detalj", integrasjon_id=holder.id)


def _draw_cell(rad: Matriserad, definisjon: Definisjon, wanted: bool | None, editable: bool) -> Rute:
    """A box where something can be granted or revoked; an inherited grant can only be changed on the ressurs
    above.
    """
    cell, p, holder = rad.celler[definisjon.navn], definisjon.navn, rad.innehaver
    has = cell.direkte is not None
    boxed = editable and can_hold(holder.type, definisjon) and (has or not cell.arvet or wanted is True)
    return Rute(
        f"{BOX}.{holder.type}.{holder.id}.{p}" if boxed else "",
        f"{privilege_name(p)} – {rad.navn}",
        has if wanted is None else wanted,
        boxed and wanted is not None and wanted != has,
        _remarks(cell),
        cell.arvet,
    )


def _remarks(cell: Celle) -> list[str]:
    grant = cell.direkte
    if grant is None:
        return []
    found = [f"fra {dato(grant.gyldig_fra)}"] if grant.kommende else []
    found += [format_end(grant.gyldig_til)] if grant.gyldig_til else []
    return found + (["ikke brukt på 90 dager"] if grant.ubrukt else [])

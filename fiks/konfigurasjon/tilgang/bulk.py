"""Use case: many grants from a file, all of them or none.

The page shows the plan (what each row would do) and sends back its digest; grants are written only if the
plan is still the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.calendar import OSLO
from fiks.core.values.identifiers import Fnr
from fiks.konfigurasjon.models import Ressurs, Tilgang
from fiks.konfigurasjon.person.rules import may_be_name_of
from fiks.konfigurasjon.person.service import NyPerson, known_persons, persons_of
from fiks.konfigurasjon.rules import (
    POWERFUL,
    Innehaver,
    Innehavertype,
    P,
    Periode,
    is_definition,
    norwegian_order,
)
from fiks.konfigurasjon.tilgang.bulk_rules import MAX_ROWS, Filrad, Innhold, Radfeil, Ressursvalg, read_row
from fiks.konfigurasjon.tilgang.conditions import has_not_ended
from fiks.konfigurasjon.tilgang.holders import listed_names
from fiks.konfigurasjon.tilgang.lock import grant_change, require_administrator
from fiks.konfigurasjon.tilgang.queries import MAX_NODES, ressurser_with
from fiks.konfigurasjon.tilgang.rows import NyTilgang, insert_grants


class Utfall(StrEnum):
    """What will happen to a row of the file."""

    NY = "NY"
    FINNES = "FINNES"
    FEIL = "FEIL"


@dataclass(frozen=True, slots=True)
class Planrad:
    """One row of the file and what will happen to it.

    `ressurs` and `privilegium` are as written in the file when they match nothing known. `periode` is the
    row's own, or the existing grant's when it already exists (FINNES). `lik_rad` is the earlier row that says
    the same, or that has another name for the same number.
    """

    nr: int
    navn: str
    fnr_maskert: str
    ressurs: str
    ressurs_id: UUID | None
    privilegium: str
    periode: Periode
    begrunnelse: str
    utfall: Utfall
    feil: tuple[Radfeil, ...] = ()
    lik_rad: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What the file would do now. `digest` changes when the plan does, or any grant on the ressurser it
    names.
    """

    rader: list[Planrad]
    digest: str

    def count(self, utfall: Utfall) -> int:
        return sum(rad.utfall is utfall for rad in self.rader)

    @property
    def gir_administrator(self) -> bool:
        """Return whether it gives anybody ADMIN, which needs a login less than five minutes old."""
        return any(rad.utfall is Utfall.NY and rad.privilegium in POWERFUL for rad in self.rader)


@dataclass(frozen=True, slots=True)
class Resultat:
    """Outcome: grants given, grants that existed already, and number of persons."""

    gitt: int
    fantes: int
    personer: int


@dataclass(frozen=True, slots=True)
class Ressursvalgrad:
    """A ressurs a file may refer to, by name or id."""

    id: UUID
    navn: str
    type: str


def grantable_ressurser(organisasjon_id: UUID, *, actor: Aktor) -> list[Ressursvalgrad]:
    """Return the ressurser the actor may grant on, from the top of the tree down. IkkeTilgang when there are
    none.

    Error: FIL_FOR_MANGE_RESSURSER (422): there are so many that a name in a file could mean one that is not
    listed.
    """
    nodes = sorted(
        _administered_ressurser(organisasjon_id, actor).values(),
        key=lambda node: (len(node.sti), norwegian_order(node.navn), str(node.id)),
    )
    return [Ressursvalgrad(node.id, node.navn, node.type) for node in nodes]


def plan(organisasjon_id: UUID, rader: Sequence[Filrad], *, actor: Aktor) -> Plan:
    """Work out what every row would do, without changing anything. Only ressurser the actor administers are
    recognised.

    Raises IkkeTilgang when there are none, FIL_FOR_MANGE_TILGANGER (422), and what
    `grantable_ressurser` raises.
    """
    if len(rader) > MAX_ROWS:
        raise UgyldigInndata("FIL_FOR_MANGE_TILGANGER", grense=MAX_ROWS)
    nodes = _administered_ressurser(organisasjon_id, actor)
    choice = Ressursvalg.of({node.id: node.navn for node in nodes.values()})
    i_dag = database_now().astimezone(OSLO).date()
    read = [(rad, read_row(rad, i_dag=i_dag, syntetiske=current().synthetic_persons)) for rad in rader]
    persons = known_persons(rad.fnr for rad, innhold in read if Radfeil.FNR not in innhold.feil)
    held = _existing_grants(set(persons.values()), nodes)
    names = _visible_names(organisasjon_id, persons, actor)
    first: dict[str, Filrad] = {}
    seen: dict[tuple[str, UUID, str], int] = {}
    planned = []
    for rad, innhold in read:
        found = choice.find(rad.ressurs)
        node = nodes[found] if isinstance(found, UUID) else None
        feil = (*_faults(innhold, found, node), *_name_faults(rad, innhold, names, first))
        lik = first[rad.fnr].nr if Radfeil.NAVN_ULIKT in feil else None
        if not feil and node is not None:
            lik = seen.setdefault((rad.fnr, node.id, str(innhold.privilegium)), rad.nr)
            lik = None if lik == rad.nr else lik
            feil += (Radfeil.DOBBEL,) if lik else ()
        person_id = persons.get(rad.fnr)
        old = held.get((person_id, node.id, str(innhold.privilegium))) if person_id and node else None
        planned.append(_plan_row(rad, innhold, node, feil, lik, old))
    return Plan(planned, _digest(planned))


def _visible_names(organisasjon_id: UUID, persons: Mapping[str, UUID], actor: Aktor) -> dict[str, str]:
    """Return, by personal number, the names of those persons who are listed on the page Personer. Other
    persons' names are not revealed.
    """
    known = listed_names(organisasjon_id, persons.values(), actor=actor)
    return {number: known[person_id] for number, person_id in persons.items() if person_id in known}


def _name_faults(
    rad: Filrad, innhold: Innhold, names: Mapping[str, str], first: dict[str, Filrad]
) -> tuple[Radfeil, ...]:
    """Faults of a row's name: the number belongs to somebody with another name, or an earlier row has another
    name for the number.
    """
    if {Radfeil.FNR, Radfeil.NAVN} & set(innhold.feil):
        return ()
    if not may_be_name_of(names.get(rad.fnr, ""), rad.navn):
        return (Radfeil.NAVN_ANNET,)
    before = first.setdefault(rad.fnr, rad)
    return () if may_be_name_of(before.navn, rad.navn) else (Radfeil.NAVN_ULIKT,)


def _faults(innhold: Innhold, found: UUID | Radfeil, node: Ressurs | None) -> tuple[Radfeil, ...]:
    feil = innhold.feil
    if isinstance(found, Radfeil):
        return (*feil, found)
    if innhold.privilegium is not None and node is not None:
        fits = is_definition(innhold.privilegium, node.type)
        return feil if fits else (*feil, Radfeil.PRIVILEGIUM_PASSER_IKKE)
    return feil


def _plan_row(
    rad: Filrad,
    innhold: Innhold,
    node: Ressurs | None,
    feil: tuple[Radfeil, ...],
    lik: int | None,
    old: Periode | None,
) -> Planrad:
    return Planrad(
        nr=rad.nr,
        navn=" ".join(rad.navn.split()),
        fnr_maskert="" if Radfeil.FNR in innhold.feil else Fnr.parse(rad.fnr).masked,
        ressurs=node.navn if node else rad.ressurs.strip(),
        ressurs_id=node.id if node else None,
        privilegium=str(innhold.privilegium or rad.privilegium.strip()),
        periode=innhold.periode if old is None else old,
        begrunnelse=rad.begrunnelse.strip(),
        utfall=Utfall.FEIL if feil else Utfall.NY if old is None else Utfall.FINNES,
        feil=feil,
        lik_rad=lik,
    )


def _administered_ressurser(organisasjon_id: UUID, actor: Aktor) -> dict[UUID, Ressurs]:
    """Return the open ressurser of the organisation on which the actor may grant."""
    found = ressurser_with(actor, P.ADMIN, organisasjon_id, limit=MAX_NODES + 1)
    if not found or actor.integrasjon_id is not None:
        raise IkkeTilgang("MANGLER_PRIVILEGIUM")
    if len(found) > MAX_NODES:
        raise UgyldigInndata("FIL_FOR_MANGE_RESSURSER", grense=MAX_NODES)
    return {node.id: node for node in found}


def _existing_grants(persons: set[UUID], nodes: dict[UUID, Ressurs]) -> dict[tuple[UUID, UUID, str], Periode]:
    """Return the grants these persons hold directly on these ressurser, with their periods."""
    rows = session().execute(
        select(
            Tilgang.person_id, Tilgang.ressurs_id, Tilgang.privilegium, Tilgang.gyldig_fra, Tilgang.gyldig_til
        ).where(Tilgang.person_id.in_(persons), Tilgang.ressurs_id.in_(nodes), has_not_ended())
    )
    return {(row[0], row[1], row[2]): Periode(row[3], row[4]) for row in rows if row[0] is not None}


def _digest(planned: Sequence[Planrad]) -> str:
    """Digest of what the rows would do and of every grant on the ressurser they name."""
    ressurser = {rad.ressurs_id for rad in planned if rad.ressurs_id is not None}
    rows = session().execute(
        select(Tilgang.id, Tilgang.gyldig_til)
        .where(Tilgang.ressurs_id.in_(ressurser), has_not_ended())
        .order_by(Tilgang.id)
    )
    lines = [f"{row[0]} {_iso_time(row[1])}" for row in rows]
    for rad in planned:
        fra, til = _iso_time(rad.periode.fra), _iso_time(rad.periode.til)
        lines.append(f"{rad.nr} {rad.utfall} {rad.ressurs_id} {rad.privilegium} {fra} {til}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _iso_time(value: datetime | None) -> str:
    return value.isoformat() if value else "-"


def grant_from_file(organisasjon_id: UUID, rader: Sequence[Filrad], *, vist: str, actor: Aktor) -> Resultat:
    """Give every grant in the file that does not exist already. `vist` is the digest of the plan that was
    shown.

    Errors: Konflikt("TILGANGER_ENDRET") when the plan has changed since; FILEN_HAR_FEIL (422) while any row
    is unusable; FILEN_GIR_INGENTING (422); IkkeTilgang("NY_INNLOGGING") for ADMIN without a fresh login.
    """
    with grant_change(organisasjon_id) as tx:
        now = plan(organisasjon_id, rader, actor=actor)
        if now.count(Utfall.FINNES) == len(now.rader):
            raise UgyldigInndata("FILEN_GIR_INGENTING")
        if now.digest != vist:
            raise Konflikt("TILGANGER_ENDRET")
        if now.count(Utfall.FEIL):
            raise UgyldigInndata("FILEN_HAR_FEIL", antall=now.count(Utfall.FEIL))
        new = [(rad, line) for rad, line in zip(rader, now.rader, strict=True) if line.utfall is Utfall.NY]
        nodes = {}
        for ressurs_id in {line.ressurs_id for _, line in new if line.ressurs_id is not None}:
            require_administrator(actor, ressurs_id)
            nodes[ressurs_id] = tx.get_one(Ressurs, ressurs_id)
        persons = _insert_planned(new, nodes, actor)
        done = Resultat(len(new), now.count(Utfall.FINNES), len(persons))
        audit.record(
            actor,
            "TILGANGER_GITT_FRA_FIL",
            "organisasjon",
            organisasjon_id,
            organisasjon_id=organisasjon_id,
            antall=done.gitt,
            fantes=done.fantes,
            personer=done.personer,
        )
        return done


def _insert_planned(
    new: Sequence[tuple[Filrad, Planrad]], nodes: Mapping[UUID, Ressurs], actor: Aktor
) -> set[UUID]:
    """Insert the planned grants; return the persons who got them."""
    persons = persons_of([NyPerson(rad.fnr, line.navn) for rad, line in new])
    insert_grants(
        [
            NyTilgang(
                nodes[ressurs_id],
                Innehaver(Innehavertype.PERSON, person_id),
                P(line.privilegium),
                line.periode,
                line.begrunnelse,
            )
            for person_id, (_, line) in zip(persons, new, strict=True)
            if (ressurs_id := line.ressurs_id) is not None
        ],
        actor=actor,
    )
    return set(persons)

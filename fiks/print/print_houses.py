"""Print houses and their agreements, and which house serves a class of letters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from config.settings import HOUSE_CODE
from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.crypto.cms_writer import load_certificate
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon.operators import require_root
from fiks.print.handover.packing import PORTION
from fiks.print.models import Leverandor, Ordre
from fiks.print.rules import GRENSER, Konfidensialitetsklasse
from fiks.print.states import Ordrestatus

LONGEST_WAIT = 86_400
LAST_PRIORITY, NEW_PRIORITY = 1_000, 500
"""A new house ranks after the existing ones (100) until decided otherwise, so that it gets no orders merely
by being added.
"""
MOST_SHEETS = 1_000


@dataclass(frozen=True, slots=True)
class Vilkar:
    """Changes to an agreement; None leaves a field as it is. `ventetid_sekunder` 0-86400; `sertifikat` is
    PEM.

    `klasser`: all classes the house may have. `prioritet` 1-1000: of the houses that have a class, the lowest
    gets its orders. `c5_ark`, `c4_ark`: the most sheets an envelope takes by machine.
    """

    brev_per_pakke: int | None = None
    ventetid_sekunder: int | None = None
    samlefil: bool | None = None
    sertifikat: bytes | None = None
    klasser: tuple[str, ...] | None = None
    prioritet: int | None = None
    aktiv: bool | None = None
    c5_ark: int | None = None
    c4_ark: int | None = None


@dataclass(frozen=True, slots=True)
class Avtale:
    """The agreement with a print house."""

    kode: str
    navn: str
    klasser: tuple[str, ...]
    brev_per_pakke: int
    ventetid_sekunder: int
    samlefil: bool
    sertifikat: str | None
    prioritet: int
    aktiv: bool
    c5_ark: int
    c4_ark: int


def add_house(kode: str, navn: str, vilkar: Vilkar, *, actor: Aktor) -> Avtale:
    """Add an agreement with a new print house; for operators of the platform, audited.

    `kode` is the code used in the setting PRINT_HUS. Raises UgyldigInndata TRYKKERIKODE_UGYLDIG,
    TRYKKERINAVN_MANGLER and those of `change_agreement`; Konflikt TRYKKERIET_FINNES.
    """
    require_root(actor)
    if not HOUSE_CODE.fullmatch(kode):
        raise UgyldigInndata("TRYKKERIKODE_UGYLDIG", felt="kode")
    if not navn.strip():
        raise UgyldigInndata("TRYKKERINAVN_MANGLER", felt="navn")
    changes = {"prioritet": NEW_PRIORITY} | _checked_changes(vilkar)
    _check_envelopes(changes.get("c5_ark", GRENSER.c5_ark), changes.get("c4_ark", GRENSER.c4_ark))
    with transaction() as tx:
        row = insert(Leverandor).values(kode=kode, navn=navn.strip(), **changes).on_conflict_do_nothing()
        if tx.execute(row.returning(Leverandor.kode)).first() is None:
            raise Konflikt("TRYKKERIET_FINNES")
        audit.record(actor, "PRINTAVTALE_INNGATT", "printleverandor", kode, navn=navn.strip())
        return _agreement_of(tx.get_one(Leverandor, kode))


def change_agreement(kode: str, vilkar: Vilkar, *, actor: Aktor) -> Avtale:
    """Change the agreement with a print house and return it; for operators of the platform, audited.

    Raises UgyldigInndata BREV_PER_PAKKE_UGYLDIG, VENTETID_UGYLDIG, TRYKKERISERTIFIKAT_UGYLDIG, KLASSE_UKJENT,
    PRIORITET_UGYLDIG, KONVOLUTTGRENSE_UGYLDIG; IkkeFunnet.
    """
    require_root(actor)
    changes = _checked_changes(vilkar)
    with transaction() as tx:
        house = tx.get(Leverandor, kode, with_for_update=True, populate_existing=True)
        if house is None or house.manuell:
            raise IkkeFunnet("FINNES_IKKE")
        for name, value in changes.items():
            setattr(house, name, value)
        _check_envelopes(house.c5_ark, house.c4_ark)
        if changes:
            audit.record(
                actor, "PRINTAVTALE_ENDRET", "printleverandor", kode, felt=", ".join(sorted(changes))
            )
        tx.flush()
        return _agreement_of(house)


def _checked_changes(vilkar: Vilkar) -> dict[str, Any]:
    changes: dict[str, Any] = {name: value for name, value in asdict(vilkar).items() if value is not None}
    for felt, kode, least, most in (
        ("brev_per_pakke", "BREV_PER_PAKKE_UGYLDIG", 1, PORTION),
        ("ventetid_sekunder", "VENTETID_UGYLDIG", 0, LONGEST_WAIT),
        ("prioritet", "PRIORITET_UGYLDIG", 1, LAST_PRIORITY),
        ("c5_ark", "KONVOLUTTGRENSE_UGYLDIG", 1, MOST_SHEETS),
        ("c4_ark", "KONVOLUTTGRENSE_UGYLDIG", 1, MOST_SHEETS),
    ):
        value = getattr(vilkar, felt)
        if value is not None and not least <= value <= most:
            raise UgyldigInndata(kode, felt=felt, grense=most)
    if vilkar.klasser is not None:
        if not vilkar.klasser or not set(vilkar.klasser) <= set(Konfidensialitetsklasse):
            raise UgyldigInndata("KLASSE_UKJENT", felt="klasser")
        changes["klasser"] = sorted(set(vilkar.klasser))
    if vilkar.sertifikat is not None:
        try:
            load_certificate(vilkar.sertifikat)
        except ValueError as error:
            raise UgyldigInndata("TRYKKERISERTIFIKAT_UGYLDIG", felt="sertifikat") from error
        changes["sertifikat"] = vilkar.sertifikat.decode("ascii")
    return changes


def _check_envelopes(c5_ark: int, c4_ark: int) -> None:
    if c5_ark > c4_ark:
        raise UgyldigInndata("KONVOLUTTGRENSE_UGYLDIG", felt="c5_ark", grense=c4_ark)


def _agreement_of(house: Leverandor) -> Avtale:
    return Avtale(
        house.kode,
        house.navn,
        tuple(house.klasser),
        house.brev_per_pakke,
        house.ventetid_sekunder,
        house.samlefil,
        house.sertifikat,
        house.prioritet,
        house.aktiv,
        house.c5_ark,
        house.c4_ark,
    )


def house_for_class(klasse: Konfidensialitetsklasse) -> Avtale | None:
    """Return the print house that gets orders of this class, or None."""
    chosen = (
        select(Leverandor)
        .where(Leverandor.aktiv, ~Leverandor.manuell, Leverandor.klasser.contains([str(klasse)]))
        .order_by(Leverandor.prioritet, Leverandor.kode)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    house = session().scalars(chosen).first()
    return None if house is None else _agreement_of(house)


@dataclass(frozen=True, slots=True)
class Trykkeristand:
    """A print house, the classes whose orders it gets now, and how many of its orders are not handed over."""

    avtale: Avtale
    far: tuple[str, ...]
    venter: int


def overview() -> list[Trykkeristand]:
    """Return every print house, by code."""
    gets: dict[str, list[str]] = {}
    for klasse in Konfidensialitetsklasse:
        house = house_for_class(klasse)
        if house is not None:
            gets.setdefault(house.kode, []).append(str(klasse))
    counts = select(Ordre.leverandor, func.count()).where(Ordre.status == Ordrestatus.MOTTATT)
    waiting = dict(session().execute(counts.group_by(Ordre.leverandor)).all())
    rows = session().scalars(
        select(Leverandor)
        .where(~Leverandor.manuell)
        .order_by(Leverandor.kode)
        .execution_options(populate_existing=True)
    )
    return [
        Trykkeristand(_agreement_of(row), tuple(gets.get(row.kode, ())), waiting.get(row.kode, 0))
        for row in rows
    ]

"""`fiks explain ID`: everything known about a letter, hand-over, print order, package or mailing, without
names of persons.

A letter's title is left out too, as it may hold a name; the sender is given as organisation and konto, who
find the letter by its id. The ids are those in logs and alarms. A hand-over and its print order share one id.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.db import session
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.print.models import Ordre, Ordrehendelse, Pakke
from fiks.svarut import history
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.utsending.models import Utsending, Utsendingshendelse
from workers.process import Process

MOST, MOST_EVENTS = 50, 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("id", help="id-en til en forsendelse, levering, printordre, pakke eller utsending")


def run(process: Process, options: argparse.Namespace) -> int:
    """Print what has this id; return 1 when nothing has."""
    try:
        asked = UUID(options.id)
    except ValueError:
        raise ValueError(f"«{options.id}» er ingen id: den har formen {UUID(int=0)}") from None
    with process.app.app_context():
        lines = next(filter(None, (list(tell(asked)) for tell in KINDS)), None)
    print(
        "\n".join(
            lines or ["Fant ingen forsendelse, levering, printordre, pakke eller utsending med denne id-en."]
        )
    )
    return int(lines is None)


def _letter(asked: UUID) -> Iterator[str]:
    letter = session().get(Forsendelse, asked)
    if letter is None:
        return
    kanal, regel = letter.kanal or "-", letter.kanalregel or "-"
    yield f"forsendelse {letter.id}  {letter.status}  kanal {kanal}  regel {regel}"
    yield f"  {_sender(letter.konto_id)}"
    if letter.utsending_id:
        yield f"  utsending {letter.utsending_id}  rad {letter.radnr}"
    if request_id := history.request_ids_of([letter.id]).get(letter.id):
        yield f"  forespørsel {request_id}"
    for h in session().scalars(select(Levering).where(Levering.forsendelse_id == asked).limit(MOST)):
        yield f"  levering {h.id}  {h.kanal or '-'}  {h.status}  forsøk {h.forsok}  {h.feilkode or ''}"
    for ordre in session().scalars(select(Ordre).where(Ordre.kilde_id == asked).limit(MOST)):
        yield f"  {_order_line(ordre)}"
    events = select(Hendelse).where(Hendelse.forsendelse_id == asked).order_by(Hendelse.lopenr)
    for e in session().scalars(events.limit(MOST_EVENTS)):
        yield f"  {e.lopenr:>3}  {_at(e.tid)}  {e.art:<11}  {e.kode:<28}  {_moved(e.fra, e.til)}"


def _hand_over(asked: UUID) -> Iterator[str]:
    """Yield the hand-over, its print order if there is one, and the history of its letter."""
    levering = session().get(Levering, asked)
    if levering is None:
        return
    yield f"Dette er en levering av forsendelsen {levering.forsendelse_id}:"
    yield f"levering {levering.id}  {levering.status}  bane {levering.bane}  kanal {levering.kanal or '-'}"
    yield f"  forsøk {levering.forsok}  neste {_at(levering.neste_forsok)}  {levering.feilkode or ''}"
    if levering.uavklart_siden:
        yield f"  uavklart siden {_at(levering.uavklart_siden)}, {levering.tomme_oppslag} oppslag uten funn"
    yield from _order(asked)
    yield from _letter(levering.forsendelse_id)


def _order(asked: UUID) -> Iterator[str]:
    ordre = session().get(Ordre, asked)
    if ordre is None:
        return
    yield _order_line(ordre)
    yield f"  for {ordre.kilde} {ordre.kilde_id}  omgang {ordre.omgang}  {ordre.feilkode or ''}"
    yield f"  overlevert {_at(ordre.overlevert)}  i trykkeriets liste {_at(ordre.sett_hos_leverandor)}"
    events = select(Ordrehendelse).where(Ordrehendelse.ordre_id == asked).order_by(Ordrehendelse.lopenr)
    for e in session().scalars(events.limit(MOST_EVENTS)):
        yield f"  {e.lopenr:>3}  {_at(e.tid)}  {e.kode:<28}  {_moved(e.fra, e.til)}"


def _order_line(ordre: Ordre) -> str:
    return f"printordre {ordre.id}  {ordre.status}  {ordre.leverandor}  pakke {ordre.pakke_id or '-'}"


def _package(asked: UUID) -> Iterator[str]:
    pakke = session().get(Pakke, asked)
    if pakke is None:
        return
    yield f"pakke {pakke.id}  {pakke.status}  {pakke.leverandor}  {pakke.antall} ordrer"
    yield f"  forsøk {pakke.forsok}  neste {_at(pakke.neste_forsok)}  {pakke.feilkode or ''}"
    yield f"  første kall {_at(pakke.forste_kall)}  overlevert {_at(pakke.overlevert)}"
    if pakke.uavklart_siden:
        yield f"  uavklart siden {_at(pakke.uavklart_siden)}, {pakke.tomme_oppslag} oppslag uten funn"
    inside = select(Ordre).where(Ordre.pakke_id == asked).order_by(Ordre.id)
    for ordre in session().scalars(inside.limit(MOST)):
        yield f"  {_order_line(ordre)}  for {ordre.kilde} {ordre.kilde_id}"
    if pakke.antall > MOST:
        yield f"  (de første {MOST} av ordrene)"


def _mailing(asked: UUID) -> Iterator[str]:
    utsending = session().get(Utsending, asked)
    if utsending is None:
        return
    yield f"utsending {utsending.id}  nr {utsending.nr}  {utsending.status}  {utsending.antall_rader} rader"
    yield f"  {_sender(utsending.konto_id)}  frigis {_at(utsending.frigis_tid)}"
    counts = select(Forsendelse.status, func.count()).where(Forsendelse.utsending_id == asked)
    for status, antall in session().execute(counts.group_by(Forsendelse.status).order_by(Forsendelse.status)):
        yield f"  {antall:>7} forsendelser {status}"
    counts = select(Levering.status, func.count()).where(Levering.utsending_id == asked)
    for status, antall in session().execute(counts.group_by(Levering.status).order_by(Levering.status)):
        yield f"  {antall:>7} leveringer {status}"
    events = select(Utsendingshendelse).where(Utsendingshendelse.utsending_id == asked)
    for e in session().scalars(events.order_by(Utsendingshendelse.lopenr).limit(MOST_EVENTS)):
        yield f"  {e.lopenr:>3}  {_at(e.tid)}  {_moved(e.fra, e.til)}"


def _sender(konto_id: UUID) -> str:
    """Return the sender by the names its kommune knows it by."""
    found = select(Organisasjon.navn, Konto.visningsnavn).join(
        Konto, Konto.organisasjon_id == Organisasjon.id
    )
    navn, konto = session().execute(found.where(Konto.id == konto_id)).one()
    return f"organisasjon {navn}  konto {konto}"


def _at(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "-"


def _moved(fra: str | None, til: str | None) -> str:
    return f"{fra or ''} → {til}" if til else ""


KINDS: tuple[Callable[[UUID], Iterator[str]], ...] = (_letter, _hand_over, _order, _package, _mailing)

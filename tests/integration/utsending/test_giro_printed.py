"""The giro page of letters made elsewhere, from the konto's choice to the print house: a sheet with an empty back."""

from __future__ import annotations

import io
from typing import Any, cast

import pikepdf
import pypdfium2
import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.core.environment import current
from fiks.pdf.page_images import is_blank
from fiks.print.models import Ordre
from fiks.svarut.models import Forsendelse
from fiks.utsending.approval import service
from fiks.utsending.cost import estimate
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.models import Utsending
from fiks.utsending.samlet import queries
from fiks.utsending.samlet.queries import Kilde
from tests.integration.databases import QuickProcess
from tests.integration.utsending.bigfiles import SAMLET, begin_with, read_letters, set_up, two_pages, work
from tests.integration.utsending.jobs import produce, send_everything, status
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.integration.worlds import World
from workers.channels import Utskrift

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("at_noon")]
LAST = Girovalg(Giroside.SISTE)


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


@pytest.fixture
def paper(outside: World, process: QuickProcess) -> None:
    """Print files are merged as they are for a real print house."""
    outside.print = cast(Any, Utskrift(lambda: process.printer, lambda: process.merger))


def orders_of(utsending_id: object) -> list[Ordre]:
    session().rollback()
    mine = select(Ordre).join(Forsendelse, Forsendelse.id == Ordre.kilde_id)
    return list(session().scalars(mine.where(Forsendelse.utsending_id == utsending_id)))


def print_file(order: Ordre) -> bytes:
    env = current()
    assert order.objekt is not None and order.nokkel is not None
    return b"".join(env.store.read_document(order.objekt, order.nokkel, env.keys))


def drawn(page: pikepdf.Page) -> list[bytes]:
    """The page's own drawing, stream by stream."""
    content = page.obj.get("/Contents", [])
    streams = list(content) if isinstance(content, pikepdf.Array) else [content]
    return [one.read_bytes() for one in streams]


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize("tosidig", [True, False])
def test_a_giro_page_is_printed_on_a_sheet_of_its_own_and_named_in_the_order(
    kommune: Kommune, process: QuickProcess, tosidig: bool
) -> None:
    utsending_id = begin_with(kommune, tosidig=tosidig)
    work(process)
    set_up(kommune, utsending_id, process, two_pages(giro=LAST))
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == "TIL_GODKJENNING"
    estimated = estimate.estimate_cost(utsending_id, actor=kommune.aktor("godkjenner"))
    send_everything(kommune, utsending_id, process)
    orders = orders_of(utsending_id)
    assert orders, "some of Lillevik's receivers get paper"
    # The cover sheet, the first page, and the giro page with nothing behind it: three sheets printed on both sides.
    assert {(order.sider, tuple(order.giroark)) for order in orders} == {(6, (5,)) if tosidig else (3, (3,))}
    assert estimated.ark == 3 * sum(k.brev for k in estimated.konteringer) == 3 * len(orders)
    for order in orders:
        [giro] = order.giroark
        with pypdfium2.PdfDocument(print_file(order)) as pdf:
            bare = [number for number, page in enumerate(pdf, 1) if is_blank(page)]
        assert giro not in bare
        assert bare[-2:] == ([4, 6] if tosidig else bare[-2:])
        letter = session().get_one(Forsendelse, order.kilde_id)
        assert letter.radnr is not None
        with pikepdf.Pdf.open(io.BytesIO(print_file(order))) as made, pikepdf.Pdf.open(SAMLET) as source:
            assert drawn(made.pages[giro - 1]) == drawn(source.pages[2 * letter.radnr - 1])


def test_the_choice_is_the_kontos_and_follows_its_next_big_file(
    kommune: Kommune, process: QuickProcess, outside: World
) -> None:
    read_letters(kommune, process, oppsett=two_pages(giro=LAST))
    again = begin_with(kommune)
    work(process)
    offered = queries.offered_setups(again, actor=kommune.aktor("saksbehandler"))
    assert offered[Kilde.HUSKET].giro == LAST


def test_another_giro_page_is_another_mailing_to_approve(
    kommune: Kommune, process: QuickProcess, outside: World
) -> None:
    digests = []
    for valg in (LAST, Girovalg(Giroside.NUMMER, 1)):
        utsending_id = begin_with(kommune)
        work(process)
        set_up(kommune, utsending_id, process, two_pages(giro=valg))
        produce(kommune, utsending_id, process)
        digests.append(session().get_one(Utsending, utsending_id, populate_existing=True).innhold_digest)
        service.withdraw(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert None not in digests and digests[0] != digests[1]

"""What is previewed is what is sent; test letters are never counted; nothing can be read in the raw tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select, update

from config.paths import FONTS
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang
from fiks.core.telemetry import trace
from fiks.konfigurasjon.models import Organisasjon, Tilgang
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import service
from fiks.print.rules import Trykksak
from fiks.svarut import history
from fiks.svarut.letters import Brev, read_checked
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane, Status
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.jobs import queue
from fiks.utsending.letters import preview, test_letter
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Delart, Delstatus, Utsendingstatus
from fiks.utsending.sealed_values import row_values
from fiks.utsending.sending import progress
from tests.integration.databases import Database, QuickProcess
from tests.integration.printers import FakePages, FakePrinter, one_page
from tests.integration.utsending.jobs import (
    begin,
    few_rows,
    name_in,
    produce,
    read,
    rows_of,
    send_everything,
)
from tests.integration.utsending.kommuner import ROOT, Kommune, Mailing, make_kommune, make_mailing
from tests.integration.worlds import World
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus


class ReadingPort:
    """A channel that keeps the very bytes it was given."""

    def __init__(self) -> None:
        self.fikk: dict[str, bytes] = {}

    def send(self, referanse: str, brev: Brev) -> str:
        self.fikk[str(brev.radnr)] = read_checked(brev.dokumenter[0])
        return referanse

    def lookup(self, referanse: str) -> str | None:
        return None

    def print_file(self, brev: Brev) -> Trykksak:
        self.send("", brev)
        return Trykksak(self.fikk[str(brev.radnr)], 1)


def previewed(kommune: Kommune, utsending_id: UUID, radnr: int, printer: Any, process: QuickProcess) -> bytes:
    """The letter of a row as somebody who prepares sees it."""
    actor = kommune.aktor("saksbehandler")
    del_id = preview.order_preview(utsending_id, radnr, actor=actor)
    part = queue.claim_piece([Delart.FORHANDSVISNING], process.owner.ensure())
    assert part is not None
    preview.make_preview(part, printer, FakePages())
    assert preview.preview(utsending_id, del_id, actor=actor).status is Delstatus.FERDIG
    return preview.preview_file(utsending_id, del_id, 0, actor=actor)


def add_letterhead(kommune: Kommune) -> None:
    """What a real letter must be able to say about its sender."""
    with transaction() as tx:
        tx.execute(
            update(Organisasjon)
            .where(Organisasjon.id == kommune.id)
            .values(
                adresselinje1="Bryggeplassen 1",
                postnr="4262",
                poststed="AVALDSNES",
                epost="eiendomsskatt@lillevik.kommune.example",
                telefon="00 00 00 00",
                nettsted="lillevik.kommune.example",
                apningstid="Mandag–fredag 9–15",
            )
        )


def test_what_is_previewed_is_byte_for_byte_what_is_sent(
    process: QuickProcess, outside: World, tmp_path: Path
) -> None:
    printer = Brevtrykker(FONTS)
    process.put(QuickProcess.printer, printer)
    kommune = make_kommune()
    add_letterhead(kommune)
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    before = previewed(kommune, utsending_id, 2, printer, process)
    assert before.startswith(b"%PDF")
    produce(kommune, utsending_id, process)
    waiting = previewed(kommune, utsending_id, 2, printer, process)
    port = ReadingPort()
    outside.dpi = outside.altinn = outside.print = cast(Any, port)
    process.forget(QuickProcess.world_and_feeds)
    send_everything(kommune, utsending_id, process)
    printer.close()
    assert sorted(port.fikk) == ["2", "3"]
    assert port.fikk["2"] == before == waiting
    assert port.fikk["3"] != before


def test_a_preview_is_shown_to_the_one_who_asked_for_it_and_to_nobody_else(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    del_id = preview.order_preview(utsending_id, 2, actor=kommune.aktor("saksbehandler"))
    for rolle in ("godkjenner", "leser", "utenfor"):
        with pytest.raises(Exception, match="FINNES_IKKE"):
            preview.preview(utsending_id, del_id, actor=kommune.aktor(rolle))


def protect(mailing: Mailing) -> None:
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id).values(skjermet=True)
        )


def drawn_by(actor: Aktor, mailing: Mailing, process: QuickProcess) -> int:
    """A preview of the first row that this person has ordered, drawn."""
    del_id = preview.order_preview(mailing.id, 2, actor=actor)
    part = queue.claim_piece([Delart.FORHANDSVISNING], process.owner.ensure())
    assert part is not None and part.id == del_id
    preview.make_preview(part, FakePrinter(), FakePages())
    assert preview.preview_file(mailing.id, del_id, 0, actor=actor).startswith(b"%PDF")
    return del_id


def test_what_was_drawn_of_a_protected_person_is_gone_with_the_right_to_see_it(
    kommune: Kommune, process: QuickProcess
) -> None:
    mailing, actor = make_mailing(kommune, 1), kommune.aktor("saksbehandler")
    protect(mailing)
    service.grant_privilegium(actor.person_id, P.SE_SPERRET, kommune.konto_id, actor=ROOT)  # type: ignore[arg-type]
    del_id = drawn_by(actor, mailing, process)
    given = select(Tilgang.id).where(
        Tilgang.person_id == actor.person_id, Tilgang.privilegium == P.SE_SPERRET
    )
    service.revoke(session().scalars(given).one(), actor=ROOT)
    refuse_to_show(mailing, del_id, actor)


def test_what_was_drawn_before_a_control_found_the_person_protected_is_not_shown_after_it(
    kommune: Kommune, process: QuickProcess
) -> None:
    mailing, actor = make_mailing(kommune, 1), kommune.aktor("saksbehandler")
    del_id = drawn_by(actor, mailing, process)
    protect(mailing)
    refuse_to_show(mailing, del_id, actor)


def refuse_to_show(mailing: Mailing, del_id: int, actor: Aktor) -> None:
    with pytest.raises(IkkeTilgang):
        preview.preview(mailing.id, del_id, actor=actor)
    for nr in (0, 1):
        with pytest.raises(IkkeTilgang):
            preview.preview_file(mailing.id, del_id, nr, actor=actor)


def test_a_preview_that_cannot_be_made_says_why(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    actor = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    process.put(QuickProcess.printer, FakePrinter(frozenset({name_in(utsending_id, 2)})))
    del_id = preview.order_preview(utsending_id, 2, actor=actor)
    session().rollback()
    assert do_portion("forhandsvisning", process) == 1
    shown = preview.preview(utsending_id, del_id, actor=actor)
    assert (shown.status, shown.feilkode, shown.feilfelt, shown.sider) == (
        Delstatus.FEILET,
        "FELT_MANGLER",
        "kid",
        0,
    )


def test_a_test_letter_goes_to_the_one_who_asked_and_is_never_counted(
    process: QuickProcess, outside: World, tmp_path: Path
) -> None:
    kommune = make_kommune()
    actor = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    with trace.continue_trace("r-20"):
        test_letter.order_test_letter(utsending_id, 2, actor=actor)
    session().rollback()
    assert do_portion("forhandsvisning", process) == 1
    sent = session().scalars(select(Forsendelse)).one()
    assert (sent.prove, sent.utsending_id, sent.kun_digital) == (True, None, True)
    assert sent.tittel.startswith("PRØVEBREV: ")
    assert history.request_ids_of([sent.id]) == {sent.id: "r-20"}
    assert progress.progress(utsending_id, actor=actor).per_status == {}
    session().rollback()
    do_portion(Bane.ENKELT, process)
    session().rollback()
    assert session().get_one(Forsendelse, sent.id).status == Status.IKKE_LEVERT


def test_a_test_letter_demands_the_login_that_the_letters_do(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    with transaction() as tx:
        tx.get_one(Utsending, utsending_id).sikkerhetsniva = "HOYESTE"
    test_letter.order_test_letter(utsending_id, 2, actor=kommune.aktor("saksbehandler"))
    session().rollback()
    assert do_portion("forhandsvisning", process) == 1
    sent = session().scalars(select(Forsendelse).where(Forsendelse.konto_id == kommune.konto_id)).one()
    assert (sent.prove, sent.sikkerhetsniva) == (True, "HOYESTE")


def test_the_search_for_secrets_would_find_one(database: Database) -> None:
    with database.owner() as owner:
        owner.execute("INSERT INTO banestatus (navn) VALUES ('17912099997')")
    assert b"17912099997" in database.dump()
    assert one_page("x") != one_page("y")


def test_column_for_column_what_names_a_receiver_is_encrypted(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    with transaction() as tx:
        tx.execute(update(Utsendingsrad).values(eksternref=None))
    for row in rows_of(utsending_id):
        assert row.data_kryptert is not None
        values = row_values(row)
        assert values["navn"].encode() not in row.data_kryptert
        for column in Utsendingsrad.__table__.columns:
            stored = str(getattr(row, column.name))
            assert values["navn"] not in stored
            assert (values.get("fnr") or values.get("orgnr") or "ingen") not in stored

"""What is chosen about rows is about those that are bad or out of reach now, and accepts nothing that was proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.draft.confirm import Utenfor
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.receivers import typed, uploads
from fiks.utsending.rows import queries
from fiks.utsending.rules import Art, Radstatus, Utsendingstatus
from fiks.utsending.sending.copy_unsent import new_from_unsent
from fiks.utsending.templates.service import Brevmal, save_template
from tests.doubles import tiny_pdf
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin, name_in, produce, read, rows_of, status
from tests.integration.utsending.kommuner import Kommune, make_mailing, release
from tests.integration.utsending.lists import register
from tests.unit.liste.lists import FNR
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
R = Radstatus
REACHED, CLEAN, GUESSED, FAULTY = 2, 3, 4, 5
LIST = (
    "fnr;navn;adresselinje1;postnr;poststed",
    f"{FNR};RETTFERDIG TYTTEBÆR;Vottgarden;5430;BREMNES",
    ";Ola Nes;Storgata 1;4262;AVALDSNES",
    ";KjÃ¦rsti Vik;Storgata 2;4262;AVALDSNES",
    ";Per Li;Storgata 3;42;AVALDSNES",
)
"""Sent digitally only: one is reached, three are not. Of those one has a name we guessed, and one a wrong postnr."""


@pytest.fixture
def listed(kommune: Kommune, process: QuickProcess, tmp_path: Path) -> UUID:
    """A mailing of LIST, read, whose letter needs nothing but a name."""
    path = tmp_path / "liste.csv"
    path.write_text("\r\n".join(LIST) + "\r\n", encoding="utf-8")
    utsending_id = begin(kommune, path, kun_digital=True)
    read(utsending_id, process)
    save_template(utsending_id, "Kort mal", Brevmal("Til ((navn))"), actor=kommune.aktor("saksbehandler"))
    assert statuses(utsending_id) == {REACHED: R.OK, CLEAN: R.PARKERT, GUESSED: R.AUTO, FAULTY: R.FEIL}
    return utsending_id


@pytest.fixture
def set_aside(kommune: Kommune, process: QuickProcess, listed: UUID) -> UUID:
    """The same after its bad rows were set aside, its letters made, and it was taken back."""
    put_aside(kommune, process, listed)
    assert statuses(listed) == {REACHED: R.OK, CLEAN: R.PARKERT, GUESSED: R.PARKERT, FAULTY: R.PARKERT}
    return listed


def put_aside(kommune: Kommune, process: QuickProcess, utsending_id: UUID) -> None:
    maker = kommune.aktor("saksbehandler")
    draft_service.park_bad_rows(utsending_id, True, actor=maker, antall=2)
    produce(kommune, utsending_id, process)
    service.withdraw(utsending_id, actor=maker)


def statuses(utsending_id: UUID) -> dict[int, str]:
    return {row.radnr: row.status for row in rows_of(utsending_id)}


def written(kommune: Kommune, *, kun_digital: bool) -> UUID:
    """Three receivers by hand: one who is reached whatever way, one without address, one with a wrong number."""
    utsending_id = begin(kommune, kun_digital=kun_digital)
    for values in (
        {"navn": "RETTFERDIG TYTTEBÆR", "fnr": FNR},
        {"navn": "Ola Nes"},
        {"navn": "Per Li", "fnr": "12345678901"},
    ):
        typed.add_row(utsending_id, values, register(), actor=kommune.aktor("saksbehandler"))
    return utsending_id


def deliver(kommune: Kommune, process: QuickProcess, utsending_id: UUID, *, kun_digital: bool) -> None:
    """Change how the letters are delivered, and let the worker control the rows anew."""
    facts = draft_service.Fakta(
        "Eiendomsskatt 2027", Art.FLETTEBREV, brevdato(utsending_id), kun_digital=kun_digital
    )
    draft_service.update_utsending(utsending_id, facts, actor=kommune.aktor("saksbehandler"))
    control_anew(process)


def control_anew(process: QuickProcess) -> None:
    session().rollback()
    while do_portion("liste", process):
        pass


def brevdato(utsending_id: UUID) -> date:
    return session().execute(select(Utsending.brevdato).where(Utsending.id == utsending_id)).scalar_one()


def kept(utsending_id: UUID) -> tuple[bool, str | None, int, bytes | None]:
    """(bad rows are set aside, why it is sent again, how many rows, their digest)."""
    session().rollback()
    row = session().get_one(Utsending, utsending_id)
    return row.parker_feil, row.overstyrt_grunn, row.antall_rader, row.liste_digest


# Controlled anew


@pytest.mark.parametrize("another", [False, True])
def test_rows_are_controlled_anew_beside_the_document_that_goes_to_all(
    kommune: Kommune, process: QuickProcess, another: bool
) -> None:
    """Also when another document is uploaded before the worker has come to it."""
    maker = kommune.aktor("saksbehandler")
    utsending_id = written(kommune, kun_digital=False)
    facts = draft_service.Fakta("Informasjon", Art.SAMME_DOKUMENT, brevdato(utsending_id))
    draft_service.update_utsending(utsending_id, facts, actor=maker)
    uploads.upload(utsending_id, "DOKUMENT", "brev.pdf", [tiny_pdf(["Hei"])], actor=maker)
    control_anew(process)
    draft_service.update_utsending(utsending_id, replace(facts, kun_digital=True), actor=maker)
    if another:
        uploads.upload(utsending_id, "DOKUMENT", "nytt.pdf", [tiny_pdf(["Hei"])], actor=maker)
    control_anew(process)
    rows = {row.radnr: row for row in rows_of(utsending_id)}
    codes = {finding["kode"] for finding in rows[2].funn}
    assert "KAN_IKKE_NAAS" in codes, "nobody can reach one without a number when nothing is printed"


def test_a_proposal_that_was_accepted_is_called_so_also_of_a_row_that_is_held_out(
    kommune: Kommune, listed: UUID
) -> None:
    maker = kommune.aktor("saksbehandler")

    def told() -> tuple[set[str], set[str]]:
        session().rollback()
        [row] = queries.rows(listed, actor=maker, sok=GUESSED)
        counts = queries.finding_counts(listed, actor=maker)
        guess = [funn for funn in row.funn if funn.reparert]
        return {f.alvorlighet for f in guess}, {c.alvorlighet for c in counts if c.kode == guess[0].kode}

    assert told() == ({"auto"}, {"auto"})
    assert confirm.accept_repairs(listed, None, actor=maker) == 1
    assert statuses(listed)[GUESSED] == R.PARKERT
    assert told() == ({queries.REPAIRED}, {queries.REPAIRED})


def test_what_was_chosen_about_typed_rows_is_not_about_those_that_are_bad_when_they_are_controlled_anew(
    kommune: Kommune, process: QuickProcess
) -> None:
    maker = kommune.aktor("saksbehandler")
    utsending_id = written(kommune, kun_digital=True)
    assert statuses(utsending_id) == {1: R.OK, 2: R.PARKERT, 3: R.FEIL}
    draft_service.park_bad_rows(utsending_id, True, actor=maker, antall=1)
    draft_service.override_sent_before(utsending_id, "Nytt vedtak etter klage", tidligere=(), actor=maker)
    _, _, antall, digest = kept(utsending_id)

    deliver(kommune, process, utsending_id, kun_digital=False)

    assert statuses(utsending_id) == {1: R.OK, 2: R.FEIL, 3: R.FEIL}
    assert kept(utsending_id) == (False, None, antall, digest)
    assert antall == 3 and digest
    with pytest.raises(Konflikt, match="RADER_MED_FEIL") as refused:
        confirm.confirm_control(utsending_id, actor=maker)
    assert refused.value.params == {"antall": 2}


def test_typed_rows_that_were_set_aside_are_bad_again_when_they_are_controlled_anew(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = written(kommune, kun_digital=False)
    put_aside(kommune, process, utsending_id)
    assert statuses(utsending_id) == {1: R.OK, 2: R.PARKERT, 3: R.PARKERT}
    assert confirm.held_out_counts(utsending_id) == Utenfor(til_side=2, unaabare=0, sendes_likevel=0)

    uploads.read_again(utsending_id, actor=kommune.aktor("saksbehandler"))
    control_anew(process)

    assert statuses(utsending_id) == {1: R.OK, 2: R.FEIL, 3: R.FEIL}
    with pytest.raises(Konflikt, match="RADER_MED_FEIL"):
        confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))


def test_a_typed_row_that_was_set_aside_and_is_only_out_of_reach_now_is_held_out_as_that(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = written(kommune, kun_digital=False)
    put_aside(kommune, process, utsending_id)

    deliver(kommune, process, utsending_id, kun_digital=True)

    assert statuses(utsending_id) == {1: R.OK, 2: R.PARKERT, 3: R.FEIL}
    assert confirm.held_out_counts(utsending_id) == Utenfor(til_side=0, unaabare=1, sendes_likevel=0)


def test_what_was_chosen_about_rows_that_were_never_sent_is_dropped_when_they_are_controlled_anew(
    kommune: Kommune,
) -> None:
    maker = kommune.aktor("saksbehandler")
    stopped = make_mailing(kommune, 2)
    release(kommune, stopped)
    service.stop(stopped.id, actor=kommune.aktor("stopper"))
    utsending_id = new_from_unsent(stopped.id, actor=maker)
    draft_service.park_bad_rows(utsending_id, True, actor=maker, antall=0)
    draft_service.override_sent_before(utsending_id, "Nytt vedtak etter klage", tidligere=(), actor=maker)
    _, _, antall, digest = kept(utsending_id)

    uploads.read_again(utsending_id, actor=maker)

    assert antall == 2 and digest
    assert kept(utsending_id) == (False, None, antall, digest)


def test_bad_rows_are_not_set_aside_before_it_is_known_which_they_are(
    kommune: Kommune, process: QuickProcess, listed: UUID
) -> None:
    maker = kommune.aktor("saksbehandler")
    uploads.read_again(listed, actor=maker)
    with pytest.raises(Konflikt, match="LISTE_LESES"):
        draft_service.park_bad_rows(listed, True, actor=maker, antall=2)
    control_anew(process)
    assert not kept(listed)[0]
    draft_service.park_bad_rows(listed, True, actor=maker, antall=2)
    assert kept(listed)[0]


# Out of reach


def test_a_name_we_guessed_is_not_sent_since_receivers_out_of_reach_are(
    kommune: Kommune, process: QuickProcess, set_aside: UUID
) -> None:
    maker = kommune.aktor("saksbehandler")
    assert confirm.held_out_counts(set_aside) == Utenfor(til_side=2, unaabare=1, sendes_likevel=0)

    assert draft_service.send_unreachable(set_aside, True, actor=maker) == 1

    assert statuses(set_aside) == {REACHED: R.OK, CLEAN: R.ADVARSEL, GUESSED: R.PARKERT, FAULTY: R.PARKERT}
    assert confirm.held_out_counts(set_aside) == Utenfor(til_side=2, unaabare=0, sendes_likevel=1)
    produce(kommune, set_aside, process)
    assert status(set_aside) == Utsendingstatus.TIL_GODKJENNING
    assert [row.radnr for row in rows_of(set_aside) if row.brev_sha256] == [REACHED, CLEAN]


def test_a_receiver_out_of_reach_is_sent_to_by_the_name_that_was_accepted(
    kommune: Kommune, process: QuickProcess, set_aside: UUID
) -> None:
    maker = kommune.aktor("saksbehandler")
    draft_service.park_bad_rows(set_aside, False, actor=maker, antall=2)
    assert statuses(set_aside) == {REACHED: R.OK, CLEAN: R.PARKERT, GUESSED: R.AUTO, FAULTY: R.FEIL}
    assert confirm.accept_repairs(set_aside, None, actor=maker) == 1
    assert confirm.held_out_counts(set_aside) == Utenfor(til_side=0, unaabare=2, sendes_likevel=0)

    assert draft_service.send_unreachable(set_aside, True, actor=maker) == 2

    put_aside(kommune, process, set_aside)
    assert statuses(set_aside) == {REACHED: R.OK, CLEAN: R.ADVARSEL, GUESSED: R.ADVARSEL, FAULTY: R.PARKERT}
    assert name_in(set_aside, GUESSED) == "Kjærsti Vik"
    assert draft_service.send_unreachable(set_aside, False, actor=maker) == 2
    assert confirm.held_out_counts(set_aside) == Utenfor(til_side=1, unaabare=2, sendes_likevel=0)
    assert draft_service.send_unreachable(set_aside, True, actor=maker) == 2


def test_what_was_accepted_is_not_asked_about_again_when_bad_rows_are_taken_back(
    kommune: Kommune, listed: UUID
) -> None:
    maker = kommune.aktor("saksbehandler")
    assert confirm.accept_repairs(listed, None, actor=maker) == 1
    draft_service.park_bad_rows(listed, True, actor=maker, antall=1)
    draft_service.park_bad_rows(listed, False, actor=maker, antall=1)
    assert statuses(listed) == {REACHED: R.OK, CLEAN: R.PARKERT, GUESSED: R.PARKERT, FAULTY: R.FEIL}
    assert confirm.held_out_counts(listed) == Utenfor(til_side=0, unaabare=2, sendes_likevel=0)


def test_an_accepted_repair_is_marked_and_the_findings_stay_in_their_order(
    kommune: Kommune, listed: UUID
) -> None:
    before = findings(listed, GUESSED)
    assert [f["alvorlighet"] for f in before] == ["auto", "advarsel"]
    confirm.accept_repairs(listed, None, actor=kommune.aktor("saksbehandler"))
    assert findings(listed, GUESSED) == [
        f | ({"godtatt": True} if f["alvorlighet"] == "auto" else {}) for f in before
    ]


def findings(utsending_id: UUID, radnr: int) -> list[dict[str, object]]:
    session().rollback()
    return list(session().get_one(Utsendingsrad, (utsending_id, radnr)).funn)


def test_nobody_has_chosen_anything_about_receivers_out_of_reach_that_are_bad_too(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("\r\n".join([LIST[0], LIST[1], *LIST[3:]]) + "\r\n", encoding="utf-8")
    utsending_id = begin(kommune, path, kun_digital=True)
    read(utsending_id, process)
    assert statuses(utsending_id) == {2: R.OK, 3: R.AUTO, 4: R.FEIL}
    assert confirm.held_out_counts(utsending_id) == Utenfor(til_side=0, unaabare=0, sendes_likevel=0)

"""The approver's sample: the same ten letters each time, and a look at one of them asks for no more than that one."""

from __future__ import annotations

import random

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.utsending.approval import sample
from fiks.utsending.models import Utsending, Utsendingsrad
from tests.integration.databases import statements
from tests.integration.utsending.browser import Browser, log_in, post
from tests.integration.utsending.kommuner import Kommune, Mailing, make_kommune, make_mailing

pytestmark = pytest.mark.usefixtures("house")
ROWS = 40
WARNED = {"kode": "NAVN_AVVIKER", "felt": "navn", "alvorlighet": "advarsel"}


def odd_and_even() -> tuple[Kommune, Mailing]:
    """Letters of many kinds: some long, large, abroad, without id, with findings; two are not to be shown."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, ROWS)
    changes: dict[int, dict[str, object]] = {
        7: {"funn": [WARNED, WARNED]},
        8: {"funn": [WARNED]},
        9: {"sider": 9},
        10: {"sider": 11},
        11: {"mottakertype": "INGEN"},
        12: {"portosone": "EUROPA"},
        13: {"storrelse": 10**6},
        14: {"skjermet": True, "sider": 99},
        15: {"status": "PARKERT", "sider": 99},
        16: {"sider": None, "storrelse": None},
    }
    with transaction() as tx:
        for radnr, values in changes.items():
            of_row = Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == radnr
            tx.execute(update(Utsendingsrad).where(*of_row).values(**values))
    return kommune, mailing


def by_hand(mailing: Mailing) -> list[int]:
    """The sample as one would take it from a list on paper."""
    chosen = select(Utsendingsrad).where(
        Utsendingsrad.utsending_id == mailing.id,
        Utsendingsrad.status.in_(["OK", "ADVARSEL"]),
        ~Utsendingsrad.skjermet,
    )
    rows = list(session().scalars(chosen.order_by(Utsendingsrad.radnr)))
    digest = session().get_one(Utsending, mailing.id).innhold_digest
    taken = random.Random(digest).sample([row.radnr for row in rows], 5)
    kinds = [
        sorted(rows, key=lambda row: -len(row.funn)),
        sorted(rows, key=lambda row: -(row.sider or 0)),
        [row for row in rows if row.mottakertype == "INGEN"],
        [row for row in rows if row.portosone == "EUROPA"],
        sorted(rows, key=lambda row: -(row.storrelse or 0)),
    ]
    for place in range(10):
        for kind in kinds:
            if place < len(kind) and kind[place].radnr not in taken and len(taken) < 10:
                taken.append(kind[place].radnr)
    return sorted(taken)


def shown(kommune: Kommune, mailing: Mailing) -> list[int]:
    session().rollback()
    return [one.rad.radnr for one in sample.sample(mailing.id, actor=kommune.aktor("godkjenner"))]


def test_half_are_random_and_half_the_oddest_and_every_approver_sees_the_same() -> None:
    kommune, mailing = odd_and_even()
    wanted = by_hand(mailing)
    assert len(wanted) == 10 and {7, 10, 11, 12, 13} <= set(wanted)
    assert shown(kommune, mailing) == wanted == shown(kommune, mailing)


def test_who_is_protected_by_now_is_not_shown_though_the_letters_are_the_same() -> None:
    kommune, mailing = odd_and_even()
    one = shown(kommune, mailing)[0]
    with transaction() as tx:
        of_row = Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == one
        tx.execute(update(Utsendingsrad).where(*of_row).values(skjermet=True))
        made_again = update(Utsending).where(Utsending.id == mailing.id)
        tx.execute(made_again.values(klargjort=func.clock_timestamp()))
    assert one not in shown(kommune, mailing)


def test_of_few_letters_all_are_shown() -> None:
    kommune = make_kommune()
    assert shown(kommune, make_mailing(kommune, 3)) == [2, 3, 4]


def looked_at(client: Browser, mailing: Mailing, radnr: int) -> str:
    """What the page is answered that looks again at one letter."""
    address = f"/utsendinger/{mailing.id}/godkjenning/brev/{radnr}"
    return client.get(address, headers={"HX-Request": "true"}).text


def test_a_look_at_one_letter_reads_no_other_row(app: Flask) -> None:
    kommune, mailing = odd_and_even()
    address = f"/utsendinger/{mailing.id}/godkjenning"
    client = log_in(app, kommune, "godkjenner")
    post(client, address, f"{address}/brev")
    with statements() as sent:
        part = looked_at(client, mailing, 10)
    assert "Rad 10: Mottaker 10" in part and "Bildene lages" in part
    of_rows = [one for one in sent if "FROM utsendingsrad" in one]
    assert len(of_rows) == 1 and "utsendingsrad.radnr IN" in of_rows[0]


def test_a_look_at_a_letter_that_is_not_of_the_sample_shows_nothing(app: Flask) -> None:
    kommune, mailing = odd_and_even()
    client = log_in(app, kommune, "godkjenner")
    other = next(n for n in mailing.fnr if n not in shown(kommune, mailing))
    for radnr in (other, 14, 4_711):
        assert "Rad " not in looked_at(client, mailing, radnr)

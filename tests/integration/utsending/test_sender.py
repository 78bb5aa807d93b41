"""An organisation keeps its name and numbers while letters that bear them are made and not all handed over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.rot.corrections import facts_of
from fiks.svarut.models import Forsendelse
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Utsendingstatus as U
from fiks.utsending.rules import reference
from fiks.utsending.sending.sender_change import change_sender
from tests.integration.databases import plans
from tests.integration.houses import HOUSE, new_orgnr
from tests.integration.utsending.kommuner import (
    Kommune,
    Mailing,
    Postkasser,
    feed,
    hand_over,
    make_mailing,
    release,
)

pytestmark = pytest.mark.usefixtures("house")


def change(kommune: Kommune, **new: str) -> tuple[str, ...]:
    """The fields that were changed."""
    session().rollback()
    ny = replace(facts_of(session().get_one(Organisasjon, kommune.id)), **new)
    return change_sender(kommune.id, ny, begrunnelse="Skrevet feil", actor=HOUSE)


def holding(kommune: Kommune, **new: str) -> str:
    """The mailings for which it is refused."""
    with pytest.raises(Konflikt, match="UTSENDINGER_ER_LAGET") as refused:
        change(kommune, **new)
    return str(refused.value.params["utsendinger"])


def called(*mailings: Mailing) -> str:
    rows = [session().get_one(Utsending, mailing.id) for mailing in mailings]
    return ", ".join(reference(row.nr, row.opprettet) for row in rows)


@pytest.mark.parametrize("status", list(U))
@pytest.mark.parametrize(
    ("field", "new"), [("navn", "Fjordvik"), ("orgnr", ""), ("kommunenr", "9902"), ("type", "FYLKESKOMMUNE")]
)
def test_letters_that_are_made_and_not_sent_keep_who_sends_them(
    kommune: Kommune, status: U, field: str, new: str
) -> None:
    mailing, ny = make_mailing(kommune, 1, status=status), {field: new or new_orgnr()}
    if field == "type" or status in (U.UTKAST, U.KONTROLLERT, U.FULLFORT, U.STOPPET):
        assert change(kommune, **ny) == (field,)
    else:
        assert status in (U.PRODUSERES, U.TIL_GODKJENNING, U.GODKJENT, U.FRIGITT, U.SENDES)
        assert holding(kommune, **ny) == called(mailing)


def test_all_mailings_that_are_waited_for_are_named(kommune: Kommune) -> None:
    approved, going = (make_mailing(kommune, 1, status=status) for status in (U.GODKJENT, U.SENDES))
    make_mailing(kommune, 1, status=U.UTKAST)
    assert holding(kommune, navn="Fjordvik") == called(approved, going)


@pytest.mark.parametrize("status", [U.GODKJENT, U.SENDES])
def test_a_kommunenummer_is_put_where_none_stood_whatever_is_on_its_way(kommune: Kommune, status: U) -> None:
    mailing = make_mailing(kommune, 1, status=status)
    with transaction() as tx:
        tx.execute(update(Organisasjon).where(Organisasjon.id == kommune.id).values(kommunenr=None))
    assert holding(kommune, kommunenr="9901", navn="Fjordvik") == called(mailing)
    assert change(kommune, kommunenr="9901") == ("kommunenr",)
    assert holding(kommune, kommunenr="9902") == called(mailing)


def test_a_mailing_that_only_waits_for_its_readers_holds_nothing(kommune: Kommune, owner: Owner) -> None:
    mailing = make_mailing(kommune, 2)
    world = Postkasser(altinn=set(mailing.fnr.values()))
    release(kommune, mailing)
    feed(mailing, 1)
    hand_over(owner, world)
    assert holding(kommune, navn="Fjordvik") == called(mailing)
    feed(mailing)
    assert holding(kommune, navn="Fjordvik") == called(mailing)
    hand_over(owner, world)
    assert change(kommune, navn="Fjordvik", orgnr=new_orgnr()) == ("navn", "orgnr")
    statuses = select(Forsendelse.status).where(Forsendelse.utsending_id == mailing.id)
    assert session().scalars(statuses).all() == ["SENDT_ALTINN", "SENDT_ALTINN"]
    assert session().get_one(Utsending, mailing.id).status == U.SENDES


def test_the_rows_and_hand_overs_of_a_mailing_are_asked_for_of_each_by_itself(kommune: Kommune) -> None:
    make_mailing(kommune, 1, status=U.SENDES)
    with plans() as asked:
        assert holding(kommune, navn="Fjordvik")
        session().rollback()
        session().execute(text("SET LOCAL enable_seqscan = off"))
    [plan] = [one for one in asked if "on levering" in one]
    assert plan.count("(utsending_id = utsending.id)") == 2, f"not asked of each mailing by itself: {plan}"
    assert "hashed" not in plan and "Seq Scan" not in plan, plan

"""A letter sent again under its key or id is the same letter, whatever time and konto have come to meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import FiksError, IkkeFunnet
from fiks.core.storage.store import Lagret
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.konto import service
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Innlasting, Innsending, reserve_id
from fiks.svarut.mottak.duplicates import fingerprint_of_all, fingerprints
from tests.integration.houses import HOUSE, Hus, make_hus, staff_of
from tests.integration.svarut.signings import let_sign, to_be_signed
from tests.integration.svarut.submitted import PAGE, take_in
from tests.submissions import FNR, ORGNR, document, submission

LATER = timedelta(minutes=16)


def sent(hus: Hus, new: Innsending, facts_first: bool, **given: Any) -> object:
    """The id of the letter, or the code of what is wrong; its facts before its documents, or after them as by SOAP."""
    try:
        if facts_first:
            return take_in(hus, new, **given)
        with Innlasting(hus.konto_id, actor=HOUSE, nokkel=given.get("nokkel", "")) as loading:
            loading.take(None, [PAGE])
            if "reservert" in given:
                loading.send_as(given["reservert"])
            return loading.register(new)
    except FiksError as error:
        return error.kode


def letters() -> int:
    session().rollback()
    return session().execute(select(func.count()).select_from(Forsendelse)).scalar_one()


@pytest.fixture(params=["id", "key"])
def given(request: pytest.FixtureRequest, hus: Hus) -> dict[str, Any]:
    """What a sender says that its letter can be known again by."""
    return (
        {"nokkel": "jobb-41/7"}
        if request.param == "key"
        else {"reservert": reserve_id(hus.konto_id, actor=HOUSE)}
    )


@pytest.mark.parametrize("facts_first", [True, False])
def test_a_letter_to_be_signed_is_the_same_though_its_deadline_is_nearer(
    hus: Hus, given: dict[str, Any], facts_first: bool
) -> None:
    let_sign(hus)
    new = to_be_signed(days=1 + 60 / 86_400)
    own = sent(hus, new, facts_first, **given)
    clock.move(LATER)
    assert sent(hus, new, facts_first) == "SIGNERING_UTLOPER_FOR_TIDLIG"
    assert sent(hus, new, facts_first, **given) == own
    changed = replace(new, tittel="Noe annet")
    assert sent(hus, changed, facts_first, **given) in ("NOKKEL_ANNET_INNHOLD", "FORSENDELSE_ANNET_INNHOLD")
    assert letters() == 1


@pytest.mark.parametrize("facts_first", [True, False])
@pytest.mark.parametrize(
    ("closes", "kode"), [("konto", "KONTO_IKKE_AKTIV"), ("tjeneste", "TJENESTE_IKKE_AKTIV")]
)
def test_a_letter_is_the_same_though_nothing_new_may_be_sent(
    hus: Hus, given: dict[str, Any], facts_first: bool, closes: str, kode: str
) -> None:
    own = sent(hus, submission(), facts_first, **given)
    if closes == "konto":
        service.deactivate_konto(hus.konto_id, actor=HOUSE)
    else:
        with transaction() as tx:
            mine = Tjenesteaktivering.organisasjon_id == hus.organisasjon_id
            tx.execute(update(Tjenesteaktivering).where(mine).values(konfigurert=None))
    assert sent(hus, submission(), facts_first) == kode
    assert sent(hus, submission(), facts_first, nokkel="en annen") == kode
    assert sent(hus, submission(), facts_first, **given) == own
    assert letters() == 1


def test_a_key_of_another_konto_makes_nothing_the_same(hus: Hus) -> None:
    other = make_hus("Annevik kommune")
    take_in(other, nokkel="jobb-41/7")
    service.deactivate_konto(hus.konto_id, actor=HOUSE)
    assert sent(hus, submission(), True, nokkel="jobb-41/7") == "KONTO_IKKE_AKTIV"


def test_who_may_not_send_is_not_told_that_it_has_been_sent(hus: Hus) -> None:
    take_in(hus, nokkel="jobb-41/7")
    stranger = staff_of(make_hus("Annevik kommune"), P.SENDE)
    with pytest.raises(IkkeFunnet):
        take_in(hus, nokkel="jobb-41/7", actor=stranger)


@pytest.mark.parametrize("facts_first", [True, False])
def test_a_letter_whose_digest_was_made_of_every_field_is_the_same(
    hus: Hus, given: dict[str, Any], facts_first: bool
) -> None:
    own = sent(hus, submission(), facts_first, **given)
    old = fingerprint_of_all(submission(), [sha256(PAGE).digest()])
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == own).values(avtrykk=old))
    assert sent(hus, submission(), facts_first, **given) == own
    assert sent(hus, submission(tittel="Annet"), facts_first, **given) != own
    assert letters() == 1


@pytest.mark.parametrize("facts_first", [True, False])
def test_a_letter_whose_sets_come_in_another_order_is_the_same(
    hus: Hus, given: dict[str, Any], facts_first: bool
) -> None:
    """As when its sender keeps them in a set, and was started again in between."""
    one, turned = (
        submission(document(giroark=pages), eksponert_for=readers)
        for pages, readers in (((2, 1), (ORGNR, FNR)), ((1, 2), (FNR, ORGNR)))
    )
    own = sent(hus, one, facts_first, **given)
    assert sent(hus, turned, facts_first, **given) == own
    before = fingerprints(one, [Lagret("", len(PAGE), sha256(PAGE).digest(), b"")])[1]
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == own).values(avtrykk=before))
    assert sent(hus, one, facts_first, **given) == own, "the release before kept the order it came in"
    assert letters() == 1

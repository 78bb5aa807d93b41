"""What is sent again of a letter that nobody got and nobody will is refused in words that say so; of any other it is
answered as the first time, since it may be on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Innlasting, UgyldigForsendelse, reserve_id
from fiks.svarut.mottak.inspection import Funnet, fail_intake, record_findings
from fiks.svarut.mottak.intake import NEVER_SENT_STATUSES
from fiks.svarut.rules import NOT_YET_SENT, OVERGANGER, Status
from portal.texts import mottak_tekst
from tests.integration.houses import HOUSE, Hus
from tests.integration.svarut.submitted import PAGE, take_in
from tests.submissions import submission


def reject(letter_id: UUID) -> None:
    record_findings(
        load_letters([letter_id])[letter_id], Funnet(feil="PDF_PASSORD", detaljer={"dokument": 1})
    )


ENDS: dict[str, tuple[Callable[[UUID], None], str]] = {
    "rejected": (reject, "En PDF er beskyttet med passord. Lagre den uten passord, og send brevet på nytt."),
    "our own fault": (
        fail_intake,
        "Brevet kunne ikke kontrolleres. Send det på nytt. Skjer det igjen, kontakt brukerstøtte og oppgi id-en.",
    ),
}


@pytest.fixture(params=["id", "key"])
def given(request: pytest.FixtureRequest, hus: Hus) -> dict[str, Any]:
    """What a sender says that its letter can be known again by."""
    return (
        {"nokkel": "jobb-41/7"}
        if request.param == "key"
        else {"reservert": reserve_id(hus.konto_id, actor=HOUSE)}
    )


def refused(hus: Hus, **given: Any) -> UgyldigForsendelse:
    with pytest.raises(UgyldigForsendelse) as error:
        take_in(hus, **given)
    return error.value


def counted() -> tuple[int, int]:
    """How many letters and stored objects there are."""
    session().rollback()
    store = current().store
    objects = sum(1 for day in store.days() for _ in store.made_on(day))
    return session().execute(select(func.count()).select_from(Forsendelse)).scalar_one(), objects


def be(letter_id: UUID, status: Status) -> None:
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == letter_id).values(status=status))


def test_what_is_never_sent_came_from_intake_alone_and_stays_so() -> None:
    for status in NEVER_SENT_STATUSES:
        assert not OVERGANGER[status]
        assert {before for before, after in OVERGANGER.items() if status in after} <= set(NOT_YET_SENT)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("tittel", [submission().tittel, "Rettet"])
def test_whatever_comes_under_the_key_or_id_of_one_is_told_that_it_is_not_sent_and_why(
    hus: Hus, given: dict[str, Any], end: str, tittel: str
) -> None:
    own = take_in(hus, **given)
    ends, why = ENDS[end]
    ends(own)
    before = counted()
    error = refused(hus, new=submission(tittel=tittel), **given)
    by_key = "nokkel" in given
    assert (error.kode, error.status) == ("NOKKEL_IKKE_SENDT" if by_key else "FORSENDELSE_IKKE_SENDT", 409)
    assert error.params["forsendelse_id"] == str(own)
    said = mottak_tekst(error.funn[0])
    assert f"det er ikke sendt, og blir ikke sendt. {why} Det som skal sendes, må ha en ny" in said
    assert counted() == before, "nothing is kept of it"
    anew = {"nokkel": "jobb-41/7-2"} if by_key else {"reservert": uuid4()}
    new = take_in(hus, submission(tittel=tittel), **anew)
    assert new != own and take_in(hus, submission(tittel=tittel), **anew) == new


def test_a_key_of_one_that_comes_with_another_id_is_told_the_same(hus: Hus) -> None:
    fail_intake(take_in(hus, nokkel="jobb-41/7", reservert=uuid4()))
    assert refused(hus, nokkel="jobb-41/7", reservert=uuid4()).kode == "NOKKEL_IKKE_SENDT"


def test_a_letter_that_is_rejected_while_it_is_sent_again_is_told_of(hus: Hus, given: dict[str, Any]) -> None:
    own = take_in(hus, **given)
    with (
        pytest.raises(UgyldigForsendelse, match="IKKE_SENDT"),
        Innlasting(hus.konto_id, actor=HOUSE, innsending=submission(), **given) as loading,
    ):
        loading.take(None, [PAGE])
        reject(own)
        loading.register()


@pytest.mark.parametrize("status", [one for one in Status if one not in NEVER_SENT_STATUSES])
def test_one_that_may_be_on_its_way_is_answered_as_the_first_time(
    hus: Hus, given: dict[str, Any], status: Status
) -> None:
    own = take_in(hus, **given)
    be(own, status)
    assert take_in(hus, **given) == own
    other = refused(hus, new=submission(tittel="Rettet"), **given)
    assert other.kode in ("NOKKEL_ANNET_INNHOLD", "FORSENDELSE_ANNET_INNHOLD")
    be(own, Status.MOTTATT)  # as its history has it

"""What the clients take for an answer about somebody: nobody is unknown unless the register says so."""

from __future__ import annotations

from typing import Any

import pytest

from fiks.core.errors import ProvIgjen
from fiks.core.wire import Wire
from fiks.registeroppslag.client import EnhetsregisterClient, FolkeregisterClient, KrrClient
from fiks.registeroppslag.rules import Adressebeskyttelse, Enhetstatus

DNR, FNR, OTHER = "52838540137", "12838540137", "29829221096"
PROTECTED: dict[str, Any] = {"adressebeskyttelse": [{"graderingsnivaa": "strengtFortrolig"}]}
OPEN: dict[str, Any] = {"adressebeskyttelse": [{"graderingsnivaa": "ugradert"}]}
BOTH_NUMBERS = {
    "identifikasjonsnummer": [
        {"foedselsEllerDNummer": FNR, "status": "iBruk", "erGjeldende": True},
        {"foedselsEllerDNummer": DNR, "status": "opphoert", "erGjeldende": False},
    ]
}


def hit(number: str, document: dict[str, Any]) -> dict[str, Any]:
    return {"foedselsEllerDNummer": number, "folkeregisterperson": document}


def failed(number: str, kode: str) -> dict[str, Any]:
    return {"foedselsEllerDNummer": number, "feilmelding": {"kode": kode, "melding": "Noe gikk galt"}}


class Saying(Wire):
    """The wire to a register that gives the same answer to every call."""

    def __init__(self, answer: Any) -> None:
        super().__init__("folkeregister", "http://127.0.0.1:1")
        self._answer = answer

    def read(self, method: str, path: str, **more: Any) -> Any:
        return self._answer


def client(*hits: Any) -> FolkeregisterClient:
    made = FolkeregisterClient("http://127.0.0.1:1")
    made._wire = Saying({"oppslag": list(hits)})
    return made


@pytest.mark.parametrize(
    "hits",
    [
        [failed(FNR, "FREG-001")],
        [failed(FNR, "FREG-500")],
        [{"foedselsEllerDNummer": FNR, "feilmelding": {"melding": "Noe gikk galt"}}],
        [{"foedselsEllerDNummer": FNR, "feilmelding": "FREG-004"}],
        [{"foedselsEllerDNummer": FNR}],
        [{"foedselsEllerDNummer": FNR, "folkeregisterperson": None, "feilmelding": None}],
        [{"foedselsEllerDNummer": FNR, "folkeregisterperson": {}}],
        [hit(FNR, OPEN) | failed(FNR, "FREG-001")],
        [],
        [hit(OTHER, PROTECTED)],
        [failed(OTHER, "FREG-004")],
        [failed(FNR, "FREG-004"), None],
    ],
)
def test_somebody_it_said_nothing_of_is_not_taken_for_unknown(hits: list[Any]) -> None:
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR") as failure:
        client(*hits).personer([FNR])
    assert FNR not in f"{failure.value} {failure.value.detalj}"


def test_one_left_out_among_many_makes_the_whole_answer_unreadable() -> None:
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        client(hit(FNR, OPEN), failed(DNR, "FREG-004")).personer([FNR, DNR, OTHER])


def test_only_who_the_register_says_does_not_exist_is_absent() -> None:
    assert set(client(hit(FNR, OPEN), failed(OTHER, "FREG-004")).personer([FNR, OTHER])) == {FNR}


def test_who_was_not_asked_about_is_not_in_the_answer() -> None:
    assert set(client(hit(FNR, OPEN), hit(OTHER, OPEN)).personer([FNR])) == {FNR}


def test_a_number_no_longer_in_use_is_answered_by_the_person_who_had_it() -> None:
    found = client(hit(FNR, PROTECTED | BOTH_NUMBERS)).personer([DNR])
    assert set(found) == {DNR}
    assert found[DNR].fnr == DNR
    assert found[DNR].adressebeskyttelse is Adressebeskyttelse.STRENGT_FORTROLIG


def test_both_of_a_persons_numbers_are_answered_by_one_hit() -> None:
    found = client(hit(FNR, PROTECTED | BOTH_NUMBERS)).personer([DNR, FNR])
    assert {number: person.fnr for number, person in found.items()} == {DNR: DNR, FNR: FNR}


def test_what_is_said_under_the_asked_number_goes_before_what_is_said_under_another() -> None:
    hits = [hit(DNR, PROTECTED), hit(FNR, OPEN | BOTH_NUMBERS)]
    for order in (hits, hits[::-1]):
        found = client(*order).personer([DNR, FNR])
        assert found[DNR].adressebeskyttelse is Adressebeskyttelse.STRENGT_FORTROLIG
        assert found[FNR].adressebeskyttelse is Adressebeskyttelse.UGRADERT


DEGRADED: list[Any] = [{}, {"status": "degraded"}, {"message": "ok"}, [], None, "ok"]


def units(answer: Any) -> EnhetsregisterClient:
    made = EnhetsregisterClient("http://127.0.0.1:1")
    made._wire = Saying(answer)
    return made


@pytest.mark.parametrize(
    "answer",
    [
        *DEGRADED,
        {"_embedded": {"enheter": []}},
        {"page": None},
        {"page": {}},
        {"page": {"totalElements": "0"}},
        {"page": {"totalElements": 1}},
        {"_embedded": {"enheter": [{"organisasjonsnummer": "310000002"}]}, "page": {"totalElements": 2}},
    ],
)
def test_no_unit_is_unknown_because_the_answer_is_none(answer: Any) -> None:
    """One that is unknown goes on paper."""
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        units(answer).virksomheter(["310000001", "310000002"])


@pytest.mark.parametrize(
    "answer", [{"page": {"totalElements": 0}}, {"_embedded": {"enheter": []}, "page": {"totalElements": 0}}]
)
def test_units_of_which_the_register_found_none_are_unknown(answer: Any) -> None:
    found = units(answer | {"_links": {}}).virksomheter(["310000001"])
    assert found["310000001"].status is Enhetstatus.IKKE_FUNNET


def contacts(answer: Any) -> KrrClient:
    made = KrrClient("http://127.0.0.1:1")
    made._wire = Saying(answer)
    return made


@pytest.mark.parametrize(
    "answer",
    [*DEGRADED, {"personer": []}, {"personer": [{"personidentifikator": OTHER, "status": "AKTIV"}]}],
)
def test_nobody_is_unregistered_because_krr_has_no_line_of_them(answer: Any) -> None:
    """One who is unregistered gets letters on paper."""
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        contacts(answer).kontakt([FNR])


@pytest.mark.parametrize("status", ["IKKE_REGISTRERT", "SLETTET"])
def test_who_krr_says_is_not_registered_is_not(status: str) -> None:
    rows = [{"personidentifikator": FNR, "status": status}, {"personidentifikator": OTHER, "status": "AKTIV"}]
    found = contacts({"personer": rows}).kontakt([FNR, OTHER])
    assert (found[FNR].registrert, found[OTHER].registrert) == (False, True)

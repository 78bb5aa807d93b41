"""What the clients take for an answer about somebody: nobody is unknown unless the register says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.http.client import HttpClient
from fiks.registeroppslag.client import EnhetsregisterClient, FolkeregisterClient, KrrClient
from fiks.registeroppslag.register_answer import MOST_UNANSWERED, ask_register, in_halves
from fiks.registeroppslag.rules import Adressebeskyttelse, Enhetstatus, Personstatus, Registeradresse

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


class Saying(HttpClient):
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


def test_the_dead_of_a_portion_whose_death_is_no_list_keep_nobody_from_being_read() -> None:
    numbers = [FNR, DNR, OTHER, "19829221097", "09829221098", "21817138834"]
    dead = {"doedsfall": {"doedsdato": "2026-01-01"}}
    register = client(*(hit(number, OPEN | dead) for number in numbers[:5]), hit(numbers[5], OPEN))
    told = ask_register(register.personer, numbers, in_halves, MOST_UNANSWERED)
    assert (told.failed, set(told.found)) == ({}, set(numbers))
    assert {told.found[number].status for number in numbers[:5]} == {Personstatus.DOED}


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


class Enheter(HttpClient):
    """The wire to Enhetsregisteret: what each of its parts holds, and what a call of this path says instead.

    As the register itself, a search does not find the deleted, and the number of none is an error.
    """

    def __init__(self, instead: dict[str, Any] | None = None, **parts: list[dict[str, Any]]) -> None:
        super().__init__("enhetsregister", "http://127.0.0.1:1")
        self.parts, self.instead, self.calls = parts, instead or {}, list[str]()

    def read(self, method: str, path: str, **more: Any) -> Any:
        part, numbers = self._called(path), more["params"]["organisasjonsnummer"].split(",")
        assert (method, len(numbers) <= more["params"]["size"]) == ("GET", True)
        if part in self.instead:
            return self.instead[part]
        alive = (unit for unit in self.parts.get(part, []) if "slettedato" not in unit)
        found = [unit for unit in alive if unit["organisasjonsnummer"] in numbers]
        told = {"page": {"totalElements": len(found)}}
        return told | {"_embedded": {part: found}} if found else told

    def find(self, path: str, **more: Any) -> Any:
        part, orgnr = self._called(path).split("/")
        answer = self.instead.get(f"{part}/{orgnr}")
        if isinstance(answer, Exception):
            raise answer
        units = {unit["organisasjonsnummer"]: unit for unit in self.parts.get(part, [])}
        return answer if answer is not None else units.get(orgnr)

    def _called(self, path: str) -> str:
        self.calls.append(path.removeprefix("/enhetsregisteret/api/"))
        return self.calls[-1]


UNIT, SUBUNIT, NOBODY = "310000001", "310000002", "310000003"
SCHOOL: dict[str, Any] = {
    "organisasjonsnummer": SUBUNIT,
    "navn": "LILLEVIK SKOLE",
    "organisasjonsform": {"kode": "BEDR"},
    "overordnetEnhet": UNIT,
    "beliggenhetsadresse": {"adresse": ["Skolebakken 1"], "postnummer": "4262", "poststed": "AVALDSNES"},
}


def over(wire: Enheter) -> EnhetsregisterClient:
    made = EnhetsregisterClient("http://127.0.0.1:1")
    made._wire = wire
    return made


def test_units_of_which_the_register_found_none_are_unknown() -> None:
    none: dict[str, Any] = {"_embedded": {"enheter": []}, "page": {"totalElements": 0}}
    for instead in ({}, {"enheter": none}):
        found = over(Enheter(instead)).virksomheter([UNIT])
        assert found[UNIT].status is Enhetstatus.IKKE_FUNNET


def test_a_subunit_is_found_where_the_register_has_it() -> None:
    wire = Enheter(enheter=[{"organisasjonsnummer": UNIT}], underenheter=[SCHOOL])
    found = over(wire).virksomheter([UNIT, SUBUNIT])
    assert {orgnr: one.status for orgnr, one in found.items()} == dict.fromkeys(
        (UNIT, SUBUNIT), Enhetstatus.FUNNET
    )
    school = found[SUBUNIT]
    assert (school.navn, school.organisasjonsform) == ("LILLEVIK SKOLE", "BEDR")
    assert school.adresse == Registeradresse(("Skolebakken 1",), "4262", "AVALDSNES")
    assert wire.calls == ["enheter", "underenheter"]


def test_post_to_a_subunit_goes_where_it_wants_its_post() -> None:
    box = {"adresse": ["Postboks 1"], "postnummer": "4260", "poststed": "TORVASTAD"}
    found = over(Enheter(underenheter=[SCHOOL | {"postadresse": box}])).virksomheter([SUBUNIT])
    assert found[SUBUNIT].adresse == Registeradresse(("Postboks 1",), "4260", "TORVASTAD")


def test_no_subunit_is_asked_for_when_all_are_units() -> None:
    wire = Enheter(enheter=[{"organisasjonsnummer": UNIT}])
    over(wire).virksomheter([UNIT])
    assert wire.calls == ["enheter"]


@pytest.mark.parametrize("answer", DEGRADED)
def test_no_subunit_is_unknown_because_the_answer_is_none(answer: Any) -> None:
    with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
        over(Enheter({"underenheter": answer})).virksomheter([SUBUNIT])


@pytest.mark.parametrize(
    ("part", "kind"), [("enheter", "SlettetEnhet"), ("underenheter", "SlettetUnderEnhet")]
)
def test_a_deleted_one_is_told_of_by_itself(part: str, kind: str) -> None:
    gone = {"organisasjonsnummer": UNIT, "navn": "BORTE AS", "slettedato": "2026-01-01"}
    found = over(Enheter(None, **{part: [gone | {"respons_klasse": kind}]})).virksomheter([UNIT, NOBODY])
    assert (found[UNIT].navn, found[UNIT].status) == ("BORTE AS", Enhetstatus.SLETTET)
    assert found[NOBODY].status is Enhetstatus.IKKE_FUNNET


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ProvIgjen("HTTP_404"), Enhetstatus.IKKE_FUNNET),
        (ProvIgjen("HTTP_410"), Enhetstatus.SLETTET),
        (Avvist("HTTP_410"), Enhetstatus.SLETTET),
    ],
    ids=str,
)
def test_what_a_refusal_says_of_one_that_no_search_found(error: KanalFeil, status: Enhetstatus) -> None:
    wire = Enheter({f"enheter/{UNIT}": error})
    assert over(wire).virksomheter([UNIT])[UNIT].status is status


def test_one_of_whom_the_register_could_say_nothing_is_not_unknown() -> None:
    for instead in (ProvIgjen("HTTP_503"), ["?"]):
        with pytest.raises(ProvIgjen):
            over(Enheter({f"enheter/{UNIT}": instead})).virksomheter([UNIT])


UNKNOWN = [f"3{n:08}" for n in range(6)]


def alone(wire: Enheter) -> list[str]:
    """The units it was asked about alone, in order."""
    return list(dict.fromkeys(path.split("/")[1] for path in wire.calls if "/" in path))


@pytest.mark.parametrize(
    "error", [ProvIgjen("HTTP_429"), ProvIgjen("TIDSAVBRUDD"), ProvIgjen("HTTP_500")], ids=str
)
def test_a_second_question_goes_on_where_the_first_was_broken_off(error: KanalFeil) -> None:
    wire = Enheter({f"enheter/{UNKNOWN[3]}": error})
    register = over(wire)
    for further, asked in ((True, UNKNOWN[:4]), (False, UNKNOWN[3:4])):
        with pytest.raises(ProvIgjen, match=error.kode) as failure:
            register.virksomheter(UNKNOWN)
        assert (failure.value.further, alone(wire)) == (further, asked)
        wire.calls.clear()
    wire.instead.clear()
    found = register.virksomheter(UNKNOWN)
    assert {orgnr: one.status for orgnr, one in found.items()} == dict.fromkeys(
        UNKNOWN, Enhetstatus.IKKE_FUNNET
    )
    assert alone(wire) == UNKNOWN[3:]


def test_one_that_a_search_finds_now_is_not_what_it_was() -> None:
    wire = Enheter()
    register = over(wire)
    assert register.virksomheter([UNIT])[UNIT].status is Enhetstatus.IKKE_FUNNET
    wire.parts["enheter"] = [{"organisasjonsnummer": UNIT}]
    assert register.virksomheter([UNIT])[UNIT].status is Enhetstatus.FUNNET


def test_what_was_told_of_one_alone_is_remembered_for_a_while_and_of_so_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = Enheter()
    register = over(wire)
    monkeypatch.setattr("fiks.registeroppslag.client.KEPT_AT_MOST", 2)
    register.virksomheter(UNKNOWN[:3])
    wire.calls.clear()
    register.virksomheter(UNKNOWN[1:3])
    assert alone(wire) == []
    register.virksomheter(UNKNOWN[:1])
    assert alone(wire) == UNKNOWN[:1]
    wire.calls.clear()
    monkeypatch.setattr("fiks.registeroppslag.client.KEPT_SECONDS", 0.0)
    register.virksomheter(UNKNOWN[:1])
    assert alone(wire) == UNKNOWN[:1]


def test_no_address_is_longer_than_servers_take() -> None:
    wire = Enheter(enheter=[{"organisasjonsnummer": f"3{n:08}"} for n in range(450)])
    assert len(over(wire).virksomheter([f"3{n:08}" for n in range(450)])) == 450
    assert wire.calls == ["enheter"] * 3


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


@pytest.mark.parametrize(
    ("told", "confirmed"),
    [
        ({"sist_verifisert": "2026-08-05T10:45:15.768Z"}, datetime(2026, 8, 5, 10, 45, 15, 768000, UTC)),
        ({"sist_verifisert": "2026-06-13T13:42:34+02"}, datetime(2026, 6, 13, 11, 42, 34, 0, UTC)),
        ({"sist_verifisert": "2026-06-13T13:42:34"}, datetime(2026, 6, 13, 13, 42, 34, 0, UTC)),
        (
            {"oppdatert": "2026-02-01T00:00:00Z", "sist_verifisert": "2024-02-01T00:00:00Z"},
            datetime(2026, 2, 1, tzinfo=UTC),
        ),
        ({"sist_verifisert": None}, None),
        ({"sist_verifisert": "i fjor"}, None),
        ({"sist_validert": "2026-02-01T00:00:00Z"}, None),
    ],
)
def test_krr_says_when_an_address_or_a_number_was_last_written_or_confirmed(
    told: dict[str, str | None], confirmed: datetime | None
) -> None:
    """Either will do: docs.digdir.no, 18-månedersregel."""
    row: dict[str, Any] = {"personidentifikator": FNR, "status": "AKTIV", "reservasjon": "JA"}
    for field in ("epostadresse", "mobiltelefonnummer"):
        said = {f"{field}_{how}": moment for how, moment in told.items()}
        [one] = contacts({"personer": [row | {"kontaktinformasjon": said}]}).kontakt([FNR]).values()
        mine, other = one.epost_bekreftet, one.mobil_bekreftet
        if field == "mobiltelefonnummer":
            mine, other = other, mine
        assert (mine, other) == (confirmed, None)

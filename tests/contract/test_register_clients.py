"""The register clients against the simulated registers, over HTTP: every person and unit of Lillevik's register."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.values.krr_contact import usable_contact
from fiks.registeroppslag.client import EnhetsregisterClient, FolkeregisterClient, KrrClient
from fiks.registeroppslag.rules import Enhetstatus, Personstatus, Registeradresse
from testmiljo.sim.process import Simulation

Lookup = Callable[[list[str]], dict[str, Any]]
UNKNOWN_FNR, UNKNOWN_ORGNR = "17912099997", "311999999"
ADDRESSES = ("kontaktinformasjonForDoedsbo", "postadresse", "postadresseIUtlandet", "bostedsadresse")


def folkeregister(sim: Simulation, timeout: tuple[float, float] = (1, 5)) -> FolkeregisterClient:
    return FolkeregisterClient(sim.url("folkeregister"), timeout)


LOOKUPS: dict[str, Callable[[Simulation], Lookup]] = {
    "folkeregister": lambda sim: FolkeregisterClient(sim.url("folkeregister"), (1, 0.5)).personer,
    "enhetsregister": lambda sim: EnhetsregisterClient(sim.url("enhetsregister"), (1, 0.5)).virksomheter,
    "krr": lambda sim: KrrClient(sim.url("krr"), (1, 0.5)).kontakt,
}

FILLER = {"folkeregister": range(2100), "enhetsregister": range(210), "krr": range(2100)}
"""More than a batch of each holds. Who is unknown to Enhetsregisteret is asked about once more, alone."""


@pytest.fixture(params=LOOKUPS)
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_folkeregister_gives_every_person_as_the_register_has_it(
    sim: Simulation, register: dict[str, Any]
) -> None:
    found = folkeregister(sim).personer(list(register["personer"]))

    assert set(found) == set(register["personer"])
    for fnr, entry in register["personer"].items():
        freg, person = entry["folkeregister"], found[fnr]
        name = freg["navn"]
        assert (person.fornavn, person.mellomnavn, person.etternavn) == tuple(name.values())
        assert (person.status, person.adressebeskyttelse) == (freg["status"], freg["adressebeskyttelse"])
        assert person.adresse == expected_address(freg)


def expected_address(freg: dict[str, Any]) -> Registeradresse | None:
    entry = next((freg[kind] for kind in ADDRESSES if freg[kind]), None)
    if entry is None:
        return None
    estate = (f"c/o {entry['kontaktperson']}",) if "kontaktperson" in entry else ()
    lines = tuple(entry[key] for key in ("adresselinje1", "adresselinje2", "adresselinje3") if entry.get(key))
    return Registeradresse((*estate, *lines), entry["postnr"], entry["poststed"], entry.get("land"))


def test_an_unknown_person_is_absent(sim: Simulation, register: dict[str, Any]) -> None:
    known = next(iter(register["personer"]))
    assert set(folkeregister(sim).personer([UNKNOWN_FNR, known])) == {known}


def test_krr_gives_every_person_as_the_register_has_it(sim: Simulation, register: dict[str, Any]) -> None:
    found = KrrClient(sim.url("krr")).kontakt(list(register["personer"]))

    for fnr, entry in register["personer"].items():
        krr, contact = entry["krr"], found[fnr]
        assert contact.registrert == (krr["status"] == "AKTIV")
        if contact.registrert:
            shown = (contact.reservert, contact.postkasse, contact.epost, contact.mobil, contact.spraak)
            assert shown == tuple(krr[key] for key in ("reservert", "postkasse", "epost", "mobil", "spraak"))
            assert contact.passiv == (krr["passiv"] and not krr["reservert"])


def test_krr_says_when_each_was_confirmed_so_that_what_is_stale_is_not_used(
    sim: Simulation, register: dict[str, Any]
) -> None:
    found, now = KrrClient(sim.url("krr")).kontakt(list(register["personer"])), datetime.now(UTC)
    reserved = 0
    for fnr, entry in register["personer"].items():
        krr, contact = entry["krr"], found[fnr]
        assert (contact.epost_bekreftet is None) == (contact.epost is None)
        assert (contact.mobil_bekreftet is None) == (contact.mobil is None)
        may = krr["status"] == "AKTIV" and not krr["passiv"]
        known = usable_contact(contact, now)
        assert (known.epost, known.mobil) == ((krr["epost"] or "", krr["mobil"] or "") if may else ("", ""))
        reserved += may and krr["reservert"] and bool(known.mobil)
    assert reserved


def test_a_person_unknown_to_krr_is_not_registered(sim: Simulation) -> None:
    found = KrrClient(sim.url("krr")).kontakt([UNKNOWN_FNR])
    assert not found[UNKNOWN_FNR].registrert


def test_enhetsregisteret_gives_every_unit_as_the_register_has_it(
    sim: Simulation, register: dict[str, Any]
) -> None:
    found = EnhetsregisterClient(sim.url("enhetsregister")).virksomheter(
        [*register["organisasjoner"], UNKNOWN_ORGNR]
    )

    assert found.pop(UNKNOWN_ORGNR).status is Enhetstatus.IKKE_FUNNET
    for orgnr, entry in register["organisasjoner"].items():
        unit, virksomhet = entry["enhetsregisteret"], found[orgnr]
        assert (virksomhet.navn, virksomhet.status) == (unit["navn"], unit["status"])
        assert virksomhet.organisasjonsform == unit["organisasjonsform"]
        place = None if unit["status"] == "SLETTET" else unit["forretningsadresse"]["poststed"]
        assert (virksomhet.adresse.poststed if virksomhet.adresse else None) == place


def test_the_register_has_its_units_and_its_subunits_in_places_of_their_own(
    sim: Simulation, register: dict[str, Any]
) -> None:
    base = f"{sim.url('enhetsregister')}/enhetsregisteret/api"
    units = {orgnr: entry["enhetsregisteret"] for orgnr, entry in register["organisasjoner"].items()}
    alive = {orgnr for orgnr, unit in units.items() if unit["status"] == "FUNNET"}
    below = {orgnr for orgnr, unit in units.items() if unit.get("overordnetEnhet")}
    assert alive & below and below - alive

    query = {"organisasjonsnummer": ",".join(units), "size": "100"}
    for part, expected in (("enheter", alive - below), ("underenheter", alive & below)):
        answer = requests.get(f"{base}/{part}", params=query, timeout=5).json()
        assert {unit["organisasjonsnummer"] for unit in answer["_embedded"][part]} == expected
    school = min(alive & below)
    assert requests.get(f"{base}/enheter/{school}", timeout=5).status_code == 404
    told = requests.get(f"{base}/underenheter/{school}", timeout=5).json()
    assert told["overordnetEnhet"] in alive and "forretningsadresse" not in told
    assert (
        requests.post(f"{base}/enheter", json={"organisasjonsnummer": [school]}, timeout=5).status_code == 405
    )


def test_a_search_gives_a_page_and_no_deeper_than_the_register_goes(
    sim: Simulation, register: dict[str, Any]
) -> None:
    url = f"{sim.url('enhetsregister')}/enhetsregisteret/api/enheter"
    query: dict[str, str | int] = {"organisasjonsnummer": ",".join(register["organisasjoner"])}
    first = requests.get(url, params=query, timeout=5).json()
    last = requests.get(url, params=query | {"page": 1}, timeout=5).json()
    assert len(first["_embedded"]["enheter"]) == first["page"]["size"] == 20
    assert len(last["_embedded"]["enheter"]) == first["page"]["totalElements"] - 20
    assert requests.get(url, params=query | {"size": 5_000, "page": 2}, timeout=5).status_code == 400
    assert requests.get(url, params={"organisasjonsnummer": "9" * 4_000}, timeout=5).status_code == 414
    nobody = requests.get(url, params={"organisasjonsnummer": UNKNOWN_ORGNR}, timeout=5).json()
    assert (nobody["page"]["totalElements"], "_embedded" in nobody) == (0, False)


def test_one_unit_can_be_fetched_alone(sim: Simulation, register: dict[str, Any]) -> None:
    unknown = requests.get(
        f"{sim.url('enhetsregister')}/enhetsregisteret/api/enheter/{UNKNOWN_ORGNR}", timeout=5
    )
    orgnr, entry = next(iter(register["organisasjoner"].items()))
    known = requests.get(f"{sim.url('enhetsregister')}/enhetsregisteret/api/enheter/{orgnr}", timeout=5)

    assert unknown.status_code == 404
    assert known.json()["navn"] == entry["enhetsregisteret"]["navn"]


def test_more_ids_than_a_batch_holds_are_asked_in_several_calls(
    sim: Simulation, register: dict[str, Any], system: str
) -> None:
    known = list(register["organisasjoner" if system == "enhetsregister" else "personer"])
    filler = [f"{n:09}" if system == "enhetsregister" else f"{n:011}" for n in FILLER[system]]
    middle = len(filler) // 2

    found = LOOKUPS[system](sim)([*filler[:middle], *known, *filler[middle:], *known])

    assert set(known) <= set(found)


def test_no_ids_make_no_call(system: str) -> None:
    clients: dict[str, Lookup] = {
        "folkeregister": FolkeregisterClient("http://127.0.0.1:1").personer,
        "enhetsregister": EnhetsregisterClient("http://127.0.0.1:1").virksomheter,
        "krr": KrrClient("http://127.0.0.1:1").kontakt,
    }
    assert clients[system]([]) == {}


@pytest.mark.parametrize(
    "switches",
    [
        {"drop": 1},
        {"delay_ms": 900},
        {"status": {"500": 1}},
        {"status": {"502": 1}},
        {"status": {"504": 1}},
        {"status": {"408": 1}},
    ],
    ids=str,
)
def test_a_doubt_while_reading_can_simply_be_tried_again(
    sim: Simulation, system: str, switches: dict[str, Any]
) -> None:
    sim.set_switches(**{system: switches})
    with pytest.raises(ProvIgjen) as failure:
        LOOKUPS[system](sim)([UNKNOWN_FNR])
    assert not failure.value.throttled
    assert UNKNOWN_FNR not in f"{failure.value} {failure.value.detalj}"


@pytest.mark.parametrize("status", [429, 503])
def test_throttling_says_how_long_to_wait(sim: Simulation, system: str, status: int) -> None:
    sim.set_switches(**{system: {"status": {str(status): 1}, "retry_after": 7}})
    with pytest.raises(ProvIgjen) as failure:
        LOOKUPS[system](sim)([UNKNOWN_FNR])
    assert (failure.value.after, failure.value.throttled) == (7.0, True)


def test_a_wrong_request_is_refused_for_good(sim: Simulation, system: str) -> None:
    sim.set_switches(**{system: {"status": {"400": 1}}})
    with pytest.raises(Avvist):
        LOOKUPS[system](sim)([UNKNOWN_FNR])


def test_a_share_of_the_calls_is_hit_and_the_rest_answered(sim: Simulation) -> None:
    sim.set_switches(krr={"status": {"503": 0.5}, "seed": 3})
    client = KrrClient(sim.url("krr"))
    failed = 0
    for _ in range(40):
        try:
            client.kontakt([UNKNOWN_FNR])
        except KanalFeil:
            failed += 1
    assert 5 < failed < 35


def test_the_dead_are_dead(sim: Simulation, register: dict[str, Any]) -> None:
    dead = {fnr for fnr, entry in register["personer"].items() if entry["folkeregister"]["doedsdato"]}
    found = folkeregister(sim).personer(list(register["personer"]))
    assert {fnr for fnr, person in found.items() if person.status is Personstatus.DOED} == dead


def test_the_register_may_answer_of_a_person_whatever_it_is_told_to(
    register: dict[str, Any], tmp_path: Path
) -> None:
    d_number, left_out, failing = list(register["personer"])[:3]
    document = {
        "identifikasjonsnummer": [{"foedselsEllerDNummer": d_number, "status": "opphoert"}],
        "adressebeskyttelse": [{"graderingsnivaa": "strengtFortrolig"}],
    }
    fault = {"kode": "FREG-001", "melding": "Feil i tjenesten"}
    answers: dict[str, list[Any]] = {
        d_number: [{"foedselsEllerDNummer": UNKNOWN_FNR, "folkeregisterperson": document}],
        left_out: [],
        failing: [{"foedselsEllerDNummer": failing, "feilmelding": fault}],
    }
    people = {number: register["personer"][number] for number in answers}
    for number, svar in answers.items():
        people[number] = people[number] | {"folkeregister": people[number]["folkeregister"] | {"svar": svar}}
    (tmp_path / "register.json").write_text(json.dumps({"personer": people, "organisasjoner": {}}), "utf-8")
    with Simulation([tmp_path], tmp_path / "omverden.sqlite") as other:
        client = folkeregister(other)
        assert client.personer([d_number])[d_number].adressebeskyttelse == "strengtFortrolig"
        for silent in (left_out, failing):
            with pytest.raises(ProvIgjen, match="UFORSTAAELIG_SVAR"):
                client.personer([d_number, silent])

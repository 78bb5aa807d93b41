"""The whole control: portions, look-ups in bulk, duplicates, and what is kept of a row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from fiks.core.errors import ProvIgjen
from fiks.core.values.identifiers import is_kid
from fiks.registeroppslag.port import Registerport, Registersvar
from fiks.registeroppslag.rules import Adressebeskyttelse, Enhetstatus, Kontaktinformasjon, Person
from fiks.svarut.rules import Kanal
from fiks.utsending.liste.control.duplicates import (
    MAX_KIND_FINDINGS,
    MAX_SHARED_KID_FINDINGS,
    Duplicates,
    receiver_and_property,
)
from fiks.utsending.liste.control.pipeline import PORTION, control, control_rows, control_with_answers
from fiks.utsending.liste.findings import Funn, Rad
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.rows.storage import forecast, status_of
from fiks.utsending.rules import Radstatus
from tests.unit.liste.lists import (
    FNR,
    FNR_WITH_ZERO,
    ORGNR,
    FakeRegister,
    contact,
    person,
    row,
    text_file,
    unit,
)


def known() -> FakeRegister:
    return FakeRegister(person(), contacts=[contact()])


def nobody(orgnrs: Collection[str]) -> frozenset[str]:
    """No organisation has a mottakersystem."""
    return frozenset()


def controlled_rows(rows: Sequence[Rad], register: Registerport) -> list[Kontrollert]:
    """The rows of all portions."""
    return [one for portion in control_rows(rows, register, systems=nobody) for one in portion.rader]


def test_registers_are_asked_once_per_portion() -> None:
    rows = [row(number=n, gnr=str(n), kid="", eksternref=str(n)) for n in range(2, 2 * PORTION + 502)]
    register = known()
    portions = list(control_rows(iter(rows), register, systems=nobody))
    assert [len(portion.rader) for portion in portions] == [PORTION, PORTION, 500]
    assert register.asked == [PORTION, PORTION, 500]
    assert not any(controlled.funn for portion in portions for controlled in portion.rader)


def test_a_repaired_number_is_the_one_looked_up() -> None:
    register = FakeRegister(person(FNR_WITH_ZERO), contacts=[contact(FNR_WITH_ZERO)])
    (controlled,) = controlled_rows([row(fnr=FNR_WITH_ZERO[1:])], register)
    assert [f.kode for f in controlled.funn] == ["FNR_LEDENDE_NULL"]
    assert (controlled.fnr, controlled.digital) == (FNR_WITH_ZERO, True)
    assert controlled.reparert == {"fnr": FNR_WITH_ZERO}


def test_a_wrong_number_is_never_looked_up_and_hides_no_other_fault_of_the_row() -> None:
    register = known()
    (controlled,) = controlled_rows([row(fnr="11928512172", kid="1")], register)
    assert {f.kode for f in controlled.funn} == {"FNR_KONTROLLSIFFER", "KID_UGYLDIG"}
    assert (controlled.fnr, register.asked) == (None, [])


def test_the_protection_of_an_address_follows_the_row() -> None:
    register = FakeRegister(person(protection=Adressebeskyttelse.FORTROLIG), contacts=[contact()])
    (controlled,) = controlled_rows([row()], register)
    assert (controlled.funn, controlled.adressebeskyttelse) == ((), "fortrolig")


def test_the_same_receiver_and_property_twice_points_to_the_first() -> None:
    rows = [row(number=2), row(number=3, bnr="7", eksternref="B"), row(number=4, eksternref="C")]
    portion = controlled_rows(rows, known())
    assert [(f.rad, f.felt, f.kode, f.alvorlighet, f.dublett_av) for c in portion for f in c.funn] == [
        (4, "fnr", "DUBLETT_MOTTAKER", "advarsel", 2)
    ]


def test_a_duplicate_is_found_across_portions() -> None:
    rows = [row(number=n, gnr=str(n), eksternref=str(n)) for n in range(2, PORTION + 3)]
    rows.append(row(number=PORTION + 3, gnr="2", eksternref="siste"))
    *_, last = controlled_rows(rows, known())
    assert [f.dublett_av for f in last.funn] == [2]


def test_a_reference_used_twice_is_a_warning() -> None:
    portion = controlled_rows([row(number=2), row(number=3, bnr="7")], known())
    assert [(f.felt, f.kode) for c in portion for f in c.funn] == [("eksternref", "DUBLETT_EKSTERNREF")]


LONG, SHORT, SHORTER = "20270000241013", "270000241017", "123455"


@pytest.mark.parametrize(
    ("kids", "told"),
    [
        ([LONG, LONG, SHORT, LONG, SHORT], [4]),
        ([SHORT, SHORT, LONG, LONG], [4]),
        ([LONG, SHORTER, SHORT, SHORTER], [3, 4]),
        ([LONG, "", LONG], []),
        ([LONG, "2027 0000 2410 13"], []),
        ([SHORT], []),
    ],
)
def test_a_kid_of_another_length_than_those_before_is_told_of_once(kids: list[str], told: list[int]) -> None:
    """Zeros before a number are lost without a trace in the number itself: its check digit is right without them."""
    rows = [
        row(["kid"], number=n, gnr=str(n), eksternref=str(n), kid=kid) for n, kid in enumerate(kids, start=2)
    ]
    found = [f for c in controlled_rows(rows, known()) for f in c.funn if f.kode == "KID_LENGDE"]
    assert [f.rad for f in found] == told
    assert {(f.felt, f.alvorlighet) for f in found} <= {("kid", "advarsel")}


def test_a_kid_that_is_none_has_no_length() -> None:
    rows = [row(number=n, gnr=str(n), eksternref=str(n), kid=kid) for n, kid in ((2, "1"), (3, LONG))]
    assert [f.kode for c in controlled_rows(rows, known()) for f in c.funn] == ["KID_UGYLDIG"]


FIRST, SECOND, THIRD = {"fnr": FNR}, {"fnr": FNR_WITH_ZERO}, {"fnr": "", "navn": "UKJENT MAUR"}


@pytest.mark.parametrize(
    ("receivers", "told"),
    [
        ([FIRST, SECOND, FIRST, THIRD], [(3, 2), (5, 2)]),
        ([FIRST, FIRST, FIRST], []),
        ([FIRST, SECOND | {"kid": LONG.replace("241013", "241021")}], []),
        ([FIRST | {"kid": ""}, SECOND | {"kid": ""}], []),
    ],
)
def test_a_kid_that_another_receiver_has_is_told_of_with_the_first_who_has_it(
    receivers: list[dict[str, str]], told: list[tuple[int, int]]
) -> None:
    """As when a cell is filled down: neighbours would pay what the other owes."""
    rows = [
        row(number=n, gnr=str(n), eksternref=str(n), **{"kid": LONG} | who)
        for n, who in enumerate(receivers, start=2)
    ]
    register = FakeRegister(person(), person(FNR_WITH_ZERO), contacts=[contact(), contact(FNR_WITH_ZERO)])
    found = [f for c in controlled_rows(rows, register) for f in c.funn if f.felt == "kid"]
    assert [(f.rad, f.dublett_av) for f in found] == told
    assert {(f.kode, f.alvorlighet) for f in found} <= {("DUBLETT_KID", "advarsel")}


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ([("27", "526", "1"), ("27", "526", "1")], []),
        ([("27", "526", "1"), ("27", "526", "1"), ("27", "527", "1")], [4]),
        ([("27", "526", "1"), ("27", "526", "2")], [3]),
        ([("27", "", ""), ("27", "", "")], [3]),
        ([("", "", ""), ("", "", "")], [3]),
    ],
)
def test_owners_of_one_property_may_owe_by_one_kid(
    properties: list[tuple[str, str, str]], told: list[int]
) -> None:
    duplicates, found = Duplicates(), list[Funn]()
    for n, (gnr, bnr, seksjonsnr) in enumerate(properties, start=2):
        owner = {"navn": f"MAUR {n}", "gnr": gnr, "bnr": bnr, "seksjonsnr": seksjonsnr, "kid": LONG}
        found += duplicates.check(Rad(n, n, owner), owner)
    assert [(f.kode, f.rad, f.dublett_av) for f in found] == [("DUBLETT_KID", rad, 2) for rad in told]


def test_a_kid_that_others_have_is_told_of_a_few_times() -> None:
    duplicates, found = Duplicates(), list[Funn]()
    for n in range(2, 2 * MAX_SHARED_KID_FINDINGS + 2):
        owner = {"navn": f"MAUR {n}", "kid": LONG}
        found += duplicates.check(Rad(n, n, owner), owner)
    assert [f.rad for f in found] == list(range(3, MAX_SHARED_KID_FINDINGS + 3))


def test_a_kid_that_is_none_is_not_said_to_be_anothers() -> None:
    rows = [row(number=n, gnr=str(n), eksternref=str(n), kid="1", navn=f"MAUR {n}", fnr="") for n in (2, 3)]
    found = [f.kode for c in controlled_rows(rows, known()) for f in c.funn if f.felt == "kid"]
    assert found == ["KID_UGYLDIG", "KID_UGYLDIG"]


MOD10 = [str(n) for n in range(20370000165000, 20370000168000) if is_kid(str(n), "MOD10")]
MOD10 = [kid for kid in MOD10 if not is_kid(kid, "MOD11")][:20]
MISTYPED = "20370000166012"
"""Right by MOD11 alone."""
BOTH = "123455"


@pytest.mark.parametrize(
    ("kids", "told"),
    [
        ([*MOD10[:3], MISTYPED], [5]),
        ([*MOD10[:3], MISTYPED, *MOD10[3:6], MISTYPED], [5, 9]),
        ([MISTYPED, "", MISTYPED], []),
        ([BOTH, MISTYPED, BOTH], []),
        ([BOTH, MISTYPED, MOD10[0]], [4]),
        ([*MOD10[:3], "1"], []),
        ([MISTYPED, *MOD10], list(range(3, 3 + MAX_KIND_FINDINGS))),
    ],
)
def test_a_kid_of_another_kind_than_all_before_it_is_told_of_a_few_times(
    kids: list[str], told: list[int]
) -> None:
    rows = [row(number=n, gnr=str(n), eksternref=str(n), kid=kid) for n, kid in enumerate(kids, start=2)]
    found = [f for c in controlled_rows(rows, known()) for f in c.funn if f.kode == "KID_ANNEN_TYPE"]
    assert [f.rad for f in found] == told
    assert {(f.felt, f.alvorlighet) for f in found} <= {("kid", "advarsel")}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"navn": "ANNEN SKRIVEMÅTE"}, True),
        ({"seksjonsnr": "4"}, False),
        ({"fnr": FNR_WITH_ZERO}, False),
        ({"gnr": "", "bnr": "", "filnavn": "2.pdf"}, False),
    ],
)
def test_two_letters_are_the_same_when_receiver_and_property_are(changes: dict[str, str], same: bool) -> None:
    assert (receiver_and_property(row().verdier) == receiver_and_property(row(**changes).verdier)) is same


def test_receivers_without_a_number_are_known_by_name_and_address() -> None:
    one = row(fnr="", navn="Sameiet «Dompap»").verdier
    assert receiver_and_property(one) == receiver_and_property(one | {"navn": "SAMEIET «DOMPAP»"})
    assert receiver_and_property(one) != receiver_and_property(one | {"adresselinje1": "Gata 2"})


def test_in_a_list_without_property_two_invoices_of_one_person_differ() -> None:
    one = {"fnr": FNR, "kid": "18"}
    assert receiver_and_property(one) != receiver_and_property({"fnr": FNR, "kid": "26"})


def test_remembering_a_row_costs_numbers_only() -> None:
    duplicates = Duplicates()
    duplicates.check(row(), row().verdier)
    kept = [*duplicates._letters.items(), *duplicates._references.items(), *duplicates._payers.values()]
    assert all(isinstance(number, int) for pair in [*kept, duplicates._payers] for number in pair)


def test_a_file_is_read_in_a_child_and_controlled(tmp_path: Path) -> None:
    path = text_file(tmp_path, f"navn;fnr\nRETTFERDIG TYTTEBÆR;{FNR}\nUKJENT MAUR;{FNR_WITH_ZERO}\n")
    (portion,) = control(path, path.name, None, known(), systems=nobody)
    assert [[f.kode for f in c.funn] for c in portion.rader] == [
        [],
        ["PERSON_IKKE_FUNNET", "ADRESSE_MANGLER"],
    ]


NO_ADDRESS = {"adresselinje1": "", "adresselinje2": "", "postnr": "", "poststed": ""}


@pytest.mark.parametrize("kun_digital", [True, False])
@pytest.mark.parametrize("has_system", [True, False])
@pytest.mark.parametrize("status", list(Enhetstatus))
def test_control_and_forecast_agree_of_who_has_a_mottakersystem(
    status: Enhetstatus, has_system: bool, kun_digital: bool
) -> None:
    register = FakeRegister(units=[unit(status=status)])
    rad = row(fnr="", orgnr=ORGNR, navn="TAPPER MÅKE AS", **NO_ADDRESS)
    answers = Registersvar(virksomheter=register.virksomheter([ORGNR]))
    asked: list[Collection[str]] = []

    def systems(orgnrs: Collection[str]) -> frozenset[str]:
        asked.append(orgnrs)
        return frozenset(orgnrs) if has_system else frozenset()

    portion = control_with_answers([rad], answers, kun_digital, systems=systems)
    [listed] = control_rows([rad], register, kun_digital, systems=systems)
    assert (listed.rader, listed.svarinn, asked) == (portion.rader, portion.svarinn, [[ORGNR]] * 2)

    [controlled] = portion.rader
    valg = forecast(controlled, answers, svarinn=portion.svarinn, sdp_aktiv=False, kun_digital=kun_digital)
    assert controlled.digital == (valg.kanal in (Kanal.SVARINN, Kanal.ALTINN))
    assert controlled.digital == (has_system or status is Enhetstatus.FUNNET)
    codes = {f.kode for f in controlled.funn}
    assert ("KAN_IKKE_NAAS" in codes) == (valg.kanal is None)
    assert ("ADRESSE_MANGLER" in codes) == (valg.kanal is Kanal.PRINT)
    if controlled.digital:
        assert status_of(controlled) in (Radstatus.OK, Radstatus.ADVARSEL)


def test_a_controlled_row_never_shows_a_value_when_printed() -> None:
    (controlled,) = controlled_rows([row()], known())
    assert FNR not in repr(controlled)


class Unreadable(FakeRegister):
    """One of them answers about one receiver what cannot be read."""

    def __init__(self, what: str) -> None:
        super().__init__(person(), person(FNR_WITH_ZERO), contacts=[contact(), contact(FNR_WITH_ZERO)])
        self._what = what

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Person]:
        self._answer("personer", fnrs)
        return super().personer(fnrs)

    def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Kontaktinformasjon]:
        self._answer("kontakt", fnrs)
        return super().kontakt(fnrs)

    def _answer(self, what: str, fnrs: Sequence[str]) -> None:
        if what == self._what and FNR in fnrs:
            raise ProvIgjen("UFORSTAAELIG_SVAR")


@pytest.mark.parametrize(
    ("what", "protection"),
    [("personer", Adressebeskyttelse.STRENGT_FORTROLIG), ("kontakt", Adressebeskyttelse.UGRADERT)],
)
def test_a_receiver_whom_a_register_cannot_speak_of_is_held_and_the_others_are_not(
    what: str, protection: Adressebeskyttelse
) -> None:
    rows = [row(number=2, kid="1"), row(number=3, fnr=FNR_WITH_ZERO, eksternref="B", gnr="8")]
    held, other = controlled_rows(rows, Unreadable(what))
    assert [(f.felt, f.kode, f.alvorlighet) for f in held.funn] == [
        ("kid", "KID_UGYLDIG", "feil"),
        ("fnr", "REGISTER_UTEN_SVAR", "feil"),
    ]
    assert (held.digital, held.adressebeskyttelse) == (False, protection)
    assert (other.funn, other.digital) == ((), True)


def test_whom_a_row_is_for_is_nobodys_to_see_while_a_register_cannot_say_how_they_are_protected() -> None:
    shifted = row(number=2, fnr="1", orgnr=FNR)
    (controlled,) = controlled_rows([shifted], Unreadable("personer"))
    assert (controlled.fnr, controlled.adressebeskyttelse) == (None, Adressebeskyttelse.STRENGT_FORTROLIG)


OWN = "Fødselsnr (2)"


@pytest.mark.parametrize("written", [FNR, f"{FNR[:6]} {FNR[6:]}", f" {FNR[:6]}-{FNR[6:]}"])
def test_a_number_in_a_column_that_is_not_used_stops_a_row_that_has_none(written: str) -> None:
    (controlled,) = controlled_rows([row(fnr="", **{OWN: written})], known())
    assert [(f.felt, f.kode, f.alvorlighet) for f in controlled.funn] == [
        (OWN, "FNR_I_ANNEN_KOLONNE", "feil")
    ]
    assert controlled.funn[0].verdi == {OWN: written}


def test_so_does_one_where_the_festenummer_should_be_whoever_the_row_is_for() -> None:
    for fnr, written in (("", FNR), (FNR, FNR), (FNR, FNR_WITH_ZERO), (FNR, FNR_WITH_ZERO[1:])):
        (controlled,) = controlled_rows([row(fnr=fnr, festenr=written)], known())
        assert [(f.felt, f.kode) for f in controlled.funn] == [("festenr", "FNR_I_ANNEN_KOLONNE")]


def test_whose_number_it_is_is_asked_so_that_a_protected_address_is_not_shown() -> None:
    register = FakeRegister(person(protection=Adressebeskyttelse.STRENGT_FORTROLIG))
    (controlled,) = controlled_rows([row(fnr="", **{OWN: FNR})], register)
    assert (controlled.fnr, controlled.adressebeskyttelse) == (None, "strengtFortrolig")


@pytest.mark.parametrize(
    "changes",
    [
        {OWN: FNR},
        {"fnr": "", "orgnr": ORGNR, OWN: FNR},
        {"fnr": "", OWN: "12345678901"},
        {"fnr": "", OWN: ""},
    ],
)
def test_a_column_of_ones_own_may_else_hold_what_it_will(changes: dict[str, str]) -> None:
    register = FakeRegister(person(), contacts=[contact()], units=[unit("RETTFERDIG TYTTEBÆR")])
    (controlled,) = controlled_rows([row(**changes)], register)
    assert controlled.funn == ()

"""Another receiver on a letter's later pages: what is one and what is not, and the letter before nobody's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from fiks.pdf.cut import Felttekst, Sidetekst
from fiks.utsending.liste.findings import Alvorlighet
from fiks.utsending.samlet.analysis.address_blocks import addresses, is_place
from fiks.utsending.samlet.analysis.area_reader import Lesing, read_letter
from fiks.utsending.samlet.analysis.boundaries import Brevomrade
from fiks.utsending.samlet.analysis.id_numbers import numbers_written
from fiks.utsending.samlet.analysis.other_receiver import (
    Andresider,
    OtherReceiverCheck,
    check_next_letter,
    watched_areas,
)
from fiks.utsending.samlet.analysis.setup import Feltnavn, Kuttmate, Omrade, Oppsett

F = Feltnavn
NAVN, ADRESSE, ID = (
    Omrade(F.NAVN, 1, 19, 48, 100, 5),
    Omrade(F.ADRESSE, 1, 19, 53, 100, 27),
    Omrade(F.ID, 1, 154, 53, 36, 5),
)
TWO = Oppsett(Kuttmate.SIDER, 2, "", (NAVN, ADRESSE, ID))
FNR, OTHER_FNR, ORGNR = "05897818274", "03831010044", "360673499"
OWN = ("Gata 1", "4274 STOL")


def letter(
    navn: str = "Kari Vik", address: Sequence[str] = OWN, number: str = FNR, nr: int = 1, cut: bool = False
) -> Lesing:
    texts = (
        Felttekst((navn,) if navn else (), 0, cut),
        Felttekst(tuple(address)),
        Felttekst((number,) if number else ()),
    )
    return read_letter(Brevomrade(nr, 2 * nr - 1, 2 * nr), {1: Sidetekst(texts, True, False)}, TWO)


def later(navn: str = "", address: Sequence[str] = (), number: str = "") -> Andresider:
    fields = {F.NAVN: Felttekst((navn,) if navn else ()), F.ADRESSE: Felttekst(tuple(address))}
    return {2: fields | {F.ID: Felttekst((number,) if number else ())}}


def codes(*letters: tuple[Lesing, Andresider]) -> list[list[tuple[str, str | None]]]:
    judged = OtherReceiverCheck().judge(letters)
    return [
        [(str(f.kode), f.felt) for f in lesing.funn if f.felt and f.felt.startswith("Side")]
        for lesing in judged
    ]


FOUND = [[("ANNEN_MOTTAKER", "Side 2")]]


@pytest.mark.parametrize(
    "page",
    [
        later(number=OTHER_FNR),
        later(number=f"Org.nr. {ORGNR}"),
        later("Ola Vik", OWN),
        later("Kari Vik", ("Gata 2", "4274 STOL")),
        later("Kari Anne Vik", OWN, ""),
        later("Ola Vik", ("4274 STOL",)),
        later("", ("Ola Vik", "4274 STOL")),
        later("Sameiet Gata 5", ("Gata 5", "4274 STOL")),
        later("Ola Vik", ("Gata 1", "N-4274 Stol")),
        later("Ola Vik", ("Testgatan 4", "111 22 STOCKHOLM", "SVERIGE")),
        later("Ola Vik", ("Gata 3", "3770 KRAGER")),
        later("Ola Vik", ("Gata 3", "4274 STOLL")),
        later("Kari Vik", OWN, OTHER_FNR),
        later("Betalt av", ("Kari Nordmann", "Storgata 1", "4262 AVALDSNES")),
        later("3205-3/1/0/0", ("Ola Vik", "Fjellvegen 3", "4274 STOL")),
        later("Ola Vik 3205-3/1/0/0", ("Fjellvegen 3", "4274 STOL")),
        later("Sameiet Gata 5/7", ("Gata 5/7", "4274 STOL")),
        later("Eiendom 3/1", ("Ola Vik", "4274 STOL")),
        later("Kari Vik", ("Gata 1", "4262 AVALDSNES")),
    ],
)  # fmt: skip
def test_another_number_or_a_whole_address_that_is_not_the_letters_own_is_another_receiver(
    page: Andresider,
) -> None:
    assert codes((letter(), page)) == FOUND


@pytest.mark.parametrize(
    "page",
    [
        later(),
        later("Kari Vik", OWN),
        later("VIK, Kari", ("gata 1", "4274 Stol")),
        later("", ("Kari Vik", *OWN)),
        later("", OWN),
        later("Kari Vik", ("4274 STOL",)),
        *(later("Kari Vik", ("Gata 1", place)) for place in ("NO-4274 STOL", "N-4274, Stol", "4274 Stol.")),
        later("Kari Vik", (*OWN, "NORGE")),
        later("", ("Kari Vik", *OWN, "NORGE", "Kari Vik", *OWN)),
        later("Eiendom 3205-3/1/0/0", ("Fjellvegen 3", "4274 STOL")),
        later("3205-3/1/0/0", ("Fjellvegen 3", "4274 STOL")),
        later("Gnr. 3 bnr. 1", ("3/1 H0101", "Fjellvegen 3", "4274 STOL")),
        later("", ("Gata 12/14", "4274 STOL")),
        later("3/1", ("Kari Vik", *OWN)),
        later("Kari Vik", OWN, FNR),
        later("Ola Vik", OWN, f"Fødselsnr. {FNR}"),
        later("Klage, offentlig ettersyn", ("Du kan klage innen seks", "uker. Skriv til", "kommunen.")),
        later("Termin", ("1500 kr", "2027 Skatt", "1 200", "4274 eiendommer")),
        later("Eiendom", ("Gata 9 4274 STOL", "Gata 11 4274 STOL")),
        later("4274 STOL", ("4274 STOL", "4274 STOL")),
        later("", ("Gata 9", "4274 STOL")),
        later("Land", ("Sverige", "Norge")),
        later(number="12 345 6789"),
        later(number="Kid 058978182741"),
        later(number="12500 14200 9000"),
        {2: {}},
    ],
)  # fmt: skip
def test_the_same_receiver_and_what_is_no_receiver_are_fine(page: Andresider) -> None:
    assert codes((letter(), page)) == [[]]


def test_a_letter_without_a_number_may_tell_it_on_a_page_with_its_own_address_only() -> None:
    without = letter(number="")
    assert codes((without, later("Kari Vik", OWN, FNR))) == [[]]
    assert codes((without, later(number=FNR))) == FOUND


def test_what_the_template_has_on_the_page_of_several_receivers_is_no_receiver() -> None:
    sender = later("Lillevik kommune", ("Rådhusgata 1", "4274 STOL"), ORGNR)
    owners = [letter(f"Eier {name}", number="", nr=nr) for nr, name in enumerate("abcdefgh", 1)]
    assert codes(*((owner, sender) for owner in owners[:3])) == [[], [], []]
    assert codes(*((owner, sender) for owner in owners[:2])) == FOUND * 2
    one_of = [later("Ola Vik", ("Gata 3", "4274 STOL"))]
    assert codes(*zip(owners, [sender] * 7 + one_of, strict=True)) == [[]] * 7 + FOUND


def test_who_has_many_letters_in_a_file_that_is_cut_wrong_is_not_taken_for_the_template() -> None:
    owners = [letter(f"Eier {nr}", number="", nr=nr) for nr in range(1, 21)]
    landlord = later("Boligbygg", ("Gata 3", "4274 STOL"))
    pages = [landlord if nr % 4 == 0 else later(f"Annen {nr}", OWN) for nr in range(1, 21)]
    assert codes(*zip(owners, pages, strict=True)) == FOUND * 20
    same = [letter("Eier", number="", nr=nr) for nr in range(1, 4)]
    assert codes(*((one, landlord) for one in same)) == FOUND * 3


def owners(count: int) -> list[Lesing]:
    return [letter(f"Eier {nr}", (f"Gata {nr}", "4274 STOL"), "", nr) for nr in range(1, count + 1)]


def labelled(lesing: Lesing, label: str, number: str = "") -> Andresider:
    return later(label, lesing.linjer, number)


def test_what_was_learned_of_the_template_holds_for_the_letters_before_and_on_another_page() -> None:
    sender = later("Lillevik kommune", ("Rådhusgata 1", "4274 STOL"))
    pages = [sender if nr % 50 == 1 else later() for nr in range(1, 301)]
    pages[-1] = {5: sender[2]}
    assert codes(*zip(owners(300), pages, strict=True)) == [[]] * 300


def test_letters_are_held_from_the_first_that_has_anything_there_until_all_are_read() -> None:
    pages = [later(), later(number=OTHER_FNR), later(), later()]
    read: list[int] = []

    def reading() -> Iterator[tuple[Lesing, Andresider]]:
        for pair in zip(owners(4), pages, strict=True):
            read.append(pair[0].rad.rad)
            yield pair

    judged = OtherReceiverCheck().judge(reading())
    assert [(next(judged).rad.rad, len(read)) for _ in pages] == [(1, 1), (2, 4), (3, 4), (4, 4)]


def test_a_label_of_the_template_over_the_letters_own_address_makes_no_other_of_it() -> None:
    paid = [(one, labelled(one, "Betalt av", FNR)) for one in owners(20)]
    assert codes(*paid) == [[]] * 20
    assert codes(*paid[:2]) == FOUND * 2
    two = [(one, later("Giroen gjelder", ("Betalt av:", *one.linjer))) for one in owners(4)]
    assert codes(*two) == [[]] * 4


def test_a_label_of_the_template_over_a_street_and_its_place_makes_nobody_of_it() -> None:
    letters = owners(20)
    for label in ("Eiendommens adresse", "Vedr. 3205-{}/1/0/0", "Gjelder {}/1"):
        pages = [later(label.format(nr), (f"Fjellvegen {nr}", "4274 STOL")) for nr in range(20)]
        assert codes(*zip(letters, pages, strict=True)) == [[]] * 20


def test_a_label_over_somebody_elses_name_and_address_hides_nobody() -> None:
    letters = owners(20)
    pages = [labelled(one, "Betalt av") for one in letters]
    pages[7] = later("Betalt av", ("Kari Nordmann", "Storgata 1", "4262 AVALDSNES"))
    assert codes(*zip(letters, pages, strict=True)) == [[]] * 7 + FOUND + [[]] * 12
    shifted = [labelled(one, "Betalt av") for one in (*letters[1:], letters[0])]
    assert codes(*zip(letters, shifted, strict=True)) == FOUND * 20
    properties = [later("Eiendommens adresse", (f"Fjellvegen {nr}", "4274 STOL")) for nr in range(20)]
    properties[7] = later("Eiendommens adresse", ("Ola Vik", "Fjellvegen 7", "4274 STOL"))
    assert codes(*zip(letters, properties, strict=True)) == [[]] * 7 + FOUND + [[]] * 12


def test_a_number_under_a_label_and_an_address_that_are_not_the_letters_own_is_another_receiver() -> None:
    letters = owners(20)
    pages = [labelled(one, "Betalt av") for one in letters]
    pages[7] = later("Betalt av", ("Kari Nordmann", "4262 AVALDSNES"), OTHER_FNR)
    pages[8] = later("Betalt av", (), OTHER_FNR)
    pages[9] = labelled(letters[9], "Betalt av", OTHER_FNR)
    assert codes(*zip(letters, pages, strict=True)) == [[]] * 7 + FOUND * 2 + [[]] * 11
    letters[9] = letter("Eier 10", ("Gata 10", "4274 STOL"), FNR, 10)
    assert codes(*zip(letters, pages, strict=True)) == [[]] * 7 + FOUND * 3 + [[]] * 10


def test_the_name_of_a_receiver_is_no_label_though_it_stands_on_most_pages_that_have_anything() -> None:
    letters = [*owners(9), letter("Boligbygg", ("Gata 30", "4274 STOL"), "", 10)]
    pages = [later("Boligbygg", (f"Gata {nr}", "4274 STOL")) for nr in (41, 42, 43)] + [later()] * 7
    assert codes(*zip(letters, pages, strict=True)) == FOUND * 3 + [[]] * 7


def test_one_letter_that_begins_with_the_label_does_not_stop_all_that_have_it() -> None:
    letters = [*owners(19), letter("Betalt av", ("Eier 20", "4274 STOL"), "", 20)]
    pages = [labelled(one, "Betalt av") for one in letters[:19]] + [later()]
    assert codes(*zip(letters, pages, strict=True)) == [[]] * 20


def test_a_key_the_extra_list_has_another_number_for_is_another_receiver() -> None:
    numbers = {"R-1": FNR, "R-2": OTHER_FNR}
    strangers = OtherReceiverCheck(lambda key: numbers.get(key, ""))
    told = [
        [str(f.kode) for f in lesing.funn]
        for key in ("R-1", "R-2", "R-3")
        for lesing in strangers.judge([(letter(), {2: {F.NOKKEL: Felttekst((key,))}})])
    ]
    assert told == [[], ["ANNEN_MOTTAKER"], []]


def test_only_the_first_page_is_told_and_a_page_nobody_could_read_as_well() -> None:
    other = later(number=OTHER_FNR)[2]
    assert codes((letter(), {2: {}, 3: other, 4: other, 5: None, 6: None})) == [
        [("ANNEN_MOTTAKER", "Side 3"), ("SIDE_ULEST", "Side 5")]
    ]


def test_nothing_of_who_it_is_is_kept_with_the_finding() -> None:
    [lesing] = OtherReceiverCheck().judge([(letter(), later("Ola Vik", ("Gata 2", "4274 STOL"), OTHER_FNR))])
    assert [(dict(f.verdi), f.reparert) for f in lesing.funn] == [({}, None)]


def test_the_areas_that_are_looked_at_are_those_of_the_receiver() -> None:
    many = replace(TWO, omrader=(*TWO.omrader, Omrade(F.REF, 1, 1, 1, 9, 9), Omrade(F.NOKKEL, 2, 1, 1, 9, 9)))
    assert [area.felt for area in watched_areas(many, 1)] == [F.NAVN, F.ADRESSE, F.ID]
    assert [area.felt for area in watched_areas(many, 2)] == [F.NOKKEL]


@pytest.mark.parametrize(
    ("after", "oppsett", "wanted"),
    [
        (letter("", (), ""), TWO, Alvorlighet.FEIL),
        (letter("Kommunen regner ut", ("skatten av", "takst"), "", cut=True), TWO, Alvorlighet.FEIL),
        (letter("Ola Vik", ("Ukjent adresse",), ""), TWO, Alvorlighet.ADVARSEL),
        (letter("Ola Vik", OWN, ""), TWO, None),
        (letter("Ola Vik", ("Ukjent adresse",), FNR), TWO, None),
        (letter("", (), ""), replace(TWO, kutt=Kuttmate.TEKST, tekst="Side 1"), None),
        (letter("", (), ""), replace(TWO, omrader=(NAVN,)), Alvorlighet.FEIL),
        (letter("Ola Vik", (), ""), replace(TWO, omrader=(NAVN,)), None),
    ],
)  # fmt: skip
def test_a_letter_before_one_that_begins_with_nobody_is_told(
    after: Lesing, oppsett: Oppsett, wanted: Alvorlighet | None
) -> None:
    before, last = check_next_letter([letter(), after], oppsett)
    assert [(str(f.kode), f.alvorlighet) for f in before.funn] == (
        [("NESTE_UTEN_MOTTAKER", wanted)] if wanted else []
    )
    assert last is after
    assert list(check_next_letter([], oppsett)) == []


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("058978 18274", (FNR,)),
        (f"Født 05.09.1978 {FNR}", (FNR,)),
        ("058978-18274", (FNR,)),
        ("NO 360 673 499 MVA", (ORGNR,)),
        ("1 360 673 499", ()),
        ("360 673 499 200", ()),
        ("36067 3499", ()),
        ("05897818275", ()),
    ],
)
def test_a_number_is_one_that_is_written_as_such(line: str, wanted: tuple[str, ...]) -> None:
    assert numbers_written([line]) == wanted


def test_addresses_end_with_their_place() -> None:
    lines = ["Ola Vik", "Gata 1", "4274 STOL", "Kari Vik", "Gata 2", "4274 STOL", "Hilsen"]
    assert list(addresses(lines)) == [("Ola Vik", "Gata 1", "4274 STOL"), ("Kari Vik", "Gata 2", "4274 STOL")]
    assert [is_place(line) for line in ("4274 STOL", "4274", "9999 STOL", "4274 Oslo", "STOL")] == [
        True,
        *[False] * 4,
    ]

"""What may be written in eDialog, and how it is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from fontTools.ttLib import TTFont

from config.paths import FONTS
from fiks.core.values.address import Adresse
from fiks.edialog import rules
from fiks.edialog.queries import Framdrift, progress_of
from fiks.edialog.rules import OVERGANGER, PRINTABLE, Avsender, Status, Utkast
from fiks.svarut.rules import Status as Brevstatus

KARI = Avsender(
    Adresse("Kari Fjellstad", "Vegen 1", "", "", "4262", "AVALDSNES", ""), "kari@eksempel.no", "99887766"
)
SENT = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
WHOLE = Utkast("2026/118 – tillegg", "Hei.\n\nSe vedlegg.", KARI)


def codes(**changes: object) -> list[tuple[str, str]]:
    return [(one.felt, one.kode) for one in rules.faults(replace(WHOLE, **changes))]  # type: ignore[arg-type]


def at(**changes: str) -> Avsender:
    return replace(KARI, adresse=replace(KARI.adresse, **changes))


def test_every_sign_that_is_said_to_be_drawn_is_in_the_font() -> None:
    names = ("inter-latin-400-normal.woff2", "inter-latin-ext-400-normal.woff2")
    bold = ("inter-latin-600-normal.woff2", "inter-latin-ext-600-normal.woff2")
    for family in (names, bold):
        there = {sign for name in family for sign in TTFont(FONTS / name).getBestCmap()}
        assert [hex(n) for first, last in PRINTABLE for n in range(first, last + 1) if n not in there] == []


def test_what_is_whole_can_be_sent() -> None:
    assert codes() == []
    assert codes(avsender=replace(KARI, epost="", telefon="")) == []
    assert codes(avsender=at(postnr="10115", poststed="Berlin", land="Tyskland")) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tittel": ""}, ("tittel", "EDIALOG_TITTEL_MANGLER")),
        ({"tittel": "a" * 1_001}, ("tittel", "EDIALOG_FOR_LANG")),
        ({"tittel": "Hei 😀"}, ("tittel", "EDIALOG_TEGN")),
        ({"tittel": "a\nb"}, ("tittel", "EDIALOG_TEGN")),
        ({"tittel": "Om 17858430119"}, ("tittel", "EDIALOG_FNR_I_TITTEL")),
        ({"melding": ""}, ("melding", "EDIALOG_MELDING_MANGLER")),
        ({"melding": "a" * 10_001}, ("melding", "EDIALOG_FOR_LANG")),
        ({"melding": "a" + "\n" * 1_000}, ("melding", "EDIALOG_FOR_MANGE_LINJER")),
        ({"melding": "привіт"}, ("melding", "EDIALOG_TEGN")),
        ({"melding": "a\x07"}, ("melding", "EDIALOG_TEGN")),
        ({"avsender": at(navn="")}, ("navn", "EDIALOG_NAVN_MANGLER")),
        ({"avsender": at(navn="a" * 101)}, ("navn", "EDIALOG_FOR_LANG")),
        ({"avsender": at(adresselinje1="")}, ("adresselinje1", "EDIALOG_ADRESSE_MANGLER")),
        ({"avsender": at(adresselinje2="a" * 71)}, ("adresselinje2", "EDIALOG_FOR_LANG")),
        ({"avsender": at(postnr="426")}, ("postnr", "EDIALOG_POSTNR")),
        ({"avsender": at(poststed="")}, ("poststed", "EDIALOG_POSTSTED_MANGLER")),
        ({"avsender": at(land="Atlantis")}, ("land", "EDIALOG_LAND")),
        ({"avsender": replace(KARI, epost="kari")}, ("epost", "EDIALOG_EPOST")),
        ({"avsender": replace(KARI, epost="a@b.no\nBcc: x@y.no")}, ("epost", "EDIALOG_EPOST")),
        ({"avsender": replace(KARI, epost="kari@[eksempel.no")}, ("epost", "EDIALOG_EPOST")),
        ({"avsender": replace(KARI, epost="kari@eksempel].no")}, ("epost", "EDIALOG_EPOST")),
        ({"avsender": replace(KARI, epost="kari@eksempel..no")}, ("epost", "EDIALOG_EPOST")),
        ({"avsender": replace(KARI, epost="mailto:kari@eksempel.no")}, ("epost", "EDIALOG_EPOST")),
        ({"avsender": replace(KARI, epost="kari(privat)@eksempel.no")}, ("epost", "EDIALOG_EPOST")),
        ({"avsender": replace(KARI, epost=f"kari@{'a' * 200}.no")}, ("epost", "EDIALOG_EPOST")),
        ({"avsender": replace(KARI, telefon="ring meg")}, ("telefon", "EDIALOG_TELEFON")),
    ],
)
def test_what_is_wrong_is_named_with_its_field(changes: dict[str, object], expected: tuple[str, str]) -> None:
    assert codes(**changes) == [expected]


def test_signs_nobody_sees_are_taken_out_and_lines_end_alike() -> None:
    assert rules.tidy_text("  A\u030aa\u00ad\u200b\r\nb\rc ") == "Åa\nb\nc"
    assert rules.paragraphs("a\n\n  b \n") == ["a", "b"]


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        *((f"Hei{sign}du", "Hei\ndu") for sign in "\u2028\u2029\x0b\x0c\x85"),
        *((f"Hei{chr(number)}du", "Hei du") for number in range(0x2000, 0x200B)),
        *((f"Hei{chr(number)}du", "Heidu") for number in range(0x200B, 0x2010)),
        *((f"Hei{chr(number)}du", "Heidu") for number in range(0x202A, 0x202F)),
        *((f"Hei{chr(number)}du", "Heidu") for number in range(0x2060, 0x206A)),
        ("Hei\ufe0fdu", "Heidu"),
        ("Kari\u2029", "Kari"),
    ],
)
def test_what_is_pasted_along_unseen_is_a_line_a_space_or_nothing(pasted: str, kept: str) -> None:
    assert rules.tidy_text(pasted) == kept
    assert codes(melding=rules.tidy_text(pasted)) == []


def test_a_phone_number_copied_with_its_direction_is_one() -> None:
    pasted = rules.tidy_text("\u202a+47 22 22 22 22\u202c")
    assert codes(avsender=replace(KARI, telefon=pasted)) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/Søknad.PDF", "Søknad.pdf"),
        ("C:\\skjema<1>.pdf", "skjema1.pdf"),
        ("", "vedlegg.pdf"),
        ("...", "vedlegg.pdf"),
        ("HENVENDELSE.pdf", "HENVENDELSE 2.pdf"),
        ("a.pdf", "a 3.pdf"),
        ("17858430119.pdf", "xxxxxxxxxxx.pdf"),
        ("a" * 300 + ".pdf", "a" * 110 + ".pdf"),
        ("gnp.\u202efdp.pdf", "gnp.fdp.pdf"),
    ],
)
def test_a_file_name_is_only_a_name_and_unlike_the_others(given: str, kept: str) -> None:
    assert rules.file_name(given, ["A.pdf", "a 2.pdf"]) == kept


def test_the_letter_of_a_skjema_has_one_id_and_no_other() -> None:
    one = uuid4()
    assert rules.letter_id(one) == rules.letter_id(one) != rules.letter_id(uuid4())


def test_a_skjema_that_is_sent_never_moves_again() -> None:
    assert OVERGANGER[Status.INNSENDT] == frozenset()
    assert set(OVERGANGER) == set(Status)


def test_the_citizen_is_told_how_far_it_has_come() -> None:
    told = {status: progress_of(status, overlevert=SENT) for status in Brevstatus}
    assert {s for s, p in told.items() if p is Framdrift.IKKE_FRAMME} == {
        "AVVIST",
        "FEILET_UNDER_MOTTAK",
        "IKKE_LEVERT",
    }
    assert (told[Brevstatus.MOTTATT], told[Brevstatus.LEST]) == (Framdrift.PAA_VEI, Framdrift.LEST)


@pytest.mark.parametrize(
    ("before", "overlevert", "told"),
    [
        ("LEST", SENT, Framdrift.LEST),
        ("PRINTET", SENT, Framdrift.FRAMME),
        ("SENDT_DIGITALT", SENT, Framdrift.FRAMME),
        ("MANUELT_HANDTERT", SENT, Framdrift.FRAMME),
        ("MANUELT_HANDTERT", None, Framdrift.IKKE_FRAMME),
        ("KLAR_FOR_MOTTAK", SENT, Framdrift.IKKE_FRAMME),
        ("SENDT_PRINT", None, Framdrift.IKKE_FRAMME),
        ("IKKE_LEVERT", SENT, Framdrift.IKKE_FRAMME),
    ],
)
def test_what_is_deleted_is_told_of_as_it_ended(
    before: str, overlevert: datetime | None, told: Framdrift
) -> None:
    assert progress_of("SLETTET", before, overlevert) is told


def test_what_is_closed_has_arrived_if_somebody_has_it() -> None:
    told = [progress_of("MANUELT_HANDTERT", None, overlevert) for overlevert in (SENT, None)]
    assert told == [Framdrift.FRAMME, Framdrift.IKKE_FRAMME]

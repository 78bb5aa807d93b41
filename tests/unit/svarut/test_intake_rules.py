"""What a letter must be to be taken in, rule by rule; the numbers are the statements of svarut.md section 12."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fiks.core.values.address import Adresse
from fiks.svarut.mottak import (
    CATALOGUE,
    Dokumentfakta,
    Ekstrametadata,
    Lenke,
    Signatur,
    Signering,
    Svaradresse,
    faults,
)
from fiks.svarut.rules import Opphav
from tests.submissions import ADDRESS, FNR, ORGNR, document, submission

NOW = datetime(2026, 2, 24, 12, tzinfo=UTC)
KOMMUNE = Svaradresse(Adresse("Testvik kommune", "Postboks 1", postnr="4260", poststed="TORVASTAD"), ORGNR)
SIGNING = Signering(NOW + timedelta(days=7), Signatur.AVANSERT)
TO_SIGN = document("avtale.pdf", skal_signeres=True)


def codes(*documents: Dokumentfakta, **changes: Any) -> list[str]:
    return [f.kode for f in faults(submission(*documents, **changes), now=NOW, synthetic=True)]


def test_an_ordinary_letter_has_no_fault() -> None:
    assert codes() == []
    assert codes(document("a.pdf"), document("b.docx", "application/msword", ekskluderes=True)) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"tittel": "  "}, "TITTEL_MANGLER"),
        ({"tittel": "x" * 1001}, "TITTEL_FOR_LANG"),
        ({"ekstern_referanse": "x" * 101}, "EKSTERN_REFERANSE_FOR_LANG"),
        ({"korrelasjonsid": "x" * 101}, "KORRELASJONSID_FOR_LANG"),
        ({"avgivende_system": "x" * 101}, "AVGIVENDE_SYSTEM_FOR_LANGT"),
        ({"avgivende_aktor": "x" * 101, "opphav": Opphav.V3}, "AVGIVENDE_AKTOR_FOR_LANG"),
        ({"navn": ""}, "MOTTAKERNAVN_MANGLER"),
        ({"navn": "x" * 101, "opphav": Opphav.V3}, "MOTTAKERNAVN_FOR_LANGT"),
        ({"digital_id": "17912099998"}, "DIGITAL_ID_UGYLDIG"),
        ({"eksponert_for": ("123",)}, "EKSPONERT_UGYLDIG"),
        ({"eksponert_for": (FNR, FNR)}, "EKSPONERT_DUPLIKAT"),
        ({"forsendelsestype": "noe annet", "opphav": Opphav.V3}, "FORSENDELSESTYPE_UGYLDIG"),
        ({"dokumenter": ()}, "DOKUMENTER_MANGLER"),
        ({"svar_sendes_til": replace(KOMMUNE, digital_id="1")}, "SVARADRESSE_UGYLDIG"),
        ({"noark_fra": {"tittel": "x" * 1001}}, "NOARK_UGYLDIG"),
    ],
)
def test_each_fault_of_the_letter_is_found_alone(changes: dict[str, Any], found: str) -> None:
    assert codes(**changes) == [found]


@pytest.mark.parametrize(
    "name",
    ["x" * 227, "", " ", "..", "mappe/brev.pdf", "a\\b", *(f"a{sign}b.pdf" for sign in '*:"<>|?\n\x7f')],
)
def test_sv12_04_a_file_name_that_cannot_be_one_is_refused(name: str) -> None:
    assert "FILNAVN_UGYLDIG" in codes(document(name))


def test_sv12_04_two_files_of_one_name_whatever_the_letters_case_are_refused() -> None:
    assert codes(document("Brev.PDF"), document("brev.pdf")) == ["FILNAVN_DUPLIKAT"]
    assert codes(document("x" * 226)) == []


@pytest.mark.parametrize(
    "sign", ["\u202a", "\u202e", "\u2066", "\u2069", "\u0085", "\u2028", "\u2029", "\ufffe", "\x96"]
)
def test_a_file_name_that_reads_otherwise_than_it_is_is_refused(sign: str) -> None:
    assert codes(document(f"faktura{sign}fdp.pdf")) == ["FILNAVN_UGYLDIG"]


def test_a_file_name_may_have_every_letter_and_spaces_of_every_width() -> None:
    assert codes(document("Målføre\u00a0kl.\u202f9 Ž\N{COMBINING ACUTE ACCENT} – 漢.pdf")) == []


@pytest.mark.parametrize(
    "sign", ["\u00ad", "\u200e", "\u200f", "\u200b", "\ufeff", "\uf022", "\N{MAN}\u200d\N{PERSONAL COMPUTER}"]
)
def test_a_file_name_may_have_what_people_never_see_in_it(sign: str) -> None:
    """Soft hyphens of a text, marks of a web page, joined emoji, and what a Mac has for a colon."""
    assert codes(document(f"faktura{sign}2026.pdf")) == []


def test_file_names_that_are_composed_otherwise_are_the_same() -> None:
    composed, apart = "\u00e5rsrapport.pdf", "A\u030arsrapport.pdf"
    assert codes(document(composed), document(apart)) == ["FILNAVN_DUPLIKAT"]
    assert codes(document(apart), document(apart)) == ["FILNAVN_DUPLIKAT"]


ANSWERS = Svaradresse(Adresse("Testvik \x96 kommune", postnr="4260", poststed="TORVASTAD"), ORGNR)


@pytest.mark.parametrize(
    ("changes", "felt"),
    [
        ({"tittel": "Skatt \x96 2026"}, "tittel"),
        ({"navn": "Kari\x7f"}, "mottaker.navn"),
        ({"adresse": replace(ADDRESS, adresselinje2="c/o \x9fOla")}, "mottaker.adresselinje2"),
        ({"adresse": replace(ADDRESS, poststed="AVALDS\x80NES")}, "mottaker.poststed"),
        ({"adresse": replace(ADDRESS, land="Sverige\x86")}, "mottaker.land"),
        ({"svar_sendes_til": ANSWERS}, "svarSendesTil.navn"),
        ({"lenker": (Lenke("https://testvik.example", "Les \x93mer\x94"),)}, "lenker[0].tekst"),
    ],
)
def test_controls_that_no_font_has_are_refused_where_the_letter_shows_them(
    changes: dict[str, Any], felt: str
) -> None:
    new = submission(**changes)
    found = faults(new, now=NOW, synthetic=True)
    assert ("TEKST_MED_NULLTEGN", felt) in [(one.kode, one.felt) for one in found]
    assert faults(new, now=None, synthetic=True) == [one for one in found if one.kode != "TEKST_MED_NULLTEGN"]
    assert faults(replace(new, opphav=Opphav.EDIALOG), now=NOW, synthetic=True) == []


def test_line_breaks_of_every_kind_are_no_controls() -> None:
    assert codes(tittel="Skatt\r\n2026\u0085\u2028\tog\u00a0mer") == []


def test_names_of_files_are_not_judged_anew_of_a_letter_that_is_sent_again() -> None:
    new = submission(document("a\u202e.pdf"), document("\u00e5.pdf"), document("a\u030a.pdf"))
    assert faults(new, now=None, synthetic=True) == []


def test_sv12_05_the_konteringskode_has_its_pattern_and_v1_its_own() -> None:
    assert codes(konteringskode="EISK_2026-æøå.") == []
    assert codes(konteringskode="EISK_2026", opphav=Opphav.V1) == ["KONTERINGSKODE_UGYLDIG"]
    assert codes(konteringskode="x" * 21) == codes(konteringskode="a b") == ["KONTERINGSKODE_UGYLDIG"]


def test_sv12_06_only_a_pdf_can_be_printed() -> None:
    word = document("brev.docx", "application/msword")
    assert codes(word) == ["KUN_PDF_KAN_SKRIVES_UT", "INGENTING_A_SKRIVE_UT"]
    assert codes(document("a.pdf"), replace(word, ekskluderes=True)) == []
    assert codes(word, kun_digital=True) == []
    assert codes(replace(word, ekskluderes=True)) == ["INGENTING_A_SKRIVE_UT"]


def test_sv12_09_a_letter_at_the_highest_level_must_be_encrypted() -> None:
    assert codes(niva4=True) == ["NIVA4_UTEN_KRYPTERING"]
    assert codes(niva4=True, kryptert=True) == []


def test_sv12_10_an_invitation_to_answer_needs_an_organisation_to_answer() -> None:
    assert codes(kan_svares=True) == ["SVARLENKE_UTEN_ORGNR"]
    assert codes(kan_svares=True, svar_sendes_til=replace(KOMMUNE, digital_id=FNR)) == [
        "SVARLENKE_UTEN_ORGNR"
    ]
    assert codes(kan_svares=True, svar_sendes_til=KOMMUNE) == []


def test_sv12_11_signing_asks_for_one_pdf_a_person_an_answer_address_and_a_day() -> None:
    rest = {"signering": SIGNING, "svar_sendes_til": KOMMUNE}
    assert codes(TO_SIGN, **rest) == []
    assert codes(TO_SIGN, document("to.pdf", skal_signeres=True), **rest) == ["SIGNERING_FLERE_DOKUMENTER"]
    word = replace(TO_SIGN, filnavn="a.docx", mime_type="application/msword")
    assert codes(word, kun_digital=True, **rest) == ["SIGNERING_IKKE_PDF"]
    for nobody in (ORGNR, ""):
        assert codes(TO_SIGN, digital_id=nobody, **rest) == ["SIGNERING_UTEN_FNR"]
    for nowhere in (None, replace(KOMMUNE, digital_id="")):
        assert codes(TO_SIGN, signering=SIGNING, svar_sendes_til=nowhere) == ["SIGNERING_UTEN_SVARADRESSE"]
    one_day = timedelta(days=1)
    for left, found in ((one_day, []), (one_day - timedelta(seconds=1), ["SIGNERING_UTLOPER_FOR_TIDLIG"])):
        assert codes(TO_SIGN, **rest | {"signering": replace(SIGNING, utloper=NOW + left)}) == found
    assert codes(TO_SIGN, svar_sendes_til=KOMMUNE) == codes(**rest) == ["SIGNERING_UFULLSTENDIG"]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (replace(ADDRESS, poststed=""), ["POSTSTED_MANGLER"]),
        (replace(ADDRESS, postnr="426"), ["POSTNUMMER_UGYLDIG"]),
        (replace(ADDRESS, postnr="426", land="Norge"), ["POSTNUMMER_UGYLDIG"]),
        (replace(ADDRESS, postnr="", land="Sverige"), []),
        (replace(ADDRESS, land="Atlantis"), []),
        (replace(ADDRESS, land="Atlantis", poststed=""), ["POSTSTED_MANGLER"]),
        (replace(ADDRESS, adresselinje1="x" * 210), []),
        (replace(ADDRESS, adresselinje1="x" * 210, adresselinje3="y"), ["ADRESSE_FOR_LANG"]),
        (replace(ADDRESS, poststed="x" * 71), ["ADRESSE_FOR_LANG"]),
    ],
)
def test_sv12_12_an_address_must_do_when_paper_is_possible(address: Adresse, found: list[str]) -> None:
    assert codes(adresse=address) == found
    assert codes(adresse=address, kun_digital=True) == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (replace(ADDRESS, land="ZZ"), ["LAND_UKJENT"]),
        (replace(ADDRESS, adresselinje1="x" * 70, adresselinje2="y" * 70), []),
        (replace(ADDRESS, adresselinje1="x" * 71), ["ADRESSE_FOR_LANG"]),
    ],
)
def test_v3_knows_its_countries_and_has_a_limit_for_each_line(address: Adresse, found: list[str]) -> None:
    assert codes(adresse=address, opphav=Opphav.V3) == found


def test_sv12_12_only_v3_may_leave_the_address_out() -> None:
    assert codes(adresse=None) == ["ADRESSE_MANGLER"]
    assert codes(adresse=None, opphav=Opphav.V3) == codes(adresse=None, kun_digital=True) == []
    assert codes(adresse=None, opphav=Opphav.V3, digital_id="") == ["ADRESSE_MANGLER"]


def test_sv12_13_what_is_only_digital_needs_somebody_to_go_to() -> None:
    assert codes(digital_id="", kun_digital=True) == ["DIGITAL_ID_MANGLER"]
    assert codes(digital_id="", strengt_digital=True) == ["DIGITAL_ID_MANGLER"]
    assert codes(digital_id="") == []


def test_sv12_13_five_links_and_no_more() -> None:
    link = Lenke("https://testvik.example/skatt", "Les mer")
    assert codes(lenker=(link,) * 5) == []
    assert codes(lenker=(link,) * 6) == ["LENKER_FOR_MANGE"]
    assert codes(lenker=(replace(link, tekst=""),)) == ["LENKETEKST_UGYLDIG"]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//testvik.example",
        "https://",
        "https://a b",
        "http://bank@ond.example",
    ],
)
def test_a_link_that_could_hurt_the_reader_is_refused(url: str) -> None:
    assert codes(lenker=(Lenke(url, "Les mer"),)) == ["LENKE_UGYLDIG"]


def test_sv12_13_giro_pages_are_pages_of_a_pdf_that_is_printed() -> None:
    assert codes(document("faktura.pdf", giroark=(1,))) == []
    assert codes(document("faktura.pdf", giroark=(0,))) == ["GIROARK_UGYLDIG"]
    assert codes(document(), document("b.pdf", giroark=(1,), ekskluderes=True)) == ["GIROARK_UGYLDIG"]


OLDER = (Opphav.V1, Opphav.V2, Opphav.SOAP)


def bounded_by_v3(length: int) -> dict[str, Any]:
    """What v3's contract bounds, and the older ones leave open, in as many signs; `opphav` is to be told beside it."""
    link = Lenke("https://testvik.example/skatt", "x" * length, "y" * length)
    extra = tuple(Ekstrametadata(f"{nr}-{'k' * (length - 3)}", "v" * 5 * length) for nr in range(length // 5))
    said = document("a.pdf", dokument_type="x" * length, ekstra=extra)
    return {"avgivende_aktor": "x" * length, "lenker": (link,), "dokumenter": (said,)}


@pytest.mark.parametrize("opphav", OLDER)
def test_what_only_v3_bounds_is_taken_by_the_older_interfaces(opphav: Opphav) -> None:
    assert codes(**bounded_by_v3(100), opphav=Opphav.V3) == []
    assert codes(**bounded_by_v3(500), opphav=opphav) == []
    everything = [
        "AVGIVENDE_AKTOR_FOR_LANG",
        "LENKETEKST_UGYLDIG",
        "DOKUMENTTYPE_FOR_LANG",
        "EKSTRAMETADATA_UGYLDIG",
    ]
    assert codes(**bounded_by_v3(105), opphav=Opphav.V3) == everything
    assert codes(**bounded_by_v3(1_005), opphav=opphav) == everything


def test_extra_metadata_has_unique_keys_within_bounds() -> None:
    def found(*extra: tuple[str, str]) -> list[str]:
        said = document("a.pdf", ekstra=tuple(Ekstrametadata(*one) for one in extra))
        return codes(said, opphav=Opphav.V3)

    assert found(("a", "1"), ("b", "")) == []
    assert (
        found(("a", "1"), ("a", "2"))
        == found(("", "x"))
        == found(("a", "x" * 501))
        == ["EKSTRAMETADATA_UGYLDIG"]
    )
    assert found(*((str(n), "") for n in range(21))) == ["EKSTRAMETADATA_UGYLDIG"]


def test_every_code_has_a_number_of_its_own() -> None:
    numbers = [entry.nummer for entry in CATALOGUE.values()]

    assert len(set(numbers)) == len(numbers)
    assert all(kode == entry.kode and 400 <= entry.status < 500 for kode, entry in CATALOGUE.items())

"""The template language: what it reads, and every fault it finds with its line."""

from __future__ import annotations

import pytest

from fiks.utsending.brev import MalFeil, check_template, known_fields, parse_template
from fiks.utsending.brev.bundled_templates import NAVN, bundled_template
from fiks.utsending.brev.language.fields import FASTE
from fiks.utsending.brev.language.tree import (
    Avsnitt,
    Fet,
    Hvis,
    HvisTekst,
    Overskrift,
    Punkt,
    Tabell,
    Tekst,
    Verdi,
)
from fiks.utsending.brev.language.values import FIELD_READERS


def faults(source: str) -> list[tuple[int, str, str]]:
    return [(f.linje, f.kode, f.verdi) for f in check_template(source)[1]]


def test_headings_paragraphs_bullets_and_small_print_are_told_apart() -> None:
    mal = parse_template("# En\n\n## To\n\nførste\nandre\n\n- punkt\n- til\n\n> smått")

    assert mal.blokker == (
        Overskrift(1, (Tekst("En"),)),
        Overskrift(2, (Tekst("To"),)),
        Avsnitt((Tekst("første andre"),)),
        Punkt((Tekst("punkt"),)),
        Punkt((Tekst("til"),)),
        Avsnitt((Tekst("smått"),), liten=True),
    )


def test_a_field_keeps_its_format_and_may_stand_in_bold_and_in_a_condition() -> None:
    mal = parse_template("**((takst|belop)) kr**((hvis medeiere)) og ((medeiere))((ellers)) alene((slutt)).")

    assert mal.blokker == (
        Avsnitt(
            (
                Fet((Verdi("takst", "belop"), Tekst(" kr"))),
                HvisTekst("medeiere", False, (Tekst(" og "), Verdi("medeiere", None)), (Tekst(" alene"),)),
                Tekst("."),
            )
        ),
    )
    assert mal.felter == {"takst", "medeiere"}


def test_a_field_between_parentheses_keeps_them() -> None:
    mal = parse_template("Kunngjort (((kunngjort|dato))).")

    assert mal.blokker == (
        Avsnitt(
            (Tekst("Kunngjort ("), Verdi("kunngjort", "dato"), Tekst(").")),
        ),
    )


def test_a_backslash_prints_our_own_signs() -> None:
    mal = parse_template(r"Skriv \((felt)) og \**fet")

    assert mal.blokker == (Avsnitt((Tekst("Skriv ((felt)) og **fet"),)),)


def test_a_block_condition_holds_blocks_and_its_negation() -> None:
    mal = parse_template("((hvis ikke terminer))\nIngen.\n((ellers))\n# Betal\n((slutt))")

    assert mal.blokker == (
        Hvis("terminer", True, (Avsnitt((Tekst("Ingen."),)),), (Overskrift(1, (Tekst("Betal"),)),)),
    )


def test_the_dashes_of_a_table_set_widths_and_alignment_and_rows_above_them_are_the_head() -> None:
    source = "| Nr | Beløp |\n| - | ---: |\n((for hver terminliste))\n| ((nr)) | ((belop|belop)) |\n((slutt))\n\nEtter"
    table = parse_template(source).blokker[0]

    assert isinstance(table, Tabell)
    assert [(c.bredde, c.hoyre) for c in table.kolonner] == [(1, False), (3, True)]
    assert len(table.hode) == 1
    assert parse_template(source).lister == {"terminliste"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hei\n\n((ukjent))", (3, "MAL_UKJENT_FELT", "ukjent")),
        ("((nr))", (1, "MAL_UKJENT_FELT", "nr")),
        ("((takst|kroner))", (1, "MAL_UKJENT_FORMAT", "kroner")),
        ("((navn|belop))", (1, "MAL_FORMAT_PASSER_IKKE", "belop")),
        ("((for hver eiere))\nx\n((slutt))", (1, "MAL_UKJENT_LISTE", "eiere")),
        ("a\n((hvis kid))\nb", (2, "MAL_BLOKK_IKKE_LUKKET", "kid")),
        ("((hvis kid))\na\n((ellers))\nb", (1, "MAL_BLOKK_IKKE_LUKKET", "kid")),
        ("x ((hvis kid)) y", (1, "MAL_BLOKK_IKKE_LUKKET", "kid")),
        ("a\n((slutt))", (2, "MAL_SLUTT_UTEN_BLOKK", "((slutt))")),
        ("a ((ellers)) b", (1, "MAL_SLUTT_UTEN_BLOKK", "ellers")),
        ("a **b", (1, "MAL_FET_IKKE_LUKKET", "")),
        ("a ((navn b", (1, "MAL_MERKE_UGYLDIG", "navn b")),
        ("((navn.__class__))", (1, "MAL_MERKE_UGYLDIG", "navn.__class__")),
        ("((hvis takst > 3))x((slutt))", (1, "MAL_MERKE_UGYLDIG", "hvis takst > 3")),
        ("x ((for hver terminliste)) y", (1, "MAL_LISTE_I_LINJE", "terminliste")),
        ("a\n\n| a | b |\n| c |", (3, "MAL_TABELL_KOLONNER", "2")),
        ("x" * 70_000, (1, "MAL_FOR_LANG", "60000")),
    ],
)
def test_a_fault_is_reported_with_its_line(source: str, expected: tuple[int, str, str]) -> None:
    assert expected in faults(source)


def test_every_fault_is_reported_at_once_and_parse_refuses() -> None:
    with pytest.raises(MalFeil) as refused:
        parse_template("((en))\n\n((to))\n\n((navn|tre))")

    assert [f.linje for f in refused.value.funn] == [1, 3, 5]
    assert refused.value.kode == "MAL_UGYLDIG"


def test_blocks_may_not_be_nested_without_end() -> None:
    deep = "((hvis kid))\n" * 9 + "x\n" + "((slutt))\n" * 9

    assert [f[1] for f in faults(deep)] == ["MAL_FOR_DYP"]


def test_deep_nesting_in_one_line_is_refused_and_never_crashes() -> None:
    deep = "((hvis kid))" * 2_000 + "x"

    assert "MAL_FOR_DYP" in {f[1] for f in faults(deep)}


def test_payloads_of_other_template_engines_are_only_text() -> None:
    source = "{{ ''.__class__ }} {% include 'x' %} ${7*7} %(navn)s {navn.__init__}"

    assert parse_template(source).blokker == (Avsnitt((Tekst(source),)),)


def test_columns_of_another_list_are_known_and_take_any_format() -> None:
    fields = known_fields(("navn", "gebyr"))

    assert check_template("((gebyr|belop)) ((gebyr|dato))", fields)[1] == ()
    assert [f.kode for f in check_template("((takst))", fields)[1]] == ["MAL_UKJENT_FELT"]


def test_the_editors_list_of_fixed_fields_is_the_list_of_what_is_computed() -> None:
    assert {felt.navn for felt in FASTE} == set(FIELD_READERS)
    assert all(felt.beskrivelse for felt in FASTE)


@pytest.mark.parametrize("navn", NAVN)
def test_the_ready_templates_have_no_fault(navn: str) -> None:
    mal = bundled_template(navn)

    assert check_template(mal.kilde_nb)[1] == ()
    assert mal.kilde_nn is not None
    assert check_template(mal.kilde_nn)[1] == ()


def test_bokmal_and_nynorsk_of_a_ready_template_use_the_same_fields() -> None:
    mal = bundled_template("eiendomsskatt")

    assert mal.kilde_nn is not None
    assert parse_template(mal.kilde_nb).felter == parse_template(mal.kilde_nn).felter

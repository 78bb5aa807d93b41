"""A mottaker's forms: the standard one comes with it, others are made for their purpose and give the title."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.edialog import queries, service
from fiks.edialog.mottaker import forms
from fiks.edialog.mottaker import service as mottaker_service
from fiks.edialog.mottaker.forms import UgyldigSkjematype
from fiks.edialog.rules import MAX_FORMS, Skjemaoppsett, Skjematype, Status
from fiks.konfigurasjon.rules import P
from tests.integration.edialog.sent import send
from tests.integration.edialog.skjemaer import KARI, WRITTEN, Innbygger, Penn, letters, open_edialog, row_of
from tests.integration.houses import HOUSE, Hus, make_hus, staff_of
from tests.integration.worlds import FakeRegister

KLAGE = Skjemaoppsett("Klage på eiendomsskatt", "Klage på eiendomsskatt 2026")


def titles(hus: Hus) -> list[tuple[int, str, str]]:
    found = forms.forms_of_konto(hus.konto_id, actor=HOUSE)
    session().rollback()
    return [(one.nr, one.navn, one.tittel) for one in found]


def begin(hus: Hus, who: Innbygger, nr: int | None = None) -> UUID:
    return service.begin(hus.orgnr, KARI, nr=nr, actor=who.actor)


def test_sv83_the_standard_form_comes_with_the_mottaker_and_can_be_taken_away_and_put_back(hus: Hus) -> None:
    assert titles(hus) == [(1, "", "")]
    forms.remove_form(hus.konto_id, 1, actor=HOUSE)
    assert titles(hus) == []
    with pytest.raises(Konflikt, match="EDIALOG_TAR_IKKE_IMOT"):
        begin(hus, Innbygger())
    open_edialog(hus)
    assert titles(hus) == [], "what was taken away is not put back by a change of something else"
    for _ in range(2):
        forms.restore_standard(hus.konto_id, actor=HOUSE)
    assert titles(hus) == [(2, "", "")]
    assert begin(hus, Innbygger())


def test_sv83_a_form_made_for_its_purpose_gives_the_title_and_the_writer_cannot_change_it(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who, nr = Innbygger(), forms.add_form(hus.konto_id, KLAGE, actor=HOUSE)
    made = begin(hus, who, nr)
    shown = queries.skjema(made, actor=who.actor)
    assert (shown.utkast.tittel, shown.fast_tittel) == (KLAGE.tittel, True)
    service.save(made, replace(WRITTEN, tittel="Noe helt annet"), sensitivt=False, actor=who.actor)
    assert queries.skjema(made, actor=who.actor).utkast.tittel == KLAGE.tittel
    send(made, who, penn, register)
    assert [letter.tittel for letter in letters()] == [KLAGE.tittel]
    assert penn.tegnet[0].tittel == KLAGE.tittel


def test_with_several_one_must_be_chosen_and_each_has_a_draft_of_its_own(hus: Hus) -> None:
    who, nr = Innbygger(), forms.add_form(hus.konto_id, KLAGE, actor=HOUSE)
    for wrong in (None, 99):
        with pytest.raises(Konflikt, match="EDIALOG_VELG_SKJEMA"):
            begin(hus, who, wrong)
    standard, tailored = begin(hus, who, 1), begin(hus, who, nr)
    assert standard != tailored
    assert (begin(hus, who, 1), begin(hus, who, nr)) == (standard, tailored)
    assert queries.skjema(standard, actor=who.actor).fast_tittel is False
    assert [one.type for one in forms.forms_of_konto(hus.konto_id, actor=HOUSE)] == [
        Skjematype.TILPASSET,
        Skjematype.STANDARD,
    ]


def test_what_was_begun_is_finished_with_the_form_that_was_taken_away(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who, nr = Innbygger(), forms.add_form(hus.konto_id, KLAGE, actor=HOUSE)
    made = begin(hus, who, nr)
    forms.remove_form(hus.konto_id, nr, actor=HOUSE)
    with pytest.raises(Konflikt, match="EDIALOG_VELG_SKJEMA"):
        begin(hus, Innbygger(), nr)
    service.save(made, replace(WRITTEN, tittel=""), sensitivt=False, actor=who.actor)
    send(made, who, penn, register)
    assert row_of(made).status == Status.INNSENDT
    assert [letter.tittel for letter in letters()] == [KLAGE.tittel]


def test_a_form_is_changed_but_never_the_standard_one(hus: Hus) -> None:
    nr = forms.add_form(hus.konto_id, KLAGE, actor=HOUSE)
    new = Skjemaoppsett("Klage", "Klage på vedtak")
    for _ in range(2):
        forms.change_form(hus.konto_id, nr, new, actor=HOUSE)
    assert titles(hus) == [(nr, "Klage", "Klage på vedtak"), (1, "", "")]
    with pytest.raises(Konflikt, match="EDIALOG_SKJEMA_FAST"):
        forms.change_form(hus.konto_id, 1, new, actor=HOUSE)
    with pytest.raises(IkkeFunnet):
        forms.change_form(hus.konto_id, 7, new, actor=HOUSE)
    acts = select(Audit.handling).where(Audit.handling.startswith("EDIALOG_SKJEMA"))
    assert session().scalars(acts).all() == ["EDIALOG_SKJEMA_LAGET", "EDIALOG_SKJEMA_ENDRET"]


@pytest.mark.parametrize(
    ("navn", "tittel", "felt"),
    [
        ("", "Klage", "navn"),
        ("a" * 61, "Klage", "navn"),
        ("Klage\nnå", "Klage", "navn"),
        ("Klage", "", "tittel"),
        ("Klage", "a" * 1001, "tittel"),
        ("Klage", "Klage 😀", "tittel"),
        ("Klage", "Klage fra 17858430119", "tittel"),
    ],
)
def test_what_is_wrong_with_a_form_is_named_and_nothing_is_kept(
    hus: Hus, navn: str, tittel: str, felt: str
) -> None:
    with pytest.raises(UgyldigSkjematype) as refused:
        forms.add_form(hus.konto_id, Skjemaoppsett(navn, tittel), actor=HOUSE)
    assert [one.felt for one in refused.value.feil] == [felt]
    assert titles(hus) == [(1, "", "")]


def test_there_is_an_end_to_how_many_forms_there_are(hus: Hus) -> None:
    for nr in range(MAX_FORMS - 1):
        forms.add_form(hus.konto_id, Skjemaoppsett(f"Klage {nr}", "Klage på vedtak"), actor=HOUSE)
    with pytest.raises(Konflikt, match="EDIALOG_FOR_MANGE_SKJEMAER"):
        forms.add_form(hus.konto_id, KLAGE, actor=HOUSE)
    forms.remove_form(hus.konto_id, 1, actor=HOUSE)
    assert forms.add_form(hus.konto_id, KLAGE, actor=HOUSE) == MAX_FORMS + 1


def test_who_only_sends_makes_no_form_and_without_a_mottaker_there_is_none(empty: None) -> None:
    hus = make_hus()
    for act in (
        lambda: forms.add_form(hus.konto_id, KLAGE, actor=HOUSE),
        lambda: forms.remove_form(hus.konto_id, 1, actor=HOUSE),
        lambda: forms.restore_standard(hus.konto_id, actor=HOUSE),
    ):
        with pytest.raises(IkkeFunnet):
            act()
    assert forms.forms_of_konto(hus.konto_id, actor=HOUSE) == []
    open_edialog(hus)
    with pytest.raises(IkkeTilgang):
        forms.add_form(hus.konto_id, KLAGE, actor=staff_of(hus, P.SENDE))
    assert forms.add_form(hus.konto_id, KLAGE, actor=staff_of(hus, P.KONFIGURERE_EDIALOG)) == 2


def test_a_mottaker_made_by_a_machine_has_its_standard_form(empty: None) -> None:
    hus = make_hus()
    open_edialog(hus)
    made = queries.mottaker(hus.orgnr).id
    assert [one.type for one in forms.skjematyper(made)] == [Skjematype.STANDARD]
    mottaker_service.set_status(made, aktiv=False, actor=HOUSE)
    assert [one.nr for one in forms.skjematyper(made)] == [1]

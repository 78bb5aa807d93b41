"""Who can be written to: an administrator switches it on, for an organisation number of their own."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.edialog import queries
from fiks.edialog.mottaker import queries as mottaker_queries
from fiks.edialog.mottaker import service
from fiks.edialog.mottaker.service import UgyldigMottaker
from fiks.edialog.rules import SHORT_ID, Mottakeroppsett
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.organisasjon.rules import Fakturaopplysninger
from fiks.konfigurasjon.rules import P
from tests.integration.edialog.skjemaer import cover, holding, more_konto, open_edialog, said
from tests.integration.houses import HOUSE, Hus, make_hus, new_orgnr, staff_of
from tests.integration.systems import nobody


def test_an_administrator_of_the_konto_may_and_who_only_sends_may_not(empty: None) -> None:
    hus = make_hus()
    admin, sender = staff_of(hus, P.ADMIN), staff_of(hus, P.SENDE)
    with pytest.raises(IkkeTilgang):
        service.set_mottaker(hus.konto_id, said(hus), spor=nobody, actor=sender)
    assert mottaker_queries.mottaker_of(hus.konto_id, actor=admin)[0] == ""
    short = service.set_mottaker(hus.konto_id, said(hus), spor=nobody, actor=admin)
    assert SHORT_ID.fullmatch(short)
    kept = replace(said(hus), printleverandor="GRAFISK_DIGITAL")
    assert mottaker_queries.mottaker_of(hus.konto_id, actor=admin) == (short, kept)
    assert queries.mottaker(short).konto_id == queries.mottaker(hus.orgnr).konto_id == hus.konto_id
    acts = session().scalars(select(Audit.handling).where(Audit.objekt_id == str(hus.konto_id)))
    assert "EDIALOG_MOTTAKER_ENDRET" in acts.all()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"orgnr": "123"}, "orgnr"),
        ({"navn": ""}, "navn"),
        ({"navn": "a" * 61}, "navn"),
        ({"navn": "Lillevik\nkommune"}, "navn"),
        ({"navn": "Lillevik 😀"}, "navn"),
        ({"adresselinje1": "a" * 71}, "adresselinje1"),
        ({"adresselinje2": "Torget\n1"}, "adresselinje2"),
        ({"postnr": "42"}, "postnr"),
        ({"postnr": "４２６２"}, "postnr"),
        ({"poststed": ""}, "poststed"),
        ({"printleverandor": "TRYKKERIET"}, "printleverandor"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_changed(hus: Hus, change: dict[str, str], field: str) -> None:
    before = mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)
    with pytest.raises(UgyldigMottaker) as refused:
        service.set_mottaker(hus.konto_id, replace(said(hus), **change), spor=nobody, actor=HOUSE)  # type: ignore[arg-type]
    assert [one.felt for one in refused.value.feil] == [field]
    assert mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE) == before


def test_everything_that_is_wrong_is_told_at_once(hus: Hus) -> None:
    wrong = Mottakeroppsett("1", "", "a" * 71, "", "", "x", "", True, "?")
    with pytest.raises(UgyldigMottaker) as refused:
        service.set_mottaker(hus.konto_id, wrong, spor=nobody, actor=HOUSE)
    fields = ["orgnr", "navn", "adresselinje1", "postnr", "poststed", "printleverandor"]
    assert [one.felt for one in refused.value.feil] == fields
    assert (refused.value.felt, refused.value.kode) == ("orgnr", "ORGNR_UGYLDIG")


def test_an_address_without_a_street_is_one_that_post_reaches(hus: Hus) -> None:
    service.set_mottaker(hus.konto_id, replace(said(hus), adresselinje1=""), spor=nobody, actor=HOUSE)
    assert queries.mottaker(hus.orgnr).adresse.adresselinje1 == ""


def test_nobody_takes_anothers_number_or_one_that_has_a_konto_already(hus: Hus) -> None:
    other = make_hus("Fjordvik kommune")
    for orgnr in (hus.orgnr, new_orgnr()):
        with pytest.raises(UgyldigInndata, match="EDIALOG_FREMMED_ORGNR"):
            service.set_mottaker(other.konto_id, replace(said(other), orgnr=orgnr), spor=nobody, actor=HOUSE)
    second = more_konto(hus)
    with pytest.raises(Konflikt, match="EDIALOG_ORGNR_I_BRUK"):
        service.set_mottaker(second, said(hus), spor=nobody, actor=HOUSE)


def test_the_search_finds_names_and_takes_its_own_signs_literally(hus: Hus) -> None:
    other = make_hus("Fjordvik kommune")
    open_edialog(other, "100 % Fjordvik_")
    assert [m.adresse.navn for m in queries.mottakere()] == ["100 % Fjordvik_", "Lillevik kommune"]
    assert [m.orgnr for m in queries.mottakere("lille")] == [hus.orgnr]
    assert [m.orgnr for m in queries.mottakere("%")] == [other.orgnr]
    with pytest.raises(FiksError):
        queries.mottaker("%%%%")


def test_a_number_that_its_konto_has_closed_goes_on_at_another_with_its_links(hus: Hus) -> None:
    short, second = mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)[0], more_konto(hus)
    service.set_mottaker(hus.konto_id, replace(said(hus), aktiv=False), spor=nobody, actor=HOUSE)
    assert service.set_mottaker(second, said(hus), spor=nobody, actor=HOUSE) == short
    assert queries.mottaker(short).konto_id == second
    assert mottaker_queries.mottaker_of(hus.konto_id, actor=HOUSE)[0] == ""


def test_a_konto_keeps_its_own_mottaker_when_it_asks_for_anothers(hus: Hus) -> None:
    second, office = more_konto(hus), new_orgnr()
    cover(second, office)
    service.set_mottaker(second, replace(said(hus), orgnr=office), spor=nobody, actor=HOUSE)
    service.set_mottaker(hus.konto_id, replace(said(hus), aktiv=False), spor=nobody, actor=HOUSE)
    with pytest.raises(Konflikt, match="EDIALOG_KONTO_I_BRUK"):
        service.set_mottaker(second, said(hus), spor=nobody, actor=HOUSE)
    assert queries.mottaker(office).konto_id == second


def test_what_is_closed_is_closed_though_its_number_is_no_longer_the_kontos(hus: Hus) -> None:
    office = new_orgnr()
    cover(hus.konto_id, office)
    service.set_mottaker(hus.konto_id, replace(said(hus), orgnr=office), spor=nobody, actor=HOUSE)
    made = queries.mottaker(office).id
    cover(hus.konto_id, hus.orgnr)
    service.set_status(made, aktiv=False, actor=HOUSE)
    assert mottaker_queries.mottaker(made, actor=HOUSE).oppsett.aktiv is False
    with pytest.raises(UgyldigInndata, match="EDIALOG_FREMMED_ORGNR"):
        service.set_status(made, aktiv=True, actor=HOUSE)


def test_a_new_mottaker_is_closed_and_printed_for_as_its_konto_until_something_else_is_said(
    empty: None,
) -> None:
    hus = make_hus(printleverandor="MANUELL_PRINT")
    new = replace(said(hus), aktiv=None)
    made = service.create_mottaker(hus.organisasjon_id, new, spor=nobody, actor=HOUSE)
    stand = mottaker_queries.mottaker(made, actor=HOUSE)
    assert (stand.konto_id, stand.organisasjon_id) == (hus.konto_id, hus.organisasjon_id)
    assert stand.oppsett == replace(new, aktiv=False, printleverandor="MANUELL_PRINT")
    service.set_status(made, aktiv=True, actor=HOUSE)
    service.change_mottaker(made, replace(new, navn="Lillevik sentralarkiv"), spor=nobody, actor=HOUSE)
    changed = mottaker_queries.mottaker(made, actor=HOUSE).oppsett
    assert (changed.navn, changed.aktiv, changed.printleverandor) == (
        "Lillevik sentralarkiv",
        True,
        "MANUELL_PRINT",
    )


def test_the_konto_is_the_only_free_one_or_the_one_that_is_said(empty: None) -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    second = more_konto(hus)
    with pytest.raises(UgyldigInndata, match="EDIALOG_VELG_KONTO"):
        service.create_mottaker(hus.organisasjon_id, said(hus), spor=nobody, actor=HOUSE)
    with pytest.raises(IkkeFunnet):
        service.create_mottaker(
            hus.organisasjon_id, said(hus), forelder_id=other.konto_id, spor=nobody, actor=HOUSE
        )
    made = service.create_mottaker(
        hus.organisasjon_id, said(hus), forelder_id=second, spor=nobody, actor=HOUSE
    )
    assert mottaker_queries.konto_of(made) == second
    with pytest.raises(Konflikt, match="EDIALOG_KONTO_I_BRUK"):
        service.create_mottaker(hus.organisasjon_id, said(hus), forelder_id=second, spor=nobody, actor=HOUSE)
    with pytest.raises(Konflikt, match="EDIALOG_ORGNR_I_BRUK"):
        service.create_mottaker(hus.organisasjon_id, said(hus), spor=nobody, actor=HOUSE)
    service.change_mottaker(made, said(hus), forelder_id=hus.konto_id, spor=nobody, actor=HOUSE)
    assert mottaker_queries.konto_of(made) == hus.konto_id
    assert queries.mottaker(hus.orgnr).konto_id == hus.konto_id
    with pytest.raises(IkkeFunnet):
        service.change_mottaker(made, said(hus), forelder_id=other.konto_id, spor=nobody, actor=HOUSE)


def test_who_configures_one_konto_knows_of_no_other(hus: Hus) -> None:
    second = more_konto(hus)
    mine = staff_of(Hus(hus.organisasjon_id, second, hus.orgnr), P.KONFIGURERE_EDIALOG)
    of_others = queries.mottaker(hus.orgnr).id
    assert mottaker_queries.configured_mottakere(actor=mine) == []
    assert mottaker_queries.configurable_kontoer(hus.organisasjon_id, actor=mine) == [second]
    for act in (
        lambda: mottaker_queries.mottaker(of_others, actor=mine),
        lambda: service.set_status(of_others, aktiv=False, actor=mine),
        lambda: service.set_printleverandor(of_others, "MANUELL_PRINT", actor=mine),
        lambda: service.change_mottaker(of_others, said(hus), spor=nobody, actor=mine),
        lambda: mottaker_queries.mottaker(uuid4(), actor=mine),
    ):
        with pytest.raises(IkkeFunnet):
            act()
    office = new_orgnr()
    cover(second, office)
    theirs = replace(said(hus), orgnr=office)
    made = service.create_mottaker(hus.organisasjon_id, theirs, spor=holding(office), actor=mine)
    assert [one.id for one in mottaker_queries.configured_mottakere(actor=mine)] == [made]
    assert mottaker_queries.configured_mottakere(hus.konto_id, actor=mine) == []
    admin = staff_of(hus, P.ADMIN)
    assert [one.id for one in mottaker_queries.configured_mottakere(hus.organisasjon_id, actor=admin)] == [
        of_others
    ]
    everything = {one.id for one in mottaker_queries.configured_mottakere(hus.organisasjon_id, actor=HOUSE)}
    assert everything == {made, of_others}


def test_the_print_house_is_begun_with_only_when_it_can_send_an_invoice(empty: None) -> None:
    hus = make_hus(printleverandor="MANUELL_PRINT")
    open_edialog(hus)
    made = queries.mottaker(hus.orgnr).id
    for act in (
        lambda: service.set_printleverandor(made, "GRAFISK_DIGITAL", actor=HOUSE),
        lambda: service.set_mottaker(
            hus.konto_id, replace(said(hus), printleverandor="GRAFISK_DIGITAL"), spor=nobody, actor=HOUSE
        ),
    ):
        with pytest.raises(UgyldigInndata) as refused:
            act()
        assert (refused.value.kode, refused.value.felt) == ("FAKTURA_MANGLER_FOR_PRINT", "printleverandor")
    with pytest.raises(UgyldigInndata, match="VALG_MANGLER"):
        service.set_printleverandor(made, "TRYKKERIET", actor=HOUSE)
    faktura = Fakturaopplysninger(hus.orgnr, "Lillevik", "Storgata 1", "4262", "AVALDSNES")
    own_data.set_faktura(hus.organisasjon_id, faktura, actor=HOUSE)
    service.set_printleverandor(made, "GRAFISK_DIGITAL", actor=HOUSE)
    assert mottaker_queries.mottaker(made, actor=HOUSE).oppsett.printleverandor == "GRAFISK_DIGITAL"

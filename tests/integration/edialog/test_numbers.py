"""Whose number a mottaker has: one's own, or the cover sheet's by the right in Altinn, and never another's here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen, UgyldigInndata
from fiks.edialog import queries
from fiks.edialog.mottaker import forms, service
from fiks.edialog.mottaker import queries as mottaker_queries
from fiks.edialog.rules import Skjemaoppsett
from fiks.konfigurasjon.models import Organisasjon, Ressurs
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.person.representation import RollerUtilgjengelig
from fiks.konfigurasjon.rules import P
from tests.integration.edialog.skjemaer import cover, holding, more_konto, open_edialog, said
from tests.integration.houses import HOUSE, Hus, make_hus, new_orgnr, staff_of
from tests.integration.systems import nobody

pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def office() -> str:
    """The number of a body that the kommune says it sends for, and that is not on the platform itself."""
    return new_orgnr()


@pytest.fixture
def serving(office: str) -> Hus:
    """A kommune whose konto has the office's number on its cover sheet."""
    made = make_hus("Fjordvik kommune")
    cover(made.konto_id, office)
    return made


def joins(office: str) -> Hus:
    """The office comes to the platform as an organisation of its own."""
    made = make_hus("Havvik havn")
    with transaction() as tx:
        tx.get_one(Organisasjon, made.organisasjon_id).orgnr = office
    return Hus(made.organisasjon_id, made.konto_id, office)


def test_the_number_of_another_organisation_here_is_refused_whatever_altinn_says(
    serving: Hus, office: str
) -> None:
    joins(office)
    for actor in (staff_of(serving, P.ADMIN), HOUSE):
        with pytest.raises(UgyldigInndata, match="EDIALOG_ORGNR_ANDRES") as refused:
            service.set_mottaker(
                serving.konto_id, replace(said(serving), orgnr=office), spor=holding(office), actor=actor
            )
        assert refused.value.felt == "orgnr"
    assert queries.mottakere() == []


def test_a_closed_organisations_number_is_as_one_that_never_was_here(serving: Hus, office: str) -> None:
    closed = joins(office)
    with transaction() as tx:
        tx.get_one(Ressurs, closed.organisasjon_id).slettet = clock.now()
    theirs, admin = replace(said(serving), orgnr=office), staff_of(serving, P.ADMIN)
    service.set_mottaker(serving.konto_id, theirs, spor=holding(office), actor=admin)
    assert queries.mottaker(office).konto_id == serving.konto_id


def test_the_cover_sheets_number_is_for_who_holds_post_arkiv(serving: Hus, office: str) -> None:
    admin, theirs = staff_of(serving, P.ADMIN), replace(said(serving), orgnr=office)
    for spor in (nobody, holding(new_orgnr())):
        with pytest.raises(UgyldigInndata, match="EDIALOG_UTEN_POST_ARKIV") as refused:
            service.set_mottaker(serving.konto_id, theirs, spor=spor, actor=admin)
        assert (refused.value.felt, refused.value.params) == ("orgnr", {"orgnr": office})
        with pytest.raises(UgyldigInndata, match="EDIALOG_UTEN_POST_ARKIV"):
            service.create_mottaker(serving.organisasjon_id, theirs, spor=spor, actor=admin)
    assert queries.mottakere() == []
    service.set_mottaker(serving.konto_id, theirs, spor=holding(office), actor=admin)
    assert queries.mottaker(office).konto_id == serving.konto_id


def test_altinn_is_asked_when_the_number_is_another_and_only_then(serving: Hus, office: str) -> None:
    admin, own = staff_of(serving, P.ADMIN), said(serving)
    service.set_mottaker(serving.konto_id, own, spor=away, actor=admin)
    made, theirs = queries.mottaker(serving.orgnr).id, replace(own, orgnr=office)
    with pytest.raises(RollerUtilgjengelig, match="ROLLER_UTILGJENGELIG"):
        service.change_mottaker(made, theirs, spor=away, actor=admin)
    with pytest.raises(UgyldigInndata, match="EDIALOG_UTEN_POST_ARKIV"):
        service.change_mottaker(made, theirs, spor=nobody, actor=admin)
    service.change_mottaker(made, theirs, spor=holding(office), actor=admin)
    service.change_mottaker(made, replace(theirs, navn="Havvik havn"), spor=away, actor=admin)
    service.set_status(made, aktiv=False, actor=admin)
    service.set_status(made, aktiv=True, actor=admin)
    assert queries.mottaker(office).adresse.navn == "Havvik havn"


def away(pid: str) -> list[Altinnpart]:
    """An Altinn that does not answer."""
    raise ProvIgjen("HTTP_503")


def test_altinn_is_not_asked_about_a_number_that_cannot_be_used_anyhow(serving: Hus, office: str) -> None:
    admin = staff_of(serving, P.ADMIN)
    with pytest.raises(UgyldigInndata, match="EDIALOG_FREMMED_ORGNR"):
        foreign = replace(said(serving), orgnr=new_orgnr())
        service.set_mottaker(serving.konto_id, foreign, spor=away, actor=admin)
    joins(office)
    with pytest.raises(UgyldigInndata, match="EDIALOG_ORGNR_ANDRES"):
        theirs = replace(said(serving), orgnr=office)
        service.set_mottaker(serving.konto_id, theirs, spor=away, actor=admin)


def test_no_transaction_is_open_while_altinn_answers(serving: Hus, office: str) -> None:
    held: list[bool] = []

    def watching(pid: str) -> list[Altinnpart]:
        held.append(session().in_transaction())
        return list(holding(office)(pid))

    theirs, admin = replace(said(serving), orgnr=office), staff_of(serving, P.ADMIN)
    service.set_mottaker(serving.konto_id, theirs, spor=watching, actor=admin)
    assert held == [False]


def test_a_closed_number_that_another_konto_had_is_asked_about_again(serving: Hus, office: str) -> None:
    theirs, admin = replace(said(serving), orgnr=office), staff_of(serving, P.ADMIN)
    service.set_mottaker(serving.konto_id, replace(theirs, aktiv=False), spor=nobody, actor=HOUSE)
    second = more_konto(serving)
    cover(second, office)
    other = staff_of(Hus(serving.organisasjon_id, second, serving.orgnr), P.ADMIN)
    with pytest.raises(UgyldigInndata, match="EDIALOG_UTEN_POST_ARKIV"):
        service.set_mottaker(second, theirs, spor=nobody, actor=other)
    assert mottaker_queries.mottaker_of(serving.konto_id, actor=admin)[1].aktiv is False


def test_a_mottaker_whose_number_has_become_anothers_is_not_opened_again(serving: Hus, office: str) -> None:
    theirs = replace(said(serving), orgnr=office, aktiv=False)
    service.set_mottaker(serving.konto_id, theirs, spor=nobody, actor=HOUSE)
    made = mottaker_queries.configured_mottakere(actor=HOUSE)[0].id
    joins(office)
    with pytest.raises(UgyldigInndata, match="EDIALOG_ORGNR_ANDRES"):
        service.set_status(made, aktiv=True, actor=HOUSE)


@pytest.mark.parametrize("aktiv", [True, False])
def test_who_has_the_number_itself_takes_the_mottaker_over_as_if_it_were_new(
    serving: Hus, office: str, *, aktiv: bool
) -> None:
    theirs = replace(said(serving), orgnr=office, aktiv=aktiv)
    short = service.set_mottaker(serving.konto_id, theirs, spor=nobody, actor=HOUSE)
    forms.add_form(serving.konto_id, Skjemaoppsett("Klage", "Klage på Fjordvik"), actor=HOUSE)
    forms.remove_form(serving.konto_id, 1, actor=HOUSE)
    owner = joins(office)
    admin = staff_of(owner, P.ADMIN)
    own = replace(said(owner), navn="Havvik havn", adresselinje1="Kaia 1")
    assert service.set_mottaker(owner.konto_id, own, spor=nobody, actor=admin) == short
    for ident in (office, short):
        found = queries.mottaker(ident)
        assert (found.konto_id, found.adresse.navn, found.adresse.adresselinje1) == (
            owner.konto_id,
            "Havvik havn",
            "Kaia 1",
        )
    assert [one.tittel for one in forms.forms_of_konto(owner.konto_id, actor=admin)] == [""]
    assert mottaker_queries.mottaker_of(serving.konto_id, actor=HOUSE)[0] == ""
    assert mottaker_queries.configured_mottakere(actor=staff_of(serving, P.ADMIN)) == []


def test_what_is_taken_over_is_closed_until_something_else_is_said_and_printed_for_as_its_new_konto(
    serving: Hus, office: str
) -> None:
    theirs = replace(said(serving), orgnr=office)
    service.set_mottaker(serving.konto_id, theirs, spor=nobody, actor=HOUSE)
    owner = joins(office)
    made = service.create_mottaker(
        owner.organisasjon_id, replace(said(owner), aktiv=None), spor=nobody, actor=staff_of(owner, P.ADMIN)
    )
    stand = mottaker_queries.mottaker(made, actor=HOUSE)
    assert (stand.organisasjon_id, stand.oppsett.aktiv) == (owner.organisasjon_id, False)
    assert stand.oppsett.printleverandor == "GRAFISK_DIGITAL"


def test_who_loses_a_mottaker_finds_it_in_their_log_and_no_person_of_others(
    serving: Hus, office: str
) -> None:
    service.set_mottaker(serving.konto_id, replace(said(serving), orgnr=office), spor=nobody, actor=HOUSE)
    owner = joins(office)
    open_edialog(owner)
    [row] = session().scalars(select(Audit).where(Audit.handling == "EDIALOG_MOTTAKER_OVERTATT"))
    assert (row.organisasjon_id, row.ressurs_id) == (serving.organisasjon_id, serving.konto_id)
    assert (row.aktor, row.detaljer) == ("system:edialog", {"orgnr": office})


def test_a_number_of_neither_that_another_organisation_has_is_refused_with_whom_to_ask(
    serving: Hus, office: str
) -> None:
    service.set_mottaker(
        serving.konto_id, replace(said(serving), orgnr=office, aktiv=False), spor=nobody, actor=HOUSE
    )
    other = make_hus()
    cover(other.konto_id, office)
    with pytest.raises(Konflikt, match="EDIALOG_ORGNR_HOS_ANDRE") as refused:
        service.set_mottaker(
            other.konto_id,
            replace(said(other), orgnr=office),
            spor=holding(office),
            actor=staff_of(other, P.ADMIN),
        )
    assert (refused.value.felt, refused.value.params) == ("orgnr", {"organisasjon": "Fjordvik kommune"})

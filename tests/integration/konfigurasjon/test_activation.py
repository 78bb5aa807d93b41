"""Taking a service into use: agreements in versions, initialise, configure, and nothing before that."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.address import Adresse
from fiks.konfigurasjon import queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.avtale import queries as avtale_queries
from fiks.konfigurasjon.avtale import service as avtale_service
from fiks.konfigurasjon.avtale.models import Avtale, Avtalesignatur
from fiks.konfigurasjon.avtale.service import NyAvtale
from fiks.konfigurasjon.integrasjon.login import is_service_in_use
from fiks.konfigurasjon.konto import service as konto_service
from fiks.konfigurasjon.models import Konto, Ressurs
from fiks.konfigurasjon.organisasjon import queries as organisasjon_queries
from fiks.konfigurasjon.rules import TJENESTER, Organisasjonstype, P
from fiks.svarut.letters import Mottaker
from fiks.svarut.mottak.bulk_writer import NyForsendelse, accept_letters
from fiks.svarut.rules import Bane, Mottakertype
from fiks.utsending.approval import service as approval_service
from fiks.utsending.draft import service as draft_service
from fiks.utsending.draft.service import Fakta
from fiks.utsending.rules import Art, Utsendingstatus
from tests.integration.houses import (
    HOUSE,
    make_aktor,
    make_hus,
    make_organisasjon,
    make_person,
    new_administrator,
    new_fnr,
    new_orgnr,
    publish_agreements,
    sign,
)
from tests.integration.utsending.kommuner import make_kommune, make_mailing, today

pytestmark = pytest.mark.usefixtures("app_context")

SVARUT = "SVARUT"


@pytest.fixture(autouse=True)
def published(app_context: None) -> None:
    publish_agreements()


def organisation(type: Organisasjonstype = Organisasjonstype.KOMMUNE) -> tuple[UUID, Aktor]:
    """A new organisation that has signed nothing, and its first administrator."""
    first = new_administrator()
    made = konfigurasjon.create_organisasjon(
        navn="Heimdal renovasjon IKS",
        orgnr=new_orgnr(),
        type=type,
        administrator=first,
        actor=HOUSE,
        kommunenr="9901",
    )
    person_id = konfigurasjon.person_by_pid(first.fnr)
    assert person_id is not None
    return made, make_aktor(person_id, made, navn=first.navn)


def new_version(kode: str | None) -> Avtale:
    """Publish another text."""
    avtale_service.publish_avtale(NyAvtale(kode, "Avtale", f"Ny tekst {uuid4()}"), actor=HOUSE)
    found = avtale_service.version_in_force(kode)
    assert found is not None
    return found


def in_force(kode: str | None) -> Avtale:
    found = avtale_service.version_in_force(kode)
    assert found is not None
    return found


def fakta() -> Fakta:
    return Fakta(tittel="Brev", art=Art.FLETTEBREV, brevdato=today())


def letter_of(konto_id: UUID, organisasjon_id: UUID) -> NyForsendelse:
    address = Adresse("Ola Nordmann", "Storgata 1", "", "", "4262", "AVALDSNES", "")
    return NyForsendelse(
        konto_id=konto_id,
        organisasjon_id=organisasjon_id,
        tittel="Brev",
        mottakertype=Mottakertype.PERSON,
        mottaker=Mottaker(new_fnr(), address),
        dokumenter=(),
    )


def test_s17_13_a_service_is_unusable_until_signed_initialised_and_configured() -> None:
    made, first = organisation()
    stages: list[str] = []

    def stage() -> None:
        with pytest.raises(IkkeTilgang) as refused:
            activation.require_active(made, SVARUT)
        stages.append(refused.value.kode)
        assert refused.value.status == 403

    stage()
    with pytest.raises(Konflikt, match="AVTALE_MANGLER"):
        activation.initialise(made, SVARUT, actor=first)
    sign(made, None, first)
    with pytest.raises(Konflikt, match="AVTALE_MANGLER"):
        activation.initialise(made, SVARUT, actor=first)
    sign(made, SVARUT, first)
    stage()
    activation.initialise(made, SVARUT, actor=first)
    stage()
    with pytest.raises(Konflikt, match="KONTO_MANGLER_I_TJENESTEN"):
        activation.configure(made, SVARUT, actor=first)
    konto_service.create_konto(made, visningsnavn="Renovasjon", avsender=f"h-{uuid4()}", actor=first)
    stage()
    activation.configure(made, SVARUT, actor=first)
    activation.require_active(made, SVARUT)
    assert stages == ["TJENESTE_IKKE_AKTIV"] * 4
    acts = session().scalars(select(Audit.handling).where(Audit.organisasjon_id == made).order_by(Audit.id))
    assert [a for a in acts if a.startswith(("AVTALE", "TJENESTE"))] == [
        "AVTALE_SIGNERT",
        "AVTALE_SIGNERT",
        "TJENESTE_INITIALISERT",
        "TJENESTE_KONFIGURERT",
    ]


def test_s17_13_no_mailing_begins_and_no_letter_is_taken_in_before_the_service_is_in_use() -> None:
    made = make_organisasjon("Heimdal kommune", new_orgnr())
    konto = konto_service.create_konto(made, visningsnavn="Renovasjon", avsender=f"h-{uuid4()}", actor=HOUSE)
    sender = make_aktor(make_person(P.SENDE, ressurs=konto), made)
    with pytest.raises(IkkeTilgang, match="TJENESTE_IKKE_AKTIV"):
        draft_service.create_utsending(konto, fakta(), actor=sender)
    with pytest.raises(IkkeTilgang, match="TJENESTE_IKKE_AKTIV"):
        accept_letters([letter_of(konto, made)], bane=Bane.ENKELT, actor=sender)
    activation.configure(made, SVARUT, actor=HOUSE)
    assert draft_service.create_utsending(konto, fakta(), actor=sender)


def test_s17_14_only_services_made_for_the_type_of_organisation_are_offered() -> None:
    for kind in Organisasjonstype:
        made, _ = organisation(kind)
        offered = [row.kode for row in avtale_queries.services_of(made)]
        assert sorted(offered) == sorted(t.kode for t in TJENESTER if kind in t.tilgjengelig_for), kind
        agreements_offered = [row.tjeneste_kode for row in avtale_queries.agreements_of(made)]
        assert agreements_offered == [None, *offered]


def test_s17_14_a_service_made_for_others_is_neither_signed_nor_initialised() -> None:
    made, first = organisation(Organisasjonstype.LEVERANDOR)
    sign(made, None, first)
    with pytest.raises(IkkeTilgang, match="TJENESTE_IKKE_TILGJENGELIG"):
        sign(made, SVARUT, first)
    with pytest.raises(IkkeTilgang, match="TJENESTE_IKKE_TILGJENGELIG"):
        activation.initialise(made, SVARUT, actor=first)


def test_a_service_nobody_has_is_unknown() -> None:
    made, first = organisation()
    with pytest.raises(IkkeFunnet, match="TJENESTE_UKJENT"):
        activation.initialise(made, "FINNES.IKKE", actor=first)


def test_the_hovedavtale_is_signed_before_any_tjenestevedlegg() -> None:
    made, first = organisation()
    with pytest.raises(Konflikt, match="HOVEDAVTALE_FORST"):
        sign(made, SVARUT, first)


def test_a_version_published_while_the_old_one_was_read_is_not_signed_unseen() -> None:
    made, first = organisation()
    shown = in_force(None)
    shown_id, digest = shown.id, shown.sha256
    new_version(None)
    with pytest.raises(Konflikt, match="AVTALE_ENDRET"):
        avtale_service.sign_avtale(made, shown_id, navn=first.navn, digest=digest, actor=first)
    with pytest.raises(Konflikt, match="AVTALE_ENDRET"):
        avtale_service.sign_avtale(made, in_force(None).id, navn=first.navn, digest=digest, actor=first)
    assert not avtale_service.is_signed(made, None)


def test_a_signature_keeps_the_digest_of_the_text_and_the_name_that_was_written() -> None:
    made, first = organisation()
    shown = in_force(None)
    avtale_service.sign_avtale(made, shown.id, navn="  astrid   NORDLI ", digest=shown.sha256, actor=first)
    row = session().scalars(select(Avtalesignatur).where(Avtalesignatur.organisasjon_id == made)).one()
    assert (row.signert_navn, row.sha256, row.signert_av) == (
        "Astrid Nordli",
        avtale_service.digest_of(shown.tittel, shown.tekst),
        first.person_id,
    )


def test_the_name_must_be_the_signers_own() -> None:
    made, first = organisation()
    with pytest.raises(UgyldigInndata, match="SIGNATURNAVN_STEMMER_IKKE"):
        avtale_service.sign_avtale(
            made, in_force(None).id, navn="Ola Nordmann", digest=in_force(None).sha256, actor=first
        )


def test_a_version_is_signed_once() -> None:
    made, first = organisation()
    sign(made, None, first)
    with pytest.raises(Konflikt, match="AVTALE_SIGNERT_FRA_FOR"):
        sign(made, None, first)


def test_signing_needs_a_login_younger_than_five_minutes_a_person_and_the_privilege() -> None:
    made, first = organisation()
    assert first.person_id is not None
    with pytest.raises(IkkeTilgang, match="NY_INNLOGGING"):
        sign(made, None, make_aktor(first.person_id, made, minutter_siden=6, navn=first.navn))
    with pytest.raises(IkkeTilgang, match="KUN_PERSON"):
        sign(made, None, HOUSE)
    clerk = make_aktor(make_person(P.ORG_REDIGER, ressurs=made), made)
    with pytest.raises(IkkeTilgang, match="MANGLER_PRIVILEGIUM"):
        sign(made, None, clerk)
    signer = make_aktor(make_person(P.AVTALE_SIGNER, ressurs=made), made)
    sign(made, None, signer)


def test_a_new_version_asks_for_a_new_signature_and_stops_nothing_that_runs() -> None:
    made = make_organisasjon("Lillevik kommune", new_orgnr())
    konto = konto_service.create_konto(made, visningsnavn="Skatt", avsender=f"s-{uuid4()}", actor=HOUSE)
    activation.configure(made, SVARUT, actor=HOUSE)
    new_version(SVARUT)
    [vedlegg] = [one for one in avtale_queries.agreements_of(made) if one.tjeneste_kode == SVARUT]
    assert (vedlegg.er_signert, vedlegg.ny_versjon) == (False, True)
    assert vedlegg.signert_versjon == vedlegg.versjon - 1
    activation.require_active(made, SVARUT)
    activation.require_sending(konto)


def test_what_is_published_twice_with_the_same_text_is_published_once() -> None:
    avtale = NyAvtale(None, "Hovedavtale", f"Tekst {uuid4()}")
    first = avtale_service.publish_avtale(avtale, actor=HOUSE)
    with pytest.raises(Konflikt, match="AVTALE_UENDRET"):
        avtale_service.publish_avtale(avtale, actor=HOUSE)
    assert in_force(None).versjon == first


@pytest.mark.parametrize(
    ("tittel", "tekst", "felt"), [("", "tekst", "tittel"), ("Avtale", "  \r\n ", "tekst")]
)
def test_an_agreement_needs_a_title_and_a_text(tittel: str, tekst: str, felt: str) -> None:
    with pytest.raises(UgyldigInndata) as refused:
        avtale_service.publish_avtale(NyAvtale(None, tittel, tekst), actor=HOUSE)
    assert refused.value.felt == felt


def test_only_root_publishes() -> None:
    _, first = organisation()
    with pytest.raises(IkkeTilgang, match="KUN_ROT"):
        avtale_service.publish_avtale(NyAvtale(None, "Avtale", "Tekst"), actor=first)


@pytest.mark.parametrize("change", ["UPDATE avtale SET tekst = 'x'", "DELETE FROM avtalesignatur"])
def test_the_house_itself_can_change_neither_a_text_nor_a_signature(change: str) -> None:
    make_hus()
    with pytest.raises(Exception, match="permission denied"):
        session().execute(text(change))


def test_a_service_is_initialised_once_and_its_ressurs_lies_below_the_organisation() -> None:
    made, first = organisation()
    for kode in (None, SVARUT):
        sign(made, kode, first)
    node = activation.initialise(made, SVARUT, actor=first)
    with pytest.raises(Konflikt, match="TJENESTE_INITIALISERT_FRA_FOR"):
        activation.initialise(made, SVARUT, actor=first)
    row = session().get_one(Ressurs, node)
    assert (row.type, row.sti) == ("SVARUT", [made, node])


def test_s17_59_the_service_of_another_organisation_cannot_be_touched() -> None:
    hus, (_, first) = make_hus(), organisation()
    for attempt in (
        lambda: activation.initialise(hus.organisasjon_id, SVARUT, actor=first),
        lambda: activation.configure(hus.organisasjon_id, SVARUT, actor=first),
        lambda: sign(hus.organisasjon_id, None, first),
        lambda: konto_service.create_konto(
            hus.organisasjon_id, visningsnavn="Ny", avsender="ny", actor=first
        ),
        lambda: konto_service.rename_konto(hus.konto_id, "Nytt navn", actor=first),
        lambda: konto_service.deactivate_konto(hus.konto_id, actor=first),
        lambda: konto_service.activate_konto(hus.konto_id, actor=first),
    ):
        with pytest.raises(IkkeFunnet):
            attempt()


def test_a_konto_is_renamed_here_and_in_the_tree() -> None:
    hus = make_hus()
    konto_service.rename_konto(hus.konto_id, "Eiendomsskatt og gebyrer", actor=HOUSE)
    assert queries.konto(hus.konto_id).visningsnavn == "Eiendomsskatt og gebyrer"
    names = [node.navn for node in organisasjon_queries.ressurs_tree(hus.organisasjon_id)]
    assert names == ["Lillevik kommune", "SvarUt", "Eiendomsskatt og gebyrer"]


def test_two_kontoer_cannot_have_the_same_avsender() -> None:
    hus = make_hus()
    name = session().get_one(Konto, hus.konto_id).avsender
    with pytest.raises(Konflikt, match="KONTO_AVSENDER_FINNES"):
        konto_service.create_konto(hus.organisasjon_id, visningsnavn="Ny konto", avsender=name, actor=HOUSE)


@pytest.mark.parametrize(("felt", "value"), [("visningsnavn", "<i>x</i>"), ("avsender", "")])
def test_a_field_of_a_konto_that_cannot_be_used_is_named(felt: str, value: str) -> None:
    hus = make_hus()
    values = {"visningsnavn": "Ny konto", "avsender": "ny-konto", felt: value}
    with pytest.raises(UgyldigInndata) as refused:
        konto_service.create_konto(hus.organisasjon_id, actor=HOUSE, **values)  # type: ignore[arg-type]
    assert refused.value.felt == felt


def test_a_konto_is_not_made_with_the_account_that_payments_go_to() -> None:
    hus = make_hus()
    with pytest.raises(ValueError, match="set_bankkonto"):
        konto_service.create_konto(
            hus.organisasjon_id, visningsnavn="Ny", avsender="ny", kontonummer="99990212348", actor=HOUSE
        )


def test_from_a_closed_konto_nothing_new_begins_and_it_can_be_opened_again() -> None:
    hus = make_hus()
    sender = make_aktor(make_person(P.SENDE, ressurs=hus.konto_id), hus.organisasjon_id)
    konto_service.deactivate_konto(hus.konto_id, actor=HOUSE)
    konto_service.deactivate_konto(hus.konto_id, actor=HOUSE)
    with pytest.raises(Konflikt, match="KONTO_IKKE_AKTIV"):
        draft_service.create_utsending(hus.konto_id, fakta(), actor=sender)
    konto_service.activate_konto(hus.konto_id, actor=HOUSE)
    assert draft_service.create_utsending(hus.konto_id, fakta(), actor=sender)
    acts = select(Audit.handling).where(Audit.objekt_id == str(hus.konto_id)).order_by(Audit.id)
    assert list(session().scalars(acts)) == ["KONTO_OPPRETTET", "KONTO_DEAKTIVERT", "KONTO_AKTIVERT"]


def test_a_mailing_that_waits_for_release_is_not_released_from_a_closed_konto() -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1, status=Utsendingstatus.GODKJENT)
    konto_service.deactivate_konto(kommune.konto_id, actor=HOUSE)
    with pytest.raises(Konflikt, match="KONTO_IKKE_AKTIV"):
        approval_service.release(mailing.id, actor=kommune.aktor("saksbehandler"))
    konto_service.activate_konto(kommune.konto_id, actor=HOUSE)
    approval_service.release(mailing.id, actor=kommune.aktor("saksbehandler"))


def test_the_tree_tells_what_is_inherited_and_from_where() -> None:
    hus = make_hus()
    make_person(P.LESE, P.SENDE, ressurs=hus.konto_id)
    make_person(P.ADMIN, ressurs=hus.organisasjon_id)
    top, service, konto = organisasjon_queries.ressurs_tree(hus.organisasjon_id)
    assert (top.direkte, top.arvet) == (2, ())
    assert [(a.navn, a.antall) for a in service.arvet] == [("Lillevik kommune", 2)]
    assert (konto.direkte, [a.ressurs_id for a in konto.arvet]) == (2, [hus.organisasjon_id])


def test_an_administrator_of_the_service_makes_kontoer_and_one_of_a_konto_does_not() -> None:
    hus = make_hus()
    [_, service, _] = organisasjon_queries.ressurs_tree(hus.organisasjon_id)
    above = make_aktor(make_person(P.ADMIN, ressurs=service.id), hus.organisasjon_id)
    below = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id), hus.organisasjon_id)
    made = konto_service.create_konto(
        hus.organisasjon_id, visningsnavn="Skole", avsender=f"k-{uuid4()}", actor=above
    )
    with pytest.raises(IkkeFunnet):
        konto_service.create_konto(
            hus.organisasjon_id, visningsnavn="SFO", avsender=f"k-{uuid4()}", actor=below
        )
    with pytest.raises(IkkeFunnet):
        konto_service.rename_konto(made, "Min", actor=below)
    konto_service.rename_konto(hus.konto_id, "Vår egen", actor=below)


@pytest.mark.usefixtures("app_context")
def test_s17_13_the_machines_door_opens_a_service_no_sooner_than_the_portal_does() -> None:
    hus, initialised = make_hus(), make_organisasjon("Uferdig kommune", new_orgnr())
    assert is_service_in_use("SVARUT", hus.konto_id)
    assert not is_service_in_use("SVARUT", initialised), "its ressurs is made, and it is not configured"
    assert not is_service_in_use("SVARUT", uuid4())

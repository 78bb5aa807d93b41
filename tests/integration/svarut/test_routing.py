"""Which mottakersystem a letter is laid ready for, and that it waits there from the moment it is KLAR_FOR_MOTTAK."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.person.representation import RollerUtilgjengelig, Spor
from fiks.konfigurasjon.rules import P
from fiks.svarinn import service as svarinn
from fiks.svarinn import system_queries
from fiks.svarinn.models import Mottaksplass
from fiks.svarinn.queries import mottakersystem_for, organisations_with_system
from fiks.svarinn.rules import Koblingsfakta
from fiks.svarut.invariants import nothing_vanishes
from fiks.svarut.lifecycle.read_status import record_reading
from fiks.svarut.models import Forsendelse, Hendelse, SvarinnMottak
from fiks.svarut.rules import Status
from fiks.svarut.sender import letter_page
from fiks.svarut.sender.actions import set_manually_handled
from fiks.svarut.svarinn.acknowledgement import confirm, report_failure
from fiks.svarut.svarinn.encrypted_zip import download_package
from fiks.svarut.svarinn.queue import waiting_letters
from tests.integration.houses import HOUSE, Hus, make_aktor, make_hus, make_person, new_orgnr, staff_of
from tests.integration.svarut.letters import hand_over, letter, make_letter
from tests.integration.systems import System, make_mottakerhus, make_system, nobody
from tests.integration.worlds import World
from tests.machines import make_kall

POST_ARKIV = frozenset({("ROLLE", "A0236")})


def waiting(letter_id: object) -> SvarinnMottak | None:
    row = select(SvarinnMottak).where(SvarinnMottak.forsendelse_id == letter_id)
    return session().scalars(row.execution_options(populate_existing=True)).one_or_none()


def test_sv12_41_byggesoknader_go_to_their_system_and_the_rest_to_the_archive(empty: None) -> None:
    orgnr = new_orgnr()
    archive, bygg = make_system(orgnr), make_system(Koblingsfakta(orgnr, ("ks.byggesøknad",)))
    assert mottakersystem_for(orgnr, "ks.byggesøknad", "BETYDELIG") == bygg.id
    for other in ("ks.edialog", "noe annet", None):
        assert mottakersystem_for(orgnr, other, "BETYDELIG") == archive.id
    assert organisations_with_system([orgnr, new_orgnr()]) == {orgnr}


def test_sv12_41_each_level_has_its_own_system_and_one_without_goes_to_altinn(
    hus: Hus, eier: Owner, world: World
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    low = make_system(Koblingsfakta(orgnr, (), "BETYDELIG"))
    assert mottakersystem_for(orgnr, None, "BETYDELIG") == low.id
    assert mottakersystem_for(orgnr, None, "HOYESTE") is None
    high = make_letter(hus, orgnr, sikkerhetsniva="HOYESTE")
    hand_over(eier, world)
    assert (letter(high).kanal, waiting(high)) == ("ALTINN", None)


def test_sv12_41_the_letter_waits_for_the_system_that_it_was_routed_to(
    hus: Hus, eier: Owner, world: World
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    first = make_system(orgnr)
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    [kobling] = session().scalars(
        select(Mottaksplass.kobling_id).where(Mottaksplass.mottakersystem_id == first.id).distinct()
    )
    svarinn.remove_kobling(first.id, kobling, actor=HOUSE)
    make_system(orgnr)
    row = waiting(made)
    assert row is not None
    assert (row.mottakersystem_id, row.lukket, row.klar) == (first.id, None, letter(made).overlevert)


def test_a_letter_that_waits_for_nobody_or_is_offered_in_vain_is_a_breach(
    empty: None, eier: Owner, world: World
) -> None:
    hus, orgnr = make_hus(), world.register.add_unit(new_orgnr())
    make_system(orgnr)
    lost, settled, well = (make_letter(hus, orgnr) for _ in range(3))
    hand_over(eier, world)
    scope = select(Forsendelse.id)
    assert nothing_vanishes(scope) == []
    with transaction() as tx:
        tx.execute(delete(SvarinnMottak).where(SvarinnMottak.forsendelse_id == lost))
        tx.execute(update(Forsendelse).where(Forsendelse.id == settled).values(status=Status.LEST))
    found = {(brudd.kode, brudd.id) for brudd in nothing_vanishes(scope)}
    assert found == {("VENTER_PA_INGEN", str(lost)), ("TILBYS_ETTER_AVGJORT", str(settled))}
    assert str(well) not in {own for _, own in found}


def test_two_active_systems_never_receive_the_same(empty: None) -> None:
    orgnr = new_orgnr()
    make_system(Koblingsfakta(orgnr, ("ks.edialog",)))
    second = make_system(orgnr)
    with pytest.raises(Konflikt, match="KOBLING_FINNES"):
        add(second, Koblingsfakta(orgnr, ("Byggesøknad", "ks.edialog"), "HOYESTE"))
    assert mottakersystem_for(orgnr, "Byggesøknad", "HOYESTE") == second.id
    third = make_system(orgnr, aktiv=False)
    with pytest.raises(Konflikt, match="KOBLING_FINNES"):
        svarinn.set_active(third.id, aktiv=True, spor=nobody, actor=HOUSE)
    svarinn.set_active(second.id, aktiv=False, spor=nobody, actor=HOUSE)
    assert mottakersystem_for(orgnr, None, "BETYDELIG") is None
    svarinn.set_active(third.id, aktiv=True, spor=nobody, actor=HOUSE)
    assert mottakersystem_for(orgnr, None, "BETYDELIG") == third.id


def add(system: System, fakta: Koblingsfakta, actor: Aktor = HOUSE, *held: str) -> object:
    parts = [Altinnpart(orgnr, "Virksomhet", POST_ARKIV) for orgnr in held]
    return svarinn.add_kobling(system.id, fakta, spor=lambda pid: parts, actor=actor)


def test_an_organisation_is_connected_only_by_one_who_holds_post_arkiv_for_it(empty: None) -> None:
    system, orgnr = make_system(), new_orgnr()
    person = make_aktor(make_person(P.ADMIN, ressurs=system.id), system.organisasjon_id)
    with pytest.raises(IkkeTilgang, match="MANGLER_POST_ARKIV"):
        add(system, Koblingsfakta(orgnr), person, new_orgnr())
    assert mottakersystem_for(orgnr, None, "BETYDELIG") is None
    add(system, Koblingsfakta(orgnr), person, orgnr)
    assert mottakersystem_for(orgnr, None, "BETYDELIG") == system.id

    def away(pid: str) -> list[Altinnpart]:
        raise ProvIgjen("HTTP_503")

    with pytest.raises(RollerUtilgjengelig):
        svarinn.add_kobling(system.id, Koblingsfakta(new_orgnr()), spor=away, actor=person)


def only_of(orgnr: str) -> tuple[System, UUID]:
    """A system that receives one type at level 3 for the organisation, and its kobling."""
    system = make_system(Koblingsfakta(orgnr, ("ks.edialog",), "BETYDELIG"))
    [row] = system_queries.koblinger(system.id, actor=HOUSE)
    return system, row.id


@pytest.mark.parametrize("types", [("ks.edialog", "Byggesøknad"), ()])
def test_more_is_led_to_a_system_only_by_one_who_holds_post_arkiv(
    empty: None, types: tuple[str, ...]
) -> None:
    orgnr = new_orgnr()
    system, kobling = only_of(orgnr)
    person = make_aktor(make_person(P.ADMIN, ressurs=system.id), system.organisasjon_id)

    def change(fakta: Koblingsfakta, actor: Aktor, *held: str) -> None:
        parts = [Altinnpart(one, "Virksomhet", POST_ARKIV) for one in held]
        svarinn.change_kobling(system.id, kobling, fakta, spor=lambda pid: parts, actor=actor)

    machine = machine_of(system)
    for wider in (Koblingsfakta(orgnr, types, "BETYDELIG"), Koblingsfakta(orgnr, ("ks.edialog",), "ALLE")):
        for who in (person, machine):
            with pytest.raises(IkkeTilgang, match="MANGLER_POST_ARKIV"):
                change(wider, who, new_orgnr())
        assert mottakersystem_for(orgnr, "Byggesøknad", "BETYDELIG") is None
        assert mottakersystem_for(orgnr, "ks.edialog", "HOYESTE") is None
    all_of_it = Koblingsfakta(orgnr)
    change(all_of_it, person, orgnr)
    assert mottakersystem_for(orgnr, None, "HOYESTE") == system.id
    change(Koblingsfakta(orgnr, (), "HOYESTE", "Ny"), person)
    change(Koblingsfakta(orgnr, ("ks.edialog",), "HOYESTE"), machine)
    assert mottakersystem_for(orgnr, "Byggesøknad", "HOYESTE") is None


def test_what_grew_by_being_narrowed_meanwhile_is_not_let_through(empty: None) -> None:
    orgnr = new_orgnr()
    system, kobling = only_of(orgnr)
    person = make_aktor(make_person(P.ADMIN, ressurs=system.id), system.organisasjon_id)
    looked_at, real = Koblingsfakta(orgnr), svarinn.facts_of
    with pytest.MonkeyPatch.context() as patch:
        told = iter((looked_at,))
        patch.setattr(svarinn, "facts_of", lambda kobling: next(told, None) or real(kobling))
        with pytest.raises(Konflikt, match="OPPLYSNINGER_ENDRET"):
            svarinn.change_kobling(system.id, kobling, looked_at, spor=nobody, actor=person)
    assert mottakersystem_for(orgnr, None, "HOYESTE") is None


def test_a_closed_system_is_opened_by_one_who_holds_post_arkiv_for_the_others_it_receives_for(
    empty: None,
) -> None:
    orgnr = new_orgnr()
    system = make_system(orgnr, aktiv=False)
    person = make_aktor(make_person(P.ADMIN, ressurs=system.id), system.organisasjon_id)
    asked: list[str] = []

    def altinn(*held: str) -> Spor:
        return lambda pid: asked.append(pid) or [Altinnpart(one, "Virksomhet", POST_ARKIV) for one in held]

    for who in (person, machine_of(system)):
        with pytest.raises(IkkeTilgang, match="MANGLER_POST_ARKIV"):
            svarinn.set_active(system.id, aktiv=True, spor=altinn(new_orgnr()), actor=who)
        assert mottakersystem_for(orgnr, None, "BETYDELIG") is None
    svarinn.set_active(system.id, aktiv=True, spor=altinn(orgnr), actor=person)
    assert mottakersystem_for(orgnr, None, "BETYDELIG") == system.id
    assert len(asked) == 2
    for aktiv in (True, False):
        svarinn.set_active(system.id, aktiv=aktiv, spor=altinn(), actor=machine_of(system))
    assert mottakersystem_for(orgnr, None, "BETYDELIG") is None
    assert len(asked) == 2, "nothing more is received by what is open already, or is closed"


def test_what_is_ones_own_is_opened_without_asking_altinn(empty: None) -> None:
    orgnr = new_orgnr()
    system = make_system(orgnr, i=make_mottakerhus(orgnr=orgnr), aktiv=False)
    person = make_aktor(make_person(P.ADMIN, ressurs=system.id), system.organisasjon_id)

    def away(pid: str) -> list[Altinnpart]:
        raise ProvIgjen("HTTP_503")

    svarinn.set_active(system.id, aktiv=True, spor=away, actor=person)
    assert mottakersystem_for(orgnr, None, "BETYDELIG") == system.id


def machine_of(system: System) -> Aktor:
    """A machine that may set the system up, and calls for nobody."""
    made = make_kall(system.organisasjon_id, P.KONFIGURERE_MOTTAK, ressurs=system.id)
    return Aktor(Aktortype.INTEGRASJON, "Fagsystem", integrasjon_id=UUID(made.id))


def test_a_machine_connects_only_the_organisation_that_has_the_system(empty: None) -> None:
    orgnr = new_orgnr()
    system = make_system(i=make_mottakerhus(orgnr=orgnr))
    machine = Aktor(Aktortype.INTEGRASJON, "Fagsystem", integrasjon_id=None)
    with pytest.raises(IkkeTilgang, match="MANGLER_POST_ARKIV"):
        svarinn.require_post_arkiv(system.id, new_orgnr(), spor=nobody, actor=machine)
    svarinn.require_post_arkiv(system.id, orgnr, spor=nobody, actor=machine)


def test_nothing_is_received_before_the_service_is_in_use(empty: None) -> None:
    system = make_system()
    with transaction() as tx:
        tx.get_one(Tjenesteaktivering, (system.organisasjon_id, "SVARINN")).konfigurert = None
    with pytest.raises(IkkeTilgang, match="TJENESTE_IKKE_AKTIV"):
        add(system, Koblingsfakta(new_orgnr()))


def test_sv12_30_the_senders_page_tells_what_the_receiver_wrote(hus: Hus, eier: Owner, world: World) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    system = make_system(orgnr)
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    report_failure(made, feilmelding="Arkivet er nede", permanent=False, system_id=system.id, actor=HOUSE)
    last = letter_page.letter_for_sender(made, actor=staff_of(hus, P.LESE)).hendelser[-1]
    assert (last.kode, last.detaljer) == ("MOTTAK_FEILET", {"feilmelding": "Arkivet er nede"})


def test_a_person_who_may_receive_sees_and_confirms_and_others_do_not(
    hus: Hus, eier: Owner, world: World
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    system = make_system(orgnr)
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    mine = make_aktor(make_person(P.MOTTA, ressurs=system.id), system.organisasjon_id)
    stranger = staff_of(hus, P.LESE, P.SENDE)
    for refused in (
        lambda: waiting_letters(system.id, actor=stranger),
        lambda: confirm(made, system_id=system.id, actor=stranger),
        lambda: download_package(made, system_id=system.id, actor=stranger),
    ):
        with pytest.raises(IkkeFunnet):
            refused()
    assert [one.id for one in waiting_letters(system.id, actor=mine)] == [made]
    confirm(made, system_id=system.id, actor=mine)
    assert letter(made).status == Status.LEST
    last = session().scalars(
        select(Hendelse.aktor).where(Hendelse.forsendelse_id == made).order_by(Hendelse.lopenr.desc())
    )
    assert last.first() == mine.ref


@pytest.mark.parametrize("way", ["handled", "read"])
def test_a_letter_that_goes_on_in_any_other_way_waits_no_longer(
    hus: Hus, eier: Owner, world: World, way: str
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    make_system(orgnr)
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    if way == "handled":
        set_manually_handled(made, actor=HOUSE)
    else:
        with transaction():
            record_reading(made, kode="LEST", aktor="system:test")
    row = waiting(made)
    assert row is not None and row.lukket is not None
    assert letter(made).status == (Status.MANUELT_HANDTERT if way == "handled" else Status.LEST)


@pytest.mark.parametrize("refused", [True, False])
def test_a_letter_closed_after_its_system_refused_it_is_with_nobody(
    hus: Hus, eier: Owner, world: World, refused: bool
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    system = make_system(orgnr)
    made = make_letter(hus, orgnr)
    hand_over(eier, world)
    if refused:
        report_failure(made, feilmelding="Ikke vår", permanent=True, system_id=system.id, actor=HOUSE)
    set_manually_handled(made, actor=HOUSE)
    closed = letter(made)
    assert closed.status == Status.MANUELT_HANDTERT
    assert (closed.kanal, closed.overlevert is None) == ((None, True) if refused else ("SVARINN", False))


def test_a_letter_read_before_it_lies_ready_is_read_and_waits_for_nobody(
    hus: Hus, eier: Owner, world: World
) -> None:
    orgnr = world.register.add_unit(new_orgnr())
    make_system(orgnr)
    made = make_letter(hus, orgnr)
    with transaction():
        assert record_reading(made, kode="LEST", aktor="system:test")
    hand_over(eier, world)
    row = waiting(made)
    assert row is not None and row.lukket is not None
    assert letter(made).status == Status.LEST

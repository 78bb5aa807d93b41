"""Mottakersystemer below the organisation's SvarInn: create, change, close, open, and what each receives.

A person needs ADMIN, a machine SVARINN.KONFIGURERE. Letters already waiting for a system stay with it,
whatever is changed afterwards.

`vist` is the version mark of what the page showed, None for callers without a page: changes that somebody
else has made since are never overwritten, but answered with OPPLYSNINGER_ENDRET (409).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, tuple_
from sqlalchemy.exc import IntegrityError

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, KanalFeil, Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.activation import SVARINN, require_active, service_ressurs
from fiks.konfigurasjon.field_rules import check
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.organisasjon.service import add_ressurs
from fiks.konfigurasjon.person import representation
from fiks.konfigurasjon.person import service as person_service
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.person.representation import RollerUtilgjengelig, Spor
from fiks.konfigurasjon.rules import P, Ressurstype
from fiks.konfigurasjon.stale_form import require_not_stale, require_same_as_shown
from fiks.svarinn.models import Mottakersystem, Mottaksplass, Organisasjonskobling
from fiks.svarinn.rules import Koblingsfakta, Systemfakta

MOST_KOBLINGER = 1_000


def create_system(
    organisasjon_id: UUID, systemfakta: Systemfakta, *, actor: Aktor, system_id: UUID | None = None
) -> UUID:
    """Create a mottakersystem that receives nothing yet; return its id.

    `system_id` comes from the form: submitting the same form twice creates one system; with changed content
    it creates another. Errors: those of `Systemfakta` (422), and of the service.
    """
    service_id = service_ressurs(organisasjon_id, SVARINN, actor, P.KONFIGURERE_MOTTAK)
    check(systemfakta)
    with transaction() as tx:
        service = tx.get_one(Ressurs, service_id, with_for_update={"key_share": True})
        before = tx.get(Mottakersystem, system_id) if system_id else None
        if before is not None and (before.organisasjon_id, _facts_of(before)) == (
            organisasjon_id,
            systemfakta,
        ):
            return before.id
        own = None if system_id and tx.get(Ressurs, system_id) else system_id
        node = add_ressurs(service, Ressurstype.MOTTAKERSYSTEM, systemfakta.navn, organisasjon_id, own)
        system = Mottakersystem(
            id=node.id,
            organisasjon_id=organisasjon_id,
            navn=systemfakta.navn,
            eposter=list(systemfakta.eposter),
        )
        tx.add(system)
        tx.flush()
        record(system, "MOTTAKERSYSTEM_OPPRETTET", actor)
        return node.id


def _facts_of(system: Mottakersystem) -> Systemfakta:
    return Systemfakta(system.navn, tuple(system.eposter))


def change_system(
    system_id: UUID, systemfakta: Systemfakta, *, vist: str | None = None, actor: Aktor
) -> None:
    """Change a mottakersystem's name and warning addresses. Errors: those of `Systemfakta` (422)."""
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    check(systemfakta)
    with transaction() as tx:
        system = lock_system(system_id)
        stands = _facts_of(system)
        require_not_stale(vist, asdict(stands), asdict(systemfakta))
        if stands == systemfakta:
            return
        system.navn, system.eposter = systemfakta.navn, list(systemfakta.eposter)
        tx.get_one(Ressurs, system_id).navn = systemfakta.navn
        record(system, "MOTTAKERSYSTEM_ENDRET", actor)


def set_active(system_id: UUID, *, aktiv: bool, spor: Spor, actor: Aktor) -> None:
    """Open or close a mottakersystem for new letters. Letters already waiting can be fetched all the same.

    Repeating it changes nothing. Opening demands Post/arkiv for the numbers of other organisations, as
    `require_post_arkiv`. Errors: MANGLER_POST_ARKIV (403), ROLLER_UTILGJENGELIG (503), KOBLING_FINNES (409)
    when another system has taken over what it received, OPPLYSNINGER_ENDRET (409) when that changed
    meanwhile.
    """
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    stands = session().scalar(select(Mottakersystem.aktiv).where(Mottakersystem.id == system_id))
    asked = _foreign(system_id) if aktiv and stands is False else []
    require_post_arkiv(system_id, *asked, spor=spor, actor=actor)
    with transaction() as tx:
        system = lock_system(system_id)
        if system.aktiv == aktiv:
            return
        if aktiv and not set(_foreign(system_id)) <= set(asked):
            raise Konflikt("OPPLYSNINGER_ENDRET")
        system.aktiv = aktiv
        if not aktiv:
            tx.execute(delete(Mottaksplass).where(Mottaksplass.mottakersystem_id == system_id))
        for kobling in _koblinger(system_id) if aktiv else ():
            _take_places(kobling, facts_of(kobling))
        record(system, "MOTTAKERSYSTEM_AKTIVERT" if aktiv else "MOTTAKERSYSTEM_DEAKTIVERT", actor)


def add_kobling(system_id: UUID, koblingsfakta: Koblingsfakta, *, spor: Spor, actor: Aktor) -> UUID:
    """Receive for an organisation number; its letters are routed here from now on. Returns the kobling's id.

    The person must hold Post/arkiv for the number in Altinn; `spor` asks Altinn. Errors: those of
    `Koblingsfakta` (422), TJENESTE_IKKE_AKTIV, MANGLER_POST_ARKIV (403), ROLLER_UTILGJENGELIG (503),
    KOBLING_FINNES (409).
    """
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    check(koblingsfakta)
    _require_in_use(system_id)
    require_post_arkiv(system_id, koblingsfakta.organisasjonsnummer, spor=spor, actor=actor)
    with transaction() as tx:
        system = lock_system(system_id)
        if len(_koblinger(system_id)) >= MOST_KOBLINGER:
            raise Konflikt("KOBLINGER_FOR_MANGE", grense=MOST_KOBLINGER)
        kobling = Organisasjonskobling(mottakersystem_id=system_id)
        _write(kobling, koblingsfakta)
        tx.add(kobling)
        tx.flush()
        if system.aktiv:
            _take_places(kobling, koblingsfakta)
        record(system, "KOBLING_OPPRETTET", actor, orgnr=koblingsfakta.organisasjonsnummer)
        return kobling.id


def change_kobling(
    system_id: UUID,
    kobling_id: UUID,
    koblingsfakta: Koblingsfakta,
    *,
    spor: Spor,
    vist: str | None = None,
    actor: Aktor,
) -> None:
    """Change what a kobling receives; an unchanged one is left alone.

    Errors as for `add_kobling`. Altinn is asked when the kobling would receive more than now.
    OPPLYSNINGER_ENDRET (409) when that became so only after the check.
    """
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    check(koblingsfakta)
    _require_in_use(system_id)
    stands = facts_of(_kobling(system_id, kobling_id))
    require_not_stale(vist, asdict(stands), asdict(koblingsfakta))
    more = koblingsfakta.receives_more_than(stands)
    if more:
        require_post_arkiv(system_id, koblingsfakta.organisasjonsnummer, spor=spor, actor=actor)
    with transaction() as tx:
        system = lock_system(system_id)
        kobling = _kobling(system_id, kobling_id)
        stands = facts_of(kobling)
        require_not_stale(vist, asdict(stands), asdict(koblingsfakta))
        if stands == koblingsfakta:
            return
        if not more and koblingsfakta.receives_more_than(stands):
            raise Konflikt("OPPLYSNINGER_ENDRET")
        _write(kobling, koblingsfakta)
        tx.execute(delete(Mottaksplass).where(Mottaksplass.kobling_id == kobling_id))
        if system.aktiv:
            _take_places(kobling, koblingsfakta)
        record(system, "KOBLING_ENDRET", actor, orgnr=koblingsfakta.organisasjonsnummer)


def remove_kobling(system_id: UUID, kobling_id: UUID, *, vist: str | None = None, actor: Aktor) -> None:
    """Stop receiving for a kobling; letters already waiting stay with the system."""
    queries.require(actor, P.KONFIGURERE_MOTTAK, system_id)
    with transaction() as tx:
        system = lock_system(system_id)
        kobling = _kobling(system_id, kobling_id)
        require_same_as_shown(vist, asdict(facts_of(kobling)))
        orgnr = kobling.organisasjonsnummer
        tx.delete(kobling)
        record(system, "KOBLING_FJERNET", actor, orgnr=orgnr)


def require_post_arkiv(system_id: UUID, *orgnrs: str, spor: Spor, actor: Aktor) -> None:
    """Require that the actor holds Post/arkiv for these organisations before their post is routed; asks
    Altinn, outside a transaction.

    A machine that calls for no person may do it only for the organisation that has the system.
    """
    if actor.is_house or not orgnrs:
        return
    if actor.person_id is None:
        may = {_own_orgnr(system_id)}
    else:
        may = {part.orgnr for part in post_arkiv(spor=spor, actor=actor)}
    for orgnr in orgnrs:
        if orgnr not in may:
            raise IkkeTilgang("MANGLER_POST_ARKIV", orgnr=orgnr)


def post_arkiv(*, spor: Spor, actor: Aktor) -> list[Altinnpart]:
    """Return the organisations for which the acting person holds Post/arkiv. Otherwise as `altinn_parts`."""
    return representation.parties_to_act_for(
        altinn_parts(spor=spor, actor=actor), representation.required_codes(SVARINN)
    )


def altinn_parts(*, spor: Spor, actor: Aktor) -> list[Altinnpart]:
    """Return the parties the acting person may represent, by Altinn; none for a machine that calls for no
    person.

    Call it outside a transaction. Raises RollerUtilgjengelig("ROLLER_UTILGJENGELIG").
    """
    if actor.person_id is None:
        return []
    if actor.sesjon_id is not None:
        return representation.parties(actor.sesjon_id, spor)
    pid = person_service.pid_of(actor.person_id)
    session().rollback()
    try:
        return list(spor(pid))
    except KanalFeil as error:
        raise RollerUtilgjengelig("ROLLER_UTILGJENGELIG", arsak=error.kode) from error


def lock_system(system_id: UUID) -> Mottakersystem:
    """Return the system, locked until the transaction ends, so that concurrent changes come one after the
    other.
    """
    system = session().get(Mottakersystem, system_id, with_for_update=True, populate_existing=True)
    if system is None:
        raise IkkeFunnet("FINNES_IKKE")
    return system


def record(system: Mottakersystem, handling: str, actor: Aktor, **detaljer: Any) -> None:
    """Write the audit entry for an act on the system."""
    audit.record(
        actor,
        handling,
        "mottakersystem",
        system.id,
        organisasjon_id=system.organisasjon_id,
        tjeneste=SVARINN,
        ressurs_id=system.id,
        **detaljer,
    )


def facts_of(kobling: Organisasjonskobling) -> Koblingsfakta:
    """Return what the kobling receives."""
    return Koblingsfakta(
        kobling.organisasjonsnummer,
        tuple(kobling.forsendelsestyper),
        kobling.sikkerhetsniva,
        kobling.navn,
    )


def _require_in_use(system_id: UUID) -> None:
    require_active(_owner(system_id), SVARINN)


def _owner(system_id: UUID) -> UUID:
    owner = select(Mottakersystem.organisasjon_id).where(Mottakersystem.id == system_id)
    return session().execute(owner).scalar_one()


def _own_orgnr(system_id: UUID) -> str:
    return queries.organisasjon(_owner(system_id)).orgnr


def _foreign(system_id: UUID) -> list[str]:
    """Return the numbers of other organisations that the system receives for."""
    own = _own_orgnr(system_id)
    return [k.organisasjonsnummer for k in _koblinger(system_id) if k.organisasjonsnummer != own]


def _koblinger(system_id: UUID) -> Sequence[Organisasjonskobling]:
    mine = select(Organisasjonskobling).where(Organisasjonskobling.mottakersystem_id == system_id)
    return session().scalars(mine.order_by(Organisasjonskobling.id)).all()


def _kobling(system_id: UUID, kobling_id: UUID) -> Organisasjonskobling:
    kobling = session().get(Organisasjonskobling, kobling_id, populate_existing=True)
    if kobling is None or kobling.mottakersystem_id != system_id:
        raise IkkeFunnet("FINNES_IKKE")
    return kobling


def _write(kobling: Organisasjonskobling, fakta: Koblingsfakta) -> None:
    kobling.organisasjonsnummer, kobling.navn = fakta.organisasjonsnummer, fakta.navn
    kobling.forsendelsestyper = list(dict.fromkeys(fakta.forsendelsestyper))
    kobling.sikkerhetsniva = fakta.sikkerhetsniva


def _take_places(kobling: Organisasjonskobling, fakta: Koblingsfakta) -> None:
    """Write the kobling's routing entries; the primary key decides between two concurrent ones."""
    places, orgnr = fakta.places(), fakta.organisasjonsnummer
    here = tuple_(Mottaksplass.forsendelsestype, Mottaksplass.sikkerhetsniva)
    taken = select(Mottaksplass.forsendelsestype).where(
        Mottaksplass.organisasjonsnummer == orgnr, or_(*(here == place for place in places))
    )
    if session().execute(taken.limit(1)).first() is not None:
        raise Konflikt("KOBLING_FINNES", felt="organisasjonsnummer", orgnr=orgnr)
    session().add_all(
        Mottaksplass(
            organisasjonsnummer=orgnr,
            forsendelsestype=kind,
            sikkerhetsniva=niva,
            kobling_id=kobling.id,
            mottakersystem_id=kobling.mottakersystem_id,
        )
        for kind, niva in places
    )
    try:
        session().flush()
    except IntegrityError as error:
        raise Konflikt("KOBLING_FINNES", felt="organisasjonsnummer", orgnr=orgnr) from error

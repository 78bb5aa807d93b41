"""Acting for an organisation, and sessions that end: konfigurasjon.md 17, statements 8, 38 to 42 and 57."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, ProvIgjen, UgyldigInndata
from fiks.konfigurasjon.audit import access_log
from fiks.konfigurasjon.models import Fullmaktkrav, Sesjon
from fiks.konfigurasjon.person import logout, representation, service, sessions
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.person.logout import Sesjonsslutt
from fiks.konfigurasjon.person.representation import MINSIDE, SVARUT
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import colleagues
from tests.integration.houses import Hus, make_aktor, make_hus, make_person, new_fnr, new_orgnr, staff_of

pytestmark = pytest.mark.usefixtures("app_context")
POST = frozenset({("ROLLE", "A0236")})


class Altinn:
    """Answers with `parter`, counts the questions, and does not answer when `nede`."""

    def __init__(self, *parter: Altinnpart) -> None:
        self.parter, self.spurt, self.nede = list(parter), 0, False

    def __call__(self, pid: str) -> Sequence[Altinnpart]:
        self.spurt += 1
        if self.nede:
            raise ProvIgjen("IKKE_NAADD")
        return self.parter


def log_in(pid: str | None = None) -> tuple[str, Aktor]:
    """A live session; its token and its person as actor."""
    token = sessions.open_session(
        pid=pid or new_fnr(),
        acr=3,
        auth_time=clock.database_now(),
        iss="https://idporten.example",
        idporten_sid=None,
        id_token="token",
        navn="Kari Fjellstad",
    )
    live = sessions.load_session(token)
    assert live is not None
    return token, Aktor(Aktortype.PERSON, live.navn, person_id=live.person_id, acr=3, sesjon_id=live.id)


def session_of(actor: Aktor) -> UUID:
    assert actor.sesjon_id is not None
    return actor.sesjon_id


def admin_of(hus: Hus) -> Aktor:
    return make_aktor(make_person(P.ADMIN, ressurs=hus.organisasjon_id), hus.organisasjon_id)


def acts(handling: str, actor: Aktor) -> list[Audit]:
    session().rollback()
    mine = select(Audit).where(Audit.handling == handling, Audit.objekt_id == str(actor.sesjon_id))
    return list(session().scalars(mine.order_by(Audit.id)))


def test_s17_38_what_altinn_said_is_kept_for_fifteen_minutes_and_then_asked_for_again() -> None:
    _, actor = log_in()
    spor = Altinn(Altinnpart(new_orgnr(), "Firma", POST))
    for _ in range(3):
        assert [part.navn for part in representation.parties(session_of(actor), spor)] == ["Firma"]
    assert spor.spurt == 1
    with transaction() as tx:
        older = func.now() - timedelta(minutes=15, seconds=1)
        tx.execute(update(Sesjon).where(Sesjon.id == actor.sesjon_id).values(parter_hentet=older))
    representation.parties(session_of(actor), spor)
    assert spor.spurt == 2


def test_s17_38_a_right_that_altinn_no_longer_names_is_gone_at_the_next_check() -> None:
    _, actor = log_in()
    orgnr = new_orgnr()
    spor = Altinn(Altinnpart(orgnr, "Firma", POST))
    representation.choose_representation(session_of(actor), orgnr, spor, actor=actor)
    spor.parter = []
    with transaction() as tx:
        tx.execute(update(Sesjon).where(Sesjon.id == actor.sesjon_id).values(parter_hentet=None))
    with pytest.raises(IkkeTilgang, match="REPRESENTERER_IKKE"):
        representation.act_for(session_of(actor), MINSIDE, spor, orgno=orgnr)


def test_s17_39_a_unit_that_only_shows_the_way_to_its_subunits_cannot_be_chosen() -> None:
    _, actor = log_in()
    main, sub = new_orgnr(), new_orgnr()
    spor = Altinn(
        Altinnpart(main, "Konsernet", POST, velgbar=False), Altinnpart(sub, "Avdelingen", POST, True, main)
    )
    with pytest.raises(IkkeTilgang):
        representation.choose_representation(session_of(actor), main, spor, actor=actor)
    chosen = representation.choose_representation(session_of(actor), sub, spor, actor=actor)
    assert chosen is not None
    assert chosen.orgnr == sub


def test_s17_40_an_organisation_without_a_role_is_refused() -> None:
    _, actor = log_in()
    mine, other = new_orgnr(), new_orgnr()
    spor = Altinn(Altinnpart(mine, "Firma", POST), Altinnpart(other, "Uten rolle", frozenset()))
    chosen = representation.act_for(session_of(actor), MINSIDE, spor, orgno=mine)
    assert chosen is not None
    assert chosen.orgnr == mine
    with pytest.raises(IkkeTilgang) as refused:
        representation.act_for(session_of(actor), MINSIDE, spor, orgno=other)
    assert refused.value.status == 403
    with pytest.raises(UgyldigInndata):
        representation.act_for(session_of(actor), MINSIDE, spor, orgno="123456789")


def test_s17_41_which_code_gives_the_right_is_a_row_and_not_a_constant() -> None:
    _, actor = log_in()
    orgnr, code = new_orgnr(), ("TILGANGSPAKKE", "ordinaer-post-til-virksomheten")
    spor = Altinn(Altinnpart(orgnr, "Firma", frozenset({code})))
    with pytest.raises(IkkeTilgang):
        representation.act_for(session_of(actor), SVARUT, spor, orgno=orgnr)
    with transaction() as tx:
        tx.execute(insert(Fullmaktkrav).values(tjeneste=SVARUT, type=code[0], kode=code[1]))
    assert representation.act_for(session_of(actor), SVARUT, spor, orgno=orgnr) is not None


def test_s17_42_a_change_of_actor_is_written_to_the_audit() -> None:
    token, actor = log_in()
    orgnr = new_orgnr()
    spor = Altinn(Altinnpart(orgnr, "Firma", POST))
    representation.choose_representation(session_of(actor), orgnr, spor, actor=actor)
    live = sessions.load_session(token)
    assert live is not None
    assert live.representerer == orgnr
    representation.choose_representation(session_of(actor), None, spor, actor=actor)
    assert [row.detaljer["representerer"] for row in acts("AKTOR_VALGT", actor)] == [orgnr, "seg selv"]


def test_nobody_chooses_for_another_persons_session() -> None:
    (_, actor), (_, stranger) = log_in(), log_in()
    with pytest.raises(IkkeTilgang):
        representation.choose_representation(session_of(actor), None, Altinn(), actor=stranger)


def test_s17_57_with_altinn_down_one_acts_for_oneself_and_for_no_organisation() -> None:
    _, actor = log_in()
    spor = Altinn()
    spor.nede = True
    with pytest.raises(representation.RollerUtilgjengelig) as refused:
        representation.act_for(session_of(actor), MINSIDE, spor, orgno=new_orgnr())
    assert refused.value.status == 503
    assert representation.act_for(session_of(actor), MINSIDE, spor, orgno=None) is None


def test_s17_08_who_leaves_is_logged_out_everywhere_at_once() -> None:
    pid = new_fnr()
    (first, actor), (second, _), (other, _) = log_in(pid), log_in(pid), log_in()
    assert actor.person_id is not None
    assert logout.end_sessions_of(actor.person_id, Sesjonsslutt.SLUTTET) == 2
    assert [sessions.load_session(token) for token in (first, second)] == [None, None]
    assert sessions.load_session(other) is not None
    assert [row.detaljer["grunn"] for row in acts("UTLOGGET", actor)] == ["SLUTTET"]


def test_s17_08_an_administrator_logs_a_colleague_out_and_nobody_else() -> None:
    hus, annet = make_hus(), make_hus("Fjordvik kommune")
    admin, colleague = admin_of(hus), staff_of(hus, P.LESE)
    assert colleague.person_id is not None
    token, _ = log_in(service.pid_of(colleague.person_id))
    reader = make_aktor(make_person(P.ORG_LES, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    with pytest.raises(IkkeTilgang):
        colleagues.end_for_colleague(colleague.person_id, hus.organisasjon_id, actor=reader)
    with pytest.raises(IkkeFunnet):
        colleagues.end_for_colleague(colleague.person_id, annet.organisasjon_id, actor=admin_of(annet))
    assert sessions.load_session(token) is not None
    assert colleagues.end_for_colleague(colleague.person_id, hus.organisasjon_id, actor=admin) == 1
    assert sessions.load_session(token) is None


def test_one_ends_ones_own_other_session_and_nobody_elses() -> None:
    pid = new_fnr()
    (_, actor), (other, elsewhere), (strange, stranger) = log_in(pid), log_in(pid), log_in()
    logout.end_own_session(session_of(elsewhere), actor=actor)
    with pytest.raises(IkkeFunnet):
        logout.end_own_session(session_of(stranger), actor=actor)
    assert sessions.load_session(other) is None
    assert sessions.load_session(strange) is not None


def test_nobody_sees_who_looked_at_another() -> None:
    _, actor = log_in()
    assert access_log.views_of_own_data(actor=actor) == []

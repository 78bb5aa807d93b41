"""Four eyes are two persons who have each seen what is sent (ADR 0038), also when the letters get another date."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.models import Utsending
from fiks.utsending.overview import dashboard
from fiks.utsending.overview.tasks import Oppgaveslag
from fiks.utsending.production import new_date
from fiks.utsending.production import service as production_service
from fiks.utsending.rules import Utsendingstatus
from testmiljo.embedded import Services
from tests.integration.databases import Database, QuickProcess, new_database
from tests.integration.houses import HOUSE
from tests.integration.utsending.jobs import begin, few_rows, produce, read, status
from tests.integration.utsending.kommuner import Kommune, make_kommune, today
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus
BEFORE, AFTER = "5b83e0d2c6f1", "7d1c94e0b3a6"


@pytest.fixture
def kommune() -> Kommune:
    """Two employees: both prepare, both approve. Another approves."""
    made = make_kommune()
    for rolle in ("saksbehandler", "stopper"):
        konfigurasjon.grant_privilegium(made.personer[rolle], P.GODKJENNE, made.konto_id, actor=HOUSE)
    return made


def waiting(kommune: Kommune, process: QuickProcess, tmp_path: Path) -> UUID:
    """What the saksbehandler has prepared."""
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == U.TIL_GODKJENNING
    return utsending_id


def approve(utsending_id: UUID, actor: Aktor) -> None:
    digest = session().get_one(Utsending, utsending_id, populate_existing=True).innhold_digest
    assert digest is not None
    service.approve(utsending_id, digest, actor=actor)


def dated_anew(utsending_id: UUID, actor: Aktor, process: QuickProcess) -> None:
    """Approved, and then made again with the date of tomorrow."""
    new_date.produce_with_new_date(utsending_id, today() + timedelta(days=1), actor=actor)
    while do_portion("render", process):
        pass
    assert status(utsending_id) == U.TIL_GODKJENNING


def test_whoever_prepared_does_not_approve_because_another_has_set_a_new_date(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = waiting(kommune, process, tmp_path)
    approve(utsending_id, kommune.aktor("godkjenner"))
    dated_anew(utsending_id, kommune.aktor("stopper"), process)

    for rolle in ("saksbehandler", "stopper"):
        with pytest.raises(IkkeTilgang, match="EGEN_UTSENDING"):
            approve(utsending_id, kommune.aktor(rolle))
        assert tasks(kommune, rolle) == []
    assert tasks(kommune, "godkjenner") == [utsending_id]
    approve(utsending_id, kommune.aktor("godkjenner"))
    assert status(utsending_id) == U.GODKJENT


def tasks(kommune: Kommune, rolle: str) -> list[UUID]:
    """What waits for the person to approve."""
    session().rollback()
    found = dashboard.tasks_for(actor=kommune.aktor(rolle))
    return [one.id for one in found if one.slag is Oppgaveslag.GODKJENN]


def test_the_database_itself_refuses_whoever_prepared_before(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = waiting(kommune, process, tmp_path)
    approve(utsending_id, kommune.aktor("godkjenner"))
    dated_anew(utsending_id, kommune.aktor("stopper"), process)
    with pytest.raises(IntegrityError, match="ck_utsending_to_personer_hele_veien"), transaction() as tx:
        of_it = update(Utsending).where(Utsending.id == utsending_id)
        tx.execute(of_it.values(godkjent_av=kommune.personer["saksbehandler"]))


def test_two_employees_send_what_one_took_back_and_had_made_again(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = waiting(kommune, process, tmp_path)
    other = kommune.aktor("stopper")
    approve(utsending_id, other)
    dated_anew(utsending_id, other, process)
    service.withdraw(utsending_id, actor=other)
    confirm.confirm_control(utsending_id, actor=other)
    production_service.start_production(utsending_id, actor=other)
    while do_portion("render", process):
        pass
    approve(utsending_id, kommune.aktor("saksbehandler"))
    assert status(utsending_id) == U.GODKJENT


def test_what_waits_for_approval_gets_no_new_date(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = waiting(kommune, process, tmp_path)
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        new_date.produce_with_new_date(utsending_id, today(), actor=kommune.aktor("stopper"))
    assert status(utsending_id) == U.TIL_GODKJENNING


@pytest.mark.parametrize(
    ("status", "godkjenner", "barred"),
    [
        ("TIL_GODKJENNING", None, ["Anne", "Berit"]),
        ("GODKJENT", "Cecilie", ["Anne", "Berit"]),
        ("GODKJENT", "Anne", ["Berit"]),
    ],
)
def test_of_mailings_from_before_all_who_prepared_them_and_did_not_approve_are_taken_over(
    tjenester: Services, template: Database, status: str, godkjenner: str | None, barred: list[str]
) -> None:
    with new_database(tjenester, template) as made:
        command.downgrade(made.alembic(), BEFORE)
        with made.owner() as owner:
            owner.execute(OLD_MAILING, {"status": status, "godkjenner": godkjenner})
        command.upgrade(made.alembic(), AFTER)
        with made.owner() as owner:
            found = owner.execute(
                "SELECT p.navn FROM utsending u, unnest(u.klargjort_tidligere) k(id) JOIN person p USING (id)"
                " ORDER BY p.navn"
            )
            assert [row[0] for row in found] == barred


OLD_MAILING = """
WITH person AS (
    INSERT INTO person (id, fnr_kryptert, fnr_indeks, fnr_maskert, navn)
    SELECT gen_random_uuid(), '', navn::bytea, '', navn FROM unnest(ARRAY['Anne', 'Berit', 'Cecilie']) navn
    RETURNING id, navn
), organisasjon AS (
    INSERT INTO organisasjon (id, navn, type, orgnr)
    VALUES (gen_random_uuid(), 'A', 'KOMMUNE', '999999999') RETURNING id
), ressurs AS (
    INSERT INTO ressurs (id, type, navn, organisasjon_id, sti)
    SELECT gen_random_uuid(), 'SVARUT_KONTO', 'A', id, ARRAY[id] FROM organisasjon RETURNING id, organisasjon_id
), konto AS (
    INSERT INTO konto (id, organisasjon_id, visningsnavn, avsender)
    SELECT id, organisasjon_id, 'A', 'a' FROM ressurs RETURNING id, organisasjon_id
), utsending AS (
    INSERT INTO utsending
        (id, organisasjon_id, konto_id, tittel, art, brevdato, status, opprettet_av, klargjort_av, godkjent_av)
    SELECT gen_random_uuid(), organisasjon_id, konto.id, 'A', 'FLETTEBREV', now(), %(status)s, p.id, p.id,
        (SELECT id FROM person WHERE navn = %(godkjenner)s)
    FROM konto, person p WHERE p.navn = 'Berit' RETURNING id
)
INSERT INTO utsendingshendelse (utsending_id, lopenr, til, aktor, aktor_navn)
SELECT utsending.id, h.nr, h.til, p.id::text, p.navn
FROM utsending, person p JOIN (VALUES
    ('Cecilie', 1, 'PRODUSERES'), ('Cecilie', 2, 'UTKAST'), ('Anne', 3, 'KONTROLLERT'), ('Anne', 4, 'PRODUSERES'),
    ('Cecilie', 5, 'GODKJENT'), ('Berit', 6, 'PRODUSERES'), ('Cecilie', 7, 'TIL_GODKJENNING')
) h(navn, nr, til) ON h.navn = p.navn
"""

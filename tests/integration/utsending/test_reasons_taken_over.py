"""A reason that was given before reasons named their mailings is for what had been released at the control."""

from __future__ import annotations

from alembic import command

from testmiljo.embedded import Services
from tests.integration.databases import Database, new_database

BEFORE, AFTER = "7d1c94e0b3a6", "c83f5a2d71e9"


def test_a_reason_of_before_is_for_what_was_released_when_the_control_was_confirmed(
    tjenester: Services, template: Database
) -> None:
    with new_database(tjenester, template) as made:
        command.downgrade(made.alembic(), BEFORE)
        with made.owner() as owner:
            owner.execute(OLD_MAILINGS)
        command.upgrade(made.alembic(), AFTER)
        with made.owner() as owner:
            found = owner.execute(
                "SELECT u.tittel, array_agg(e.tittel ORDER BY e.tittel)"
                " FROM utsending u, unnest(u.overstyrt_for) o(id) JOIN utsending e USING (id)"
                " GROUP BY u.tittel ORDER BY u.tittel"
            )
            assert found.fetchall() == [("kontrollert", ["før"]), ("utkast", ["etter", "før"])]


OLD_MAILINGS = """
WITH person AS (
    INSERT INTO person (id, fnr_kryptert, fnr_indeks, fnr_maskert, navn)
    SELECT gen_random_uuid(), '', '', '', 'Anne' RETURNING id
), organisasjon AS (
    INSERT INTO organisasjon (id, navn, type, orgnr) VALUES (gen_random_uuid(), 'A', 'KOMMUNE', '999999999')
    RETURNING id
), ressurs AS (
    INSERT INTO ressurs (id, type, navn, organisasjon_id, sti)
    SELECT gen_random_uuid(), 'SVARUT_KONTO', 'A', id, ARRAY[id] FROM organisasjon RETURNING id, organisasjon_id
), konto AS (
    INSERT INTO konto (id, organisasjon_id, visningsnavn, avsender)
    SELECT id, organisasjon_id, 'A', 'a' FROM ressurs RETURNING id, organisasjon_id
), utsending AS (
    INSERT INTO utsending
        (id, organisasjon_id, konto_id, tittel, art, brevdato, status, opprettet_av, frigis_tid, overstyrt_grunn)
    SELECT gen_random_uuid(), organisasjon_id, konto.id, m.tittel, 'FLETTEBREV', now(), m.status, person.id,
        m.frigis_tid, m.grunn
    FROM konto, person, (VALUES
        ('før', 'SENDES', now(), NULL), ('etter', 'SENDES', now(), NULL),
        ('kontrollert', 'GODKJENT', NULL, 'Nytt vedtak'), ('utkast', 'UTKAST', NULL, 'Nytt vedtak'),
        ('uten grunn', 'UTKAST', NULL, NULL)
    ) m(tittel, status, frigis_tid, grunn)
    RETURNING id, tittel
)
INSERT INTO utsendingshendelse (utsending_id, lopenr, til, aktor, aktor_navn, tid)
SELECT utsending.id, 1, h.til, 'a', 'A', now() + h.minutter * interval '1 minute'
FROM utsending JOIN (VALUES
    ('før', 'FRIGITT', 1), ('kontrollert', 'KONTROLLERT', 2), ('etter', 'FRIGITT', 3)
) h(tittel, til, minutter) ON h.tittel = utsending.tittel
"""

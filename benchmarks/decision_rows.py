"""Organisations with a tree, people, groups, machines and a thousand grants each, written by PostgreSQL itself.

Every id is the MD5 of a short name, so that what a row points at is known without looking it up.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

import psycopg

PERSONS, GROUPS, MACHINES, KONTOER = 150, 20, 30, 20
MEMBERS = 10
GRANTS = 5
"""Of every person, group and machine: (150 + 20 + 30) × 5 = 1 000 an organisation."""
BUSY_ORGANISATIONS, BUSY_GRANTS = 50, 20
"""One person more, who holds grants in many organisations: 50 × 20 = 1 000."""

_TABLES = (
    "INSERT INTO organisasjon (id, navn, type, orgnr)"
    " SELECT md5('o' || o)::uuid, 'Kommune ' || o, 'KOMMUNE', lpad(o::text, 9, '0') FROM generate_series(1, %(o)s) o",
    "INSERT INTO ressurs (id, type, navn, organisasjon_id, sti)"
    " SELECT id, 'FIKS_ORG', navn, id, ARRAY[id] FROM organisasjon",
    "INSERT INTO ressurs (id, forelder_id, type, navn, organisasjon_id, sti)"
    " SELECT s, id, 'SVARUT', 'SvarUt', id, ARRAY[id, s]"
    " FROM generate_series(1, %(o)s) o, LATERAL (SELECT md5('o' || o)::uuid, md5('s' || o)::uuid) x (id, s)",
    "INSERT INTO ressurs (id, forelder_id, type, navn, organisasjon_id, sti)"
    " SELECT konto, s, 'SVARUT_KONTO', 'Konto ' || k, id, ARRAY[id, s, konto]"
    " FROM generate_series(1, %(o)s) o, generate_series(0, %(kontoer)s - 1) k,"
    " LATERAL (SELECT md5('o' || o)::uuid, md5('s' || o)::uuid, md5('k' || o || '.' || k)::uuid) x (id, s, konto)",
    "INSERT INTO person (id, fnr_kryptert, fnr_indeks, fnr_maskert, navn)"
    " SELECT md5(name)::uuid, '', decode(md5(name), 'hex'), '', 'Navn'"
    " FROM (SELECT 'p' || o || '.' || p FROM generate_series(1, %(o)s) o, generate_series(1, %(persons)s) p"
    " UNION ALL SELECT 'busy') x (name)",
    "INSERT INTO gruppe (id, organisasjon_id, navn)"
    " SELECT md5('g' || o || '.' || g)::uuid, md5('o' || o)::uuid, 'Gruppe ' || g"
    " FROM generate_series(1, %(o)s) o, generate_series(1, %(groups)s) g",
    "INSERT INTO gruppemedlem (gruppe_id, person_id)"
    " SELECT DISTINCT md5('g' || o || '.' || g)::uuid, md5('p' || o || '.' || 1 + (g * 7 + m) %% %(persons)s)::uuid"
    " FROM generate_series(1, %(o)s) o, generate_series(1, %(groups)s) g, generate_series(1, %(members)s) m",
    "INSERT INTO integrasjon (id, organisasjon_id, navn, autorisert_orgnr)"
    " SELECT md5('i' || o || '.' || i)::uuid, md5('o' || o)::uuid, 'Fagsystem', '310000000'"
    " FROM generate_series(1, %(o)s) o, generate_series(1, %(machines)s) i",
)
_HOLDERS = {"person_id": ("p", "persons"), "gruppe_id": ("g", "groups"), "integrasjon_id": ("i", "machines")}
_PRIVILEGES = (
    "(ARRAY['SVARUT.SENDE', 'SVARUT.LESE', 'SVARUT.GODKJENNE', 'SVARUT.STOPPE', 'SVARUT.SE_SPERRET'])"
)


def key(name: str) -> UUID:
    """The id of a row by its name: o7, k7.3, p7.12, g7.1, i7.2, or busy."""
    return UUID(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest())


def fill(owner: psycopg.Connection[tuple[object, ...]], organisations: int) -> int:
    """Write so many organisations with all that is theirs; return how many grants there are. Statistics are new.

    The first person of each is its administrator; grant number n of holder h is on konto h + n.
    """
    numbers = {
        "o": organisations,
        "kontoer": KONTOER,
        "persons": PERSONS,
        "groups": GROUPS,
        "machines": MACHINES,
        "members": MEMBERS,
        "grants": GRANTS,
        "busy": min(organisations, BUSY_ORGANISATIONS),
        "busy_grants": BUSY_GRANTS,
    }
    for statement in _TABLES:
        owner.execute(statement, numbers)
    for column, (letter, count) in _HOLDERS.items():
        owner.execute(
            f"INSERT INTO tilgang (id, {column}, privilegium, ressurs_id)"
            f" SELECT gen_random_uuid(), md5('{letter}' || o || '.' || h)::uuid, {_PRIVILEGES}[1 + n],"
            " md5('k' || o || '.' || (h + n) %% %(kontoer)s)::uuid FROM generate_series(1, %(o)s) o,"
            f" generate_series(1, %({count})s) h, generate_series(0, %(grants)s - 1) n",
            numbers,
        )
    owner.execute(
        "INSERT INTO tilgang (id, person_id, privilegium, ressurs_id) SELECT gen_random_uuid(), md5('busy')::uuid,"
        " 'SVARUT.SENDE', md5('k' || o || '.' || n)::uuid"
        " FROM generate_series(1, %(busy)s) o, generate_series(0, %(busy_grants)s - 1) n",
        numbers,
    )
    owner.execute(
        "UPDATE tilgang SET privilegium = 'ADMIN', ressurs_id = md5('o' || o)::uuid FROM generate_series(1, %(o)s) o"
        " WHERE person_id = md5('p' || o || '.1')::uuid AND privilegium = 'SVARUT.SE_SPERRET'",
        numbers,
    )
    for table in ("organisasjon", "ressurs", "person", "gruppe", "gruppemedlem", "integrasjon", "tilgang"):
        owner.execute(f"VACUUM ANALYZE {table}".encode())
    [(count,)] = owner.execute("SELECT count(*) FROM tilgang").fetchall()
    assert isinstance(count, int)
    return count

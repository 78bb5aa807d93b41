"""How rows of a list are stored: encrypted values, findings without values, keyed hashes, forecast.

Findings keep code, field and severity in clear, for counting and paging; the value in the file and the
proposed repair are encrypted beside them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.string import BytesBinaryDumper
from sqlalchemy.orm import Session

from fiks.core.crypto import encryption
from fiks.core.environment import current
from fiks.core.values.address import postal_zone
from fiks.core.values.identifiers import mask_numbers
from fiks.registeroppslag.port import Registersvar
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.lifecycle.channel_choice import choose_channel
from fiks.svarut.rules import Kanal, Kanalvalg, Mottakertype
from fiks.svarut.sealed_content import number_index
from fiks.utsending.liste.columns import KOLONNER
from fiks.utsending.liste.control.duplicates import SUBJECT_FIELDS, receiver_and_property
from fiks.utsending.liste.findings import Alvorlighet, Funnkode
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rules import Radstatus
from fiks.utsending.sealed_values import seal_row

# COPY in binary writes each value as its column's type and nothing else. Two are given as the bytes they are sent as.
_TYPES = "SELECT attname, atttypid FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
_NOTHING_FOUND = b"\x01[]"
_AS_SENT: dict[str, Callable[[Any], bytes]] = {
    "utsending_id": lambda utsending_id: utsending_id.bytes,
    "funn": lambda funn: b"\x01" + json.dumps(funn).encode() if funn else _NOTHING_FOUND,
}
_ALWAYS_KNOWN = frozenset(kolonne.felt for kolonne in KOLONNER)
FINDINGS_AAD = "utsendingsrad.funn"
STATUS_OF_SEVERITY = {
    None: Radstatus.OK,
    Alvorlighet.ADVARSEL: Radstatus.ADVARSEL,
    Alvorlighet.AUTO: Radstatus.AUTO,
    Alvorlighet.FEIL: Radstatus.FEIL,
}


def forecast(
    row: Kontrollert, answers: Registersvar, *, svarinn: frozenset[str], sdp_aktiv: bool, kun_digital: bool
) -> Kanalvalg:
    """The channel that this row's letter would take today, by the rule used at hand-over."""
    return choose_channel(
        mottakertype_of(row),
        kontakt=answers.kontakt.get(row.fnr or ""),
        person=answers.personer.get(row.fnr or ""),
        virksomhet=answers.virksomheter.get(row.orgnr or ""),
        svarinn=(row.orgnr or "") in svarinn,
        sdp_aktiv=sdp_aktiv,
        kun_digital=kun_digital,
    )


def mottakertype_of(row: Kontrollert) -> Mottakertype:
    """Whether the receiver is a person, an organisation, or somebody without an id."""
    if row.fnr:
        return Mottakertype.PERSON
    return Mottakertype.ORGANISASJON if row.orgnr else Mottakertype.INGEN


def status_of(row: Kontrollert) -> Radstatus:
    """The row's status by its findings. A row that no channel can reach is held out until somebody chooses."""
    worst = row.alvorlighet
    if worst is Alvorlighet.ADVARSEL and any(f.kode is Funnkode.KAN_IKKE_NAAS for f in row.funn):
        return Radstatus.PARKERT
    return STATUS_OF_SEVERITY[worst]


def duplicate_index(values: Mapping[str, str]) -> bytes | None:
    """Keyed hash of receiver and property (or file or KID); None when only the receiver is known.

    The same receiver alone is no duplicate; a repeated list is recognised by its digest.
    """
    if not any(map(values.get, SUBJECT_FIELDS)):
        return None
    return encryption.blind_index(current().index_key, "duplikat", receiver_and_property(values))


def stored_row(utsending_id: UUID, row: Kontrollert, valg: Kanalvalg) -> dict[str, Any]:
    """The columns of one `utsendingsrad`."""
    # A column stays also when it is empty, but for those a template may name without any: it must find it in every row.
    values = {k: v for k, v in row.verdier.items() if v or k not in _ALWAYS_KNOWN}
    sealed, hashed = seal_row(values)
    number = row.fnr or row.orgnr
    return {
        "utsending_id": utsending_id,
        "radnr": row.rad.rad,
        "linje": row.rad.linje,
        "data_kryptert": sealed,
        "rad_hash": hashed,
        "mottakertype": str(mottakertype_of(row)),
        "mottaker_indeks": number_index(number) if number else None,
        "duplikat_indeks": duplicate_index(values),
        "status": str(status_of(row)),
        "funn": [
            {
                "kode": f.kode,
                "felt": f.felt,
                "alvorlighet": f.alvorlighet,
                **({"dublett_av": f.dublett_av} if f.dublett_av else {}),
            }
            for f in row.funn
        ],
        "reparasjon_kryptert": seal_findings(row) if row.funn else None,
        **flags_of(row.adressebeskyttelse),
        "kanal": None if valg.kanal is None else str(valg.kanal),
        "kanalregel": valg.regel,
        "kanalgrunn": valg.grunn,
        "portosone": str(postal_zone(values.get("land", ""))) if valg.kanal is Kanal.PRINT else None,
        "konteringskode": _mask_reference(values.get("konteringskode")),
        "eksternref": _mask_reference(values.get("eksternref")),
        "malform": "nn" if values.get("malform", "").lower().startswith("nn") else "nb",
    }


def flags_of(protection: Adressebeskyttelse) -> dict[str, bool]:
    """The columns of a row that say how its receiver is protected."""
    return {
        "skjermet": protection is not Adressebeskyttelse.UGRADERT,
        "sperret": protection is Adressebeskyttelse.STRENGT_FORTROLIG,
    }


def _mask_reference(reference: str | None) -> str | None:
    """A reference as it may be stored in clear: personal numbers in it are masked (the row has a finding)."""
    return reference and mask_numbers(reference)


def copy_in(tx: Session, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Append rows made by `stored_row` with COPY, in the present transaction; return the rows.

    PostgreSQL stores rows while the next are made. All rows have the same columns in the same order.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return []
    columns = list(first)
    as_sent = [(columns.index(column), sent) for column, sent in _AS_SENT.items()]
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(Utsendingsrad.__tablename__), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    written: list[dict[str, Any]] = []
    driver = tx.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor() as cursor:
        # Of the type bytea psycopg finds the one that takes Binary() too, which is slower.
        cursor.adapters.register_dumper(bytes, BytesBinaryDumper)
        of_columns = dict(cursor.execute(_TYPES, [Utsendingsrad.__tablename__]).fetchall())
        with cursor.copy(statement) as copy:
            copy.set_types(["bytea" if column in _AS_SENT else of_columns[column] for column in columns])
            for row in chain([first], rows):
                values = list(row.values())
                for at, sent in as_sent:
                    values[at] = sent(values[at])
                copy.write_row(values)
                written.append(row)
    return written


def seal_findings(row: Kontrollert) -> bytes:
    """The values in the file and the proposed repairs, one per finding, encrypted."""
    body = [{"verdi": dict(f.verdi), "reparert": dict(f.reparert) if f.reparert else None} for f in row.funn]
    return encryption.encrypt_value(
        current().keys, json.dumps(body, ensure_ascii=False).encode(), FINDINGS_AAD
    )


def unseal_findings(sealed: bytes | None) -> list[dict[str, Any]]:
    """The list that `seal_findings` encrypted: one {verdi, reparert} per finding, in the findings' order."""
    if sealed is None:
        return []
    body: list[dict[str, Any]] = json.loads(encryption.decrypt_value(current().keys, sealed, FINDINGS_AAD))
    return body

"""Writing a new letter in the present transaction: letter, documents, readers, history and audit together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, literal, select
from sqlalchemy.types import BigInteger

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import ring, session
from fiks.core.storage.store import Lagret
from fiks.core.telemetry import trace
from fiks.core.values.address import Adresse
from fiks.core.values.identifiers import is_orgnr, mask_numbers
from fiks.core.values.login_level import Sikkerhetsniva
from fiks.konfigurasjon.models import Konto
from fiks.svarut.history import Event, begin_histories
from fiks.svarut.letters import Mottaker, seal_mottaker
from fiks.svarut.models import Dokument, Eksponering, Forsendelse, Signeringsoppdrag
from fiks.svarut.mottak.innsending import Dokumentfakta, Innsending
from fiks.svarut.rules import Mottakertype, Signeringsstatus, Status
from fiks.svarut.sealed_content import number_index, reference_index, seal_content

INTAKE_LANE = "mottak"
FIRST_EVENT_CODES = ("METADATA_VALIDERT", "DOKUMENTER_LAGRET")


def key_lock(konto_id: UUID, nokkel: str) -> ColumnElement[Any]:
    """SQL: the advisory lock of this idempotency key and konto, waited for and held until the transaction
    ends.
    """
    digest = hashlib.sha256(f"innsending {konto_id} {nokkel}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    return func.pg_advisory_xact_lock(literal(number, BigInteger()))


def write_letter(
    letter_id: UUID,
    new: Innsending,
    stored: Sequence[Lagret],
    *,
    konto_id: UUID,
    avtrykk: bytes,
    actor: Aktor,
    printleverandor: str | None = None,
    sendt: datetime | None = None,
) -> None:
    """Write the letter as MOTTATT, ready for inspection. `printleverandor` as in `Forsendelse`.

    `sendt`: when it was sent, if not now; its receiver is shown that time.
    """
    tx, at = session(), clock.now()
    owner = tx.execute(select(Konto.organisasjon_id).where(Konto.id == konto_id)).scalar_one()
    row = _letter_row(letter_id, new, at, sendt) | {
        "konto_id": konto_id,
        "organisasjon_id": owner,
        "avtrykk": avtrykk,
        "siste_lopenr": 1 + len(FIRST_EVENT_CODES),
        "printleverandor": printleverandor,
    }
    tx.execute(insert(Forsendelse).values(row))
    documents = [
        _document_row(letter_id, nr, said, where)
        for nr, (said, where) in enumerate(zip(new.dokumenter, stored, strict=True), 1)
    ]
    tx.execute(insert(Dokument), [d | {"kryptert": new.kryptert} for d in documents])
    if new.eksponert_for:
        readers = [{"forsendelse_id": letter_id, "indeks": number_index(n)} for n in new.eksponert_for]
        tx.execute(insert(Eksponering), readers)
    if new.signering is not None:
        order = {"forsendelse_id": letter_id, "type": new.signering.type, "utloper": new.signering.utloper}
        tx.execute(insert(Signeringsoppdrag).values(order | {"status": Signeringsstatus.VENTER_SIGNERING}))
    _write_events(letter_id, len(documents), actor)
    audit.record(
        actor,
        "FORSENDELSE_SENDT",
        "forsendelse",
        letter_id,
        organisasjon_id=owner,
        tjeneste="SVARUT",
        ressurs_id=konto_id,
        opphav=str(new.opphav),
    )
    ring(INTAKE_LANE)


def _write_events(letter_id: UUID, documents: int, actor: Aktor) -> None:
    origin = trace.history_details(actor.request_id)
    events = [Event(letter_id, "FORSENDELSE", "MOTTATT", actor.ref, til=Status.MOTTATT, detaljer=origin)]
    events += [
        Event(letter_id, "MERKNAD", kode, actor.ref, detaljer={"antall": documents})
        for kode in FIRST_EVENT_CODES
    ]
    begin_histories(events)


def _letter_row(letter_id: UUID, new: Innsending, at: datetime, sendt: datetime | None) -> dict[str, object]:
    address = new.adresse or Adresse("")
    receiver = Mottaker(new.digital_id, Adresse(**(asdict(address) | {"navn": new.navn})))
    reference = new.ekstern_referanse
    return {
        "id": letter_id,
        "opphav": new.opphav,
        "tittel": new.tittel,
        "mottakertype": mottakertype_of(new.digital_id),
        "mottaker_kryptert": seal_mottaker(receiver),
        "mottaker_indeks": number_index(new.digital_id) if new.digital_id else None,
        "uten_adresse": new.adresse is None,
        "ekstern_referanse": mask_numbers(reference) or None,
        "ekstern_indeks": reference_index(reference) if reference else None,
        "korrelasjonsid": mask_numbers(new.korrelasjonsid) or None,
        "avgivende_system": new.avgivende_system or None,
        "avgivende_aktor": mask_numbers(new.avgivende_aktor) or None,
        "konteringskode": new.konteringskode or None,
        "forsendelsestype": new.forsendelsestype or None,
        "kun_digital": new.kun_digital or new.strengt_digital,
        "strengt_digital": new.strengt_digital,
        "kryptert": new.kryptert,
        "taushetsbelagt": new.taushetsbelagt,
        "sikkerhetsniva": Sikkerhetsniva.HOYESTE if new.niva4 else Sikkerhetsniva.BETYDELIG,
        "tosidig": new.tosidig,
        "farger": new.farger,
        "svar_pa_id": new.svar_pa,
        "kan_svares": new.kan_svares,
        "innhold_kryptert": _sealed_content(new, sendt),
        "status": Status.MOTTATT,
        "status_endret": at,
        "opprettet": at,
    }


def mottakertype_of(number: str) -> Mottakertype:
    """The kind of receiver that a number belongs to."""
    if not number:
        return Mottakertype.INGEN
    return Mottakertype.ORGANISASJON if is_orgnr(number) else Mottakertype.PERSON


def _sealed_content(new: Innsending, sendt: datetime | None) -> bytes | None:
    answers, reference = new.svar_sendes_til, new.ekstern_referanse
    extra = {str(nr): [asdict(one) for one in d.ekstra] for nr, d in enumerate(new.dokumenter, 1) if d.ekstra}
    return seal_content(
        {
            "svarSendesTil": answers
            and {"digitalId": answers.digital_id, "adresse": asdict(answers.adresse)},
            "lenker": [asdict(link) for link in new.lenker],
            "noarkFra": dict(new.noark_fra),
            "noarkTil": dict(new.noark_til),
            "eksponertFor": list(new.eksponert_for),
            "eksternReferanse": reference if mask_numbers(reference) != reference else "",
            "ekstraMetadata": extra,
            "sendt": sendt and sendt.isoformat(),
        }
    )


def _document_row(letter_id: UUID, nr: int, said: Dokumentfakta, stored: Lagret) -> dict[str, object]:
    return {
        "forsendelse_id": letter_id,
        "nr": nr,
        "filnavn": said.filnavn,
        "mime_type": said.mime_type,
        "storrelse": stored.storrelse,
        "sha256": stored.sha256,
        "objekt": stored.objekt,
        "nokkel": stored.nokkel,
        "giroark": list(said.giroark),
        "ekskluderes": said.ekskluderes,
        "skal_signeres": said.skal_signeres,
        "sensitiv": said.sensitiv,
        "dokument_type": said.dokument_type or None,
    }

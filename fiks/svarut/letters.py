"""Reading a letter for delivery: its options, the receiver in clear, and documents from the object store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from fiks.core.crypto import cms_reader, encryption
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeFunnet
from fiks.core.values.address import Adresse
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.svarut.models import Dokument, Forsendelse
from fiks.svarut.rules import COVER, FORSENDELSESFIL, Mottakertype, Opphav, Status
from fiks.svarut.sealed_content import Lenke, is_pdf, links_of, unseal_content

MOTTAKER_AAD = "forsendelse.mottaker"


@dataclass(frozen=True, slots=True, repr=False)
class Mottaker:
    """The receiver in clear: `digital_id` is fnr or orgnr, empty when unknown. Never to be logged."""

    digital_id: str
    adresse: Adresse


@dataclass(frozen=True, slots=True, repr=False)
class Dokumentref:
    """Where one document is stored: a whole object, or a part of a segment when `fra` is given."""

    nr: int
    filnavn: str
    mime_type: str
    storrelse: int
    sha256: bytes
    objekt: str | None
    fra: int | None
    lengde: int | None
    nokkel: bytes | None
    sider: int
    giroark: tuple[int, ...]
    ekskluderes: bool = False
    kryptert: bool = False

    @property
    def is_printed(self) -> bool:
        """Whether the document is printed when its letter goes on paper (svarut.md 1.4)."""
        return not self.ekskluderes and is_pdf(self.mime_type)


@dataclass(frozen=True, slots=True)
class Kanaloppsett:
    """The konto's settings for its messages (svarut.md 1.1). Empty: the default, with the organisation as
    sender.
    """

    altinn_varsel: bool = True
    altinn_ekstratekst: str = ""
    sdp_orgnr: str = ""
    sdp_id: str = ""
    sdp_avsendernavn: str = ""
    sdp_ekstratekst: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Brev:
    """A letter with everything its channel needs."""

    id: UUID
    organisasjon_id: UUID
    konto_id: UUID
    utsending_id: UUID | None
    radnr: int | None
    tittel: str
    status: Status
    mottakertype: Mottakertype
    mottaker: Mottaker
    kun_digital: bool
    sikkerhetsniva: str
    tosidig: bool
    farger: bool
    konteringskode: str | None
    forsendelsestype: str | None
    avsender_orgnr: str
    avsender_navn: str
    sdp_aktiv: bool
    send_med_dokumenter: bool
    ettersending: bool
    altinn_tekst: str | None
    dokumenter: tuple[Dokumentref, ...]
    opphav: Opphav
    strengt_digital: bool
    uten_adresse: bool
    taushetsbelagt: bool
    lenker: tuple[Lenke, ...]
    svar_sendes_til: Adresse | None
    oppsett: Kanaloppsett
    printleverandor: str
    kan_svares: bool

    @property
    def can_be_printed(self) -> bool:
        """Whether the letter may ever go on paper."""
        return not self.kun_digital and not self.uten_adresse

    @property
    def printed(self) -> tuple[Dokumentref, ...]:
        """The documents to print, in order: the cover sheet if any, then the rest or the combined PDF."""
        cover = tuple(d for d in self.dokumenter if d.nr == COVER)
        whole = tuple(d for d in self.dokumenter if d.nr == FORSENDELSESFIL)
        return cover + (whole or tuple(d for d in self.dokumenter if d.is_printed and d.nr != COVER))


def seal_mottaker(mottaker: Mottaker) -> bytes:
    """Encrypt the receiver for storage, as JSON."""
    a = mottaker.adresse
    body = {
        "id": mottaker.digital_id,
        "adresse": [a.navn, a.adresselinje1, a.adresselinje2, a.adresselinje3, a.postnr, a.poststed, a.land],
    }
    return encryption.encrypt_value(
        current().keys, json.dumps(body, ensure_ascii=False).encode(), MOTTAKER_AAD
    )


def unseal_mottaker(sealed: bytes | None) -> Mottaker:
    """Decrypt the receiver; IkkeFunnet("MOTTAKER_SLETTET") when the retention time is over."""
    if sealed is None:
        raise IkkeFunnet("MOTTAKER_SLETTET")
    body = json.loads(encryption.decrypt_value(current().keys, sealed, MOTTAKER_AAD))
    return Mottaker(body["id"], Adresse(*body["adresse"]))


_THESE = bindparam("letters", type_=ARRAY(Uuid(as_uuid=True)))
_DOCUMENTS = select(Dokument).where(Dokument.forsendelse_id == any_(_THESE)).order_by(Dokument.nr)
_LETTERS = (
    select(Forsendelse, Konto, Organisasjon, Kontooppsett)
    .join(Konto, Konto.id == Forsendelse.konto_id)
    .join(Organisasjon, Organisasjon.id == Forsendelse.organisasjon_id)
    .outerjoin(Kontooppsett, Kontooppsett.konto_id == Forsendelse.konto_id)
    .where(Forsendelse.id == any_(_THESE))
    .execution_options(populate_existing=True)
)


def load_letters(ids: Sequence[UUID]) -> dict[UUID, Brev]:
    """Load letters with konto and documents, in two queries for at most 1 000 ids."""
    assert len(ids) <= 1_000
    documents: dict[UUID, list[Dokumentref]] = {}
    these = {"letters": list(ids)}
    for row in session().scalars(_DOCUMENTS, these):
        documents.setdefault(row.forsendelse_id, []).append(_document(row))
    found = session().execute(_LETTERS, these)
    return {f.id: _letter(f, konto, org, own, tuple(documents.get(f.id, ()))) for f, konto, org, own in found}


def load_documents(forsendelse_id: UUID) -> tuple[Dokumentref, ...]:
    """The letter's documents in order. Works also when the receiver has been deleted."""
    rows = select(Dokument).where(Dokument.forsendelse_id == forsendelse_id).order_by(Dokument.nr)
    return tuple(_document(row) for row in session().scalars(rows.execution_options(populate_existing=True)))


def _document(row: Dokument) -> Dokumentref:
    return Dokumentref(
        row.nr,
        row.filnavn,
        row.mime_type,
        row.storrelse,
        row.sha256,
        row.objekt,
        row.fra,
        row.lengde,
        row.nokkel,
        row.sider or 0,
        tuple(row.giroark),
        row.ekskluderes,
        row.kryptert,
    )


def _channels(own: Kontooppsett | None) -> Kanaloppsett:
    if own is None:
        return Kanaloppsett()
    return Kanaloppsett(
        own.altinn_aktiv,
        own.altinn_ekstratekst or "",
        own.sdp_orgnr or "",
        own.sdp_id or "",
        own.sdp_avsendernavn or "",
        own.sdp_ekstratekst or "",
    )


def _letter(
    f: Forsendelse,
    konto: Konto,
    org: Organisasjon,
    own: Kontooppsett | None,
    documents: tuple[Dokumentref, ...],
) -> Brev:
    content = unseal_content(f.innhold_kryptert)
    answers = content.get("svarSendesTil")
    return Brev(
        id=f.id,
        organisasjon_id=f.organisasjon_id,
        konto_id=f.konto_id,
        utsending_id=f.utsending_id,
        radnr=f.radnr,
        tittel=f.tittel,
        status=Status(f.status),
        mottakertype=Mottakertype(f.mottakertype),
        mottaker=unseal_mottaker(f.mottaker_kryptert),
        kun_digital=f.kun_digital,
        sikkerhetsniva=f.sikkerhetsniva,
        tosidig=f.tosidig,
        farger=f.farger,
        konteringskode=f.konteringskode,
        forsendelsestype=f.forsendelsestype,
        avsender_orgnr=org.orgnr,
        avsender_navn=org.navn,
        sdp_aktiv=konto.sdp_aktiv,
        send_med_dokumenter=konto.send_med_dokumenter,
        ettersending=konto.ettersending_virksomheter,
        altinn_tekst=konto.altinn_avsendertekst,
        dokumenter=documents,
        opphav=Opphav(f.opphav),
        strengt_digital=f.strengt_digital,
        uten_adresse=f.uten_adresse,
        taushetsbelagt=f.taushetsbelagt,
        lenker=links_of(content),
        svar_sendes_til=Adresse(**answers["adresse"]) if answers else None,
        oppsett=_channels(own),
        printleverandor=f.printleverandor or konto.printleverandor,
        kan_svares=f.kan_svares,
    )


def _decrypted(document: Dokumentref, sent: Iterator[bytes]) -> Iterator[bytes]:
    """The stream, decrypted if the sender encrypted the document to us (svarut.md 1.6)."""
    return cms_reader.decrypt(sent, current().svarut_keys) if document.kryptert else sent


def stream_original(document: Dokumentref) -> Iterator[bytes]:
    """Stream a document as its sender sent it; IkkeFunnet("DOKUMENT_BORTE") when it has been deleted."""
    if document.objekt is None or document.nokkel is None:
        raise IkkeFunnet("DOKUMENT_BORTE")
    env = current()
    if document.fra is None:
        yield from env.store.read_document(document.objekt, document.nokkel, env.keys)
        return
    assert document.lengde is not None
    yield env.store.read_segment_part(
        document.objekt, document.fra, document.lengde, document.nokkel, env.keys
    )


def stream_checked(document: Dokumentref) -> Iterator[bytes]:
    """Stream a document in clear, and raise DOKUMENT_ENDRET at its end if the bytes are not those that were
    approved.

    Also IkkeFunnet("DOKUMENT_BORTE"), CmsFeil, NokkelUkjent.
    """
    return _decrypted(document, _verified(document))


def _verified(document: Dokumentref) -> Iterator[bytes]:
    """Stream the stored bytes; raise DOKUMENT_ENDRET at the end when their SHA-256 differs from the row's."""
    digest = hashlib.sha256()
    for chunk in stream_original(document):
        digest.update(chunk)
        yield chunk
    if digest.digest() != document.sha256:
        raise FiksError("DOKUMENT_ENDRET")


def read_checked(document: Dokumentref) -> bytes:
    """Read a whole document in clear; DOKUMENT_ENDRET unless the bytes are exactly those that were approved."""
    return b"".join(stream_checked(document))

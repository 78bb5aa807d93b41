"""Intake of one letter: its documents are streamed to the store, then everything is written in one
transaction.

A fagsystem that got an id has a letter; one that got an error has none. Documents of a refused letter are
deleted at once; those of a process that died are found by the job for stray objects. The documents are
inspected afterwards (`inspection`), so that intake neither opens foreign files nor waits for registers.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.crypto.cms_reader import CmsFeil, require_addressed_to_us
from fiks.core.crypto.encryption import Chunk, NokkelUkjent
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.input_checks.magic_bytes import begins_as_pdf
from fiks.core.storage.store import LagerUtilgjengelig, Lagret
from fiks.konfigurasjon.avtale.activation import require_sending
from fiks.svarut.models import Forsendelse, Hendelse, Innsendingsnokkel, KryptertAvtrykk
from fiks.svarut.mottak import letter_writer
from fiks.svarut.mottak.duplicates import fingerprints, fingerprints_of_encrypted, is_same_in_clear
from fiks.svarut.mottak.errors import UgyldigForsendelse, refuse
from fiks.svarut.mottak.innsending import Innsending
from fiks.svarut.mottak.rules import MAX_BYTES, MAX_DOCUMENTS, MAX_FILE_NAME, PRINTABLE_BYTES, check
from fiks.svarut.mottak.sender import hold_id, is_known, require_own_id, require_right
from fiks.svarut.rules import Status

log = logging.getLogger(__name__)
HEAD = 16 * 1024
"""Bytes of a document's start that are kept in memory to recognise its type."""
SPELLED_OUT = 4
"""The most characters that one character of a file name may become in another Unicode form."""
NEVER_SENT_STATUSES = (Status.AVVIST, Status.FEILET_UNDER_MOTTAK)
"""Final statuses, straight from intake, of letters that nobody got or ever will get from us."""
NEVER_SENT_CODES = {
    "NOKKEL_ANNET_INNHOLD": "NOKKEL_IKKE_SENDT",
    "NOKKEL_ANNEN_ID": "NOKKEL_IKKE_SENDT",
    "FORSENDELSE_ANNET_INNHOLD": "FORSENDELSE_IKKE_SENDT",
}
"""The error code for a letter that was never sent, by the code for one that may be on its way."""


@dataclass(frozen=True, slots=True, repr=False)
class Innlastet:
    """A stored document: the name it came with (None: none), where it is stored, and its first bytes."""

    filnavn: str | None
    lagret: Lagret
    start: bytes


class Innlasting:
    """The documents of one letter during intake; as a context manager it deletes those that did not become a
    letter.

    `innsending` is validated before the first byte is read; an interface whose documents come first (SOAP)
    gives it to `register` instead. `reservert`: the letter's id, from `reserve_id` or the sender's own; an
    interface that learns it last calls `send_as`. `nokkel`: the Idempotency-Key.

    Errors of `require_sender`, at once or, since the id may be a sent letter's, with the facts.
    """

    def __init__(
        self,
        konto_id: UUID,
        *,
        actor: Aktor,
        innsending: Innsending | None = None,
        reservert: UUID | None = None,
        nokkel: str = "",
    ) -> None:
        require_right(actor, konto_id)
        self.konto_id, self.actor = konto_id, actor
        self.innsending, self.reservert, self.nokkel = innsending, reservert, nokkel
        self.documents: list[Innlastet] = []
        self._left = MAX_BYTES
        self._printable_left = PRINTABLE_BYTES
        self._unowned: list[str] = []
        if reservert is not None:
            self.send_as(reservert)
        if innsending is not None:
            self._judge(innsending)
        session().rollback()

    def __enter__(self) -> Innlasting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete objects that no letter owns. After a database error it is unknown whether one does, so they
        are left.
        """
        if not self._unowned or isinstance(error, DBAPIError):
            return
        session().rollback()
        try:
            current().store.delete_all(self._unowned)
        except LagerUtilgjengelig as lost:
            log.warning("objects_not_deleted", extra={"antall": len(self._unowned), "kode": lost.kode})

    def send_as(self, letter_id: UUID) -> None:
        """Set the letter's id, to be reserved with the letter. Errors of `require_own_id`."""
        require_own_id(self.konto_id, letter_id)
        self.reservert = letter_id
        session().rollback()

    def take(self, filnavn: str | None, chunks: Iterable[Chunk]) -> None:
        """Store one document from a stream with flat memory. UgyldigForsendelse as soon as it cannot be
        valid.

        `filnavn` None: the document is named by the facts only (SOAP).
        """
        nr = len(self.documents)
        if self.innsending is not None:
            if nr >= len(self.innsending.dokumenter):
                raise refuse("DOKUMENT_EKSTRA", "dokumenter", filnavn=filnavn)
            self._require_name(nr, filnavn)
        elif nr >= MAX_DOCUMENTS:
            raise refuse("DOKUMENTER_FOR_MANGE", "dokumenter", grense=MAX_DOCUMENTS)
        seen = _Start()
        lagret = current().store.put_document(self._bounded(nr, seen.watch(chunks)), current().keys)
        self._unowned.append(lagret.objekt)
        self.documents.append(Innlastet(filnavn, lagret, bytes(seen.start)))
        if self.innsending is not None:
            _require_content(nr, self.innsending, self.documents[nr])

    def register(self, innsending: Innsending | None = None) -> UUID:
        """Write the letter and return its id; the same id when the same letter is sent again.

        Errors: everything `mottak.rules` finds; DOKUMENT_MANGLER, FILNAVN_AVVIKER; NOKKEL_ANNET_INNHOLD and
        FORSENDELSE_ANNET_INNHOLD (409) when a key or id is reused for something else, NOKKEL_ANNEN_ID (409)
        when a key is reused with another id; NOKKEL_IKKE_SENDT and FORSENDELSE_IKKE_SENDT (409) when the
        letter of the key or id was never sent and never will be, whatever comes now.
        """
        new = innsending or self.innsending
        assert new is not None
        if self.innsending is None:
            self._judge(new)
            session().rollback()
            self.innsending = new
            self._require_all(new)
        if len(self.documents) < len(new.dokumenter):
            missing = new.dokumenter[len(self.documents)].filnavn
            raise refuse("DOKUMENT_MANGLER", f"dokumenter[{len(self.documents)}]", filnavn=missing)
        stored = [d.lagret for d in self.documents]
        letter_id = self.reservert or uuid4()
        with transaction():
            sent_before = self._sent_before(letter_id)
            if sent_before is None:
                letter_writer.write_letter(
                    letter_id,
                    new,
                    stored,
                    konto_id=self.konto_id,
                    avtrykk=fingerprints(new, stored)[0],
                    actor=self.actor,
                )
                self._keep_key(letter_id)
                if new.kryptert:
                    row = {"forsendelse_id": letter_id, "avtrykk": _by_sizes(new, stored)[0]}
                    session().execute(insert(KryptertAvtrykk).values(row))
                self._unowned = []
        if sent_before is None:
            return letter_id
        known, kode = sent_before
        _require_sent(kode, known)
        if not _is_same(known, new, stored):
            raise _received_before(kode, known)
        return known

    def _judge(self, new: Innsending) -> None:
        """Validate the submission; refuse a new letter from an inactive konto, or for signing when no service
        is set up.
        """
        known = is_known(self.konto_id, nokkel=self.nokkel, reservert=self.reservert)
        if not known:
            require_sending(self.konto_id)
        check(new, now=None if known else clock.now(), synthetic=current().synthetic_persons)
        if new.signering is not None and not known and not current().signing:
            raise refuse("SIGNERING_IKKE_SATT_OPP", "signering")

    def _require_name(self, nr: int, filnavn: str | None) -> None:
        assert self.innsending is not None
        expected = self.innsending.dokumenter[nr].filnavn
        if filnavn is not None and not _read_alike(filnavn, expected):
            raise refuse("FILNAVN_AVVIKER", f"dokumenter[{nr}].filnavn", filnavn=expected, fikk=filnavn)

    def _require_all(self, new: Innsending) -> None:
        """The checks that `take` makes one by one, for documents that came before the facts."""
        for nr, document in enumerate(self.documents):
            if nr >= len(new.dokumenter):
                raise refuse("DOKUMENT_EKSTRA", "dokumenter", filnavn=document.filnavn)
            self._require_name(nr, document.filnavn)
            _require_content(nr, new, document)
        printable = sum(
            stored.lagret.storrelse
            for stored, said in zip(self.documents, new.dokumenter, strict=False)
            if said.is_pdf and not said.ekskluderes
        )
        if new.can_be_printed and printable >= PRINTABLE_BYTES:
            raise refuse("UTSKRIFT_FOR_STOR", "dokumenter", grense_mb=PRINTABLE_BYTES >> 20)

    def _bounded(self, nr: int, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Pass the chunks on until the letter exceeds its size limit."""
        new = self.innsending
        printed = new is not None and new.can_be_printed and _goes_on_paper(new, nr)
        for chunk in chunks:
            size = memoryview(chunk).nbytes
            self._left -= size
            if self._left < 0:
                raise refuse("FORSENDELSE_FOR_STOR", "dokumenter", grense_gb=MAX_BYTES >> 30)
            if printed:
                self._printable_left -= size
                if self._printable_left <= 0:
                    raise refuse("UTSKRIFT_FOR_STOR", "dokumenter", grense_mb=PRINTABLE_BYTES >> 20)
            yield chunk

    def _sent_before(self, letter_id: UUID) -> tuple[UUID, str] | None:
        """The letter with this key or id, if any, and the error code for one with other content.

        Waits for a concurrent submission with the same key or id.
        """
        if self.nokkel:
            known = self._letter_of_key()
            if known is not None:
                if self.reservert not in (None, known):
                    _require_sent("NOKKEL_ANNEN_ID", known)
                    raise _received_before("NOKKEL_ANNEN_ID", known)
                return known, "NOKKEL_ANNET_INNHOLD"
        if self.reservert is not None:
            hold_id(self.konto_id, letter_id)
            if (
                session().execute(select(Forsendelse.id).where(Forsendelse.id == letter_id)).first()
                is not None
            ):
                return letter_id, "FORSENDELSE_ANNET_INNHOLD"
        return None

    def _letter_of_key(self) -> UUID | None:
        """The letter sent with the key before. Submissions of a konto with the same key are serialised."""
        session().execute(select(letter_writer.key_lock(self.konto_id, self.nokkel)))
        known = select(Innsendingsnokkel.forsendelse_id).where(
            Innsendingsnokkel.konto_id == self.konto_id, Innsendingsnokkel.nokkel == self.nokkel
        )
        return session().execute(known).scalar_one_or_none()

    def _keep_key(self, letter_id: UUID) -> None:
        if self.nokkel:
            row = {"konto_id": self.konto_id, "nokkel": self.nokkel, "forsendelse_id": letter_id}
            session().execute(insert(Innsendingsnokkel).values(row))


def _by_sizes(new: Innsending, stored: Sequence[Lagret]) -> tuple[bytes, ...]:
    return fingerprints_of_encrypted(new, [one.storrelse for one in stored])


def _is_same(letter_id: UUID, new: Innsending, stored: Sequence[Lagret]) -> bool:
    """Whether this is the letter already taken in, byte for byte or encrypted anew.

    May read both whole: not for a transaction.
    """
    kept = session().scalar(select(Forsendelse.avtrykk).where(Forsendelse.id == letter_id))
    if kept in fingerprints(new, stored):
        return True
    if not new.kryptert:
        return False
    by_sizes = select(KryptertAvtrykk.avtrykk).where(KryptertAvtrykk.forsendelse_id == letter_id)
    known_by = {session().scalar(by_sizes), kept}  # one release kept it as `avtrykk`
    if known_by.isdisjoint(_by_sizes(new, stored)):
        return False
    return is_same_in_clear(letter_id, new.dokumenter, stored)


def _require_sent(kode: str, letter_id: UUID) -> None:
    """Refuse a submission under the key or id of a letter that was never sent and never will be, and say why.

    A letter not inspected yet passes: its sender learns of the result by its status, or by asking again.
    """
    letter = select(Forsendelse.status, Forsendelse.opprettet).where(Forsendelse.id == letter_id)
    row = session().execute(letter).one()
    if row.status not in NEVER_SENT_STATUSES:
        return
    last = select(Hendelse.kode).where(Hendelse.forsendelse_id == letter_id, Hendelse.til == row.status)
    why = session().scalar(last.order_by(Hendelse.lopenr.desc()).limit(1))
    raise refuse(
        NEVER_SENT_CODES[kode], forsendelse_id=str(letter_id), tid=row.opprettet, grunn=why or row.status
    )


def _received_before(kode: str, letter_id: UUID) -> UgyldigForsendelse:
    """The error with the letter taken in before and when: its sender should ask for its status, not send it
    again.
    """
    taken_in = select(Forsendelse.opprettet).where(Forsendelse.id == letter_id)
    tid = session().execute(taken_in).scalar_one()
    return refuse(kode, forsendelse_id=str(letter_id), tid=tid)


def _read_alike(name: str, other: str) -> bool:
    """Whether two file names read the same: macOS writes å as two characters in a part's head, JSON as one.

    Names beyond the length limit are not normalised: the time for that grows with their square.
    """
    if max(len(name), len(other)) > SPELLED_OUT * MAX_FILE_NAME:
        return name == other
    return unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other)


def _goes_on_paper(new: Innsending, nr: int) -> bool:
    return new.dokumenter[nr].is_pdf and not new.dokumenter[nr].ekskluderes


def _require_content(nr: int, new: Innsending, document: Innlastet) -> None:
    """Check what a document's size and first bytes reveal."""
    where, filnavn = f"dokumenter[{nr}]", new.dokumenter[nr].filnavn
    if document.lagret.storrelse == 0:
        raise refuse("DOKUMENT_TOMT", where, filnavn=filnavn)
    if new.kryptert:
        try:
            require_addressed_to_us(document.start, current().svarut_keys)
        except (CmsFeil, NokkelUkjent) as error:
            raise refuse("KRYPTERING_UGYLDIG", where, filnavn=document.filnavn) from error
        return
    if new.dokumenter[nr].is_pdf and not begins_as_pdf(document.start):
        raise refuse("DOKUMENT_IKKE_PDF", where, filnavn=filnavn)


class _Start:
    """Passes a stream on and keeps its first bytes."""

    def __init__(self) -> None:
        self.start = bytearray()

    def watch(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            if len(self.start) < HEAD:
                self.start += memoryview(chunk)[: HEAD - len(self.start)]
            yield chunk

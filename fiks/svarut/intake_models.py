"""Tables of what a fagsystem says before, or besides, the letter itself: reserved ids, idempotency keys, and that by
which an encrypted letter is known again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base


class Innsendingsnokkel(Base):
    """An idempotency key a fagsystem sent with a letter. It holds as long as the letter is there."""

    __tablename__ = "innsendingsnokkel"
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"), primary_key=True)
    nokkel: Mapped[str] = mapped_column(primary_key=True)
    forsendelse_id: Mapped[UUID] = mapped_column(ForeignKey("forsendelse.id", ondelete="CASCADE"), index=True)


class KryptertAvtrykk(Base):
    """The digest of an encrypted letter's facts and sizes, by which it is known again when it is encrypted anew.

    Beside `Forsendelse.avtrykk`, which is of the bytes of every letter: releases that know of nothing else compare it.
    """

    __tablename__ = "kryptert_avtrykk"
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    avtrykk: Mapped[bytes]


class ReservertId(Base):
    """An id that a konto alone may send a letter under (v1 and SOAP): one that its fagsystem asked for before, by
    `startNyForsendelse`, or that it made itself and that was reserved with the letter. It goes after thirty days: then
    a letter's id is guarded by the letter."""

    __tablename__ = "reservert_id"
    __table_args__ = (Index("ix_reservert_id_opprettet", "opprettet"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"))
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())

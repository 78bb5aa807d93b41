"""Tables of intake: reserved ids, idempotency keys, and the digest that recognises an encrypted letter."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base


class Innsendingsnokkel(Base):
    """An idempotency key that a fagsystem sent with a letter. It is valid for as long as the letter exists."""

    __tablename__ = "innsendingsnokkel"
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"), primary_key=True)
    nokkel: Mapped[str] = mapped_column(primary_key=True)
    forsendelse_id: Mapped[UUID] = mapped_column(ForeignKey("forsendelse.id", ondelete="CASCADE"), index=True)


class KryptertAvtrykk(Base):
    """The digest of an encrypted letter's facts and sizes, which recognises it when it is encrypted anew.

    It stands beside `Forsendelse.avtrykk`, the digest of every letter's bytes: older releases compare only
    that.
    """

    __tablename__ = "kryptert_avtrykk"
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    avtrykk: Mapped[bytes]


class ReservertId(Base):
    """An id that only one konto may send a letter under (v1 and SOAP).

    Its fagsystem asked for it by `startNyForsendelse`, or made it itself and it was reserved with the letter.
    It is deleted after thirty days; from then on the letter itself guards its id.
    """

    __tablename__ = "reservert_id"
    __table_args__ = (Index("ix_reservert_id_opprettet", "opprettet"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"))
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())

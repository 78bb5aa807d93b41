"""The table of signing orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func, text
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base
from fiks.svarut.models import one_of
from fiks.svarut.rules import Signeringsstatus


class Signeringsoppdrag(Base):
    """An order to have one document of a letter signed by its receiver (svarut.md 1.7).

    `referanse` is the signing service's own id, once it has the order. `signert`: the receiver has signed,
    and the copy is yet to be fetched and sent back. `neste_forsok` and `forsok`: when the next call
    (registration or fetching the copy) is due, and how often it has been tried.
    """

    __tablename__ = "signeringsoppdrag"
    __table_args__ = (
        CheckConstraint(one_of("status", Signeringsstatus), name="status"),
        Index(
            "ix_signeringsoppdrag_registreres",
            "neste_forsok",
            postgresql_where=text("status = 'VENTER_SIGNERING' AND referanse IS NULL AND signert IS NULL"),
        ),
        Index(
            "ix_signeringsoppdrag_hentes",
            "neste_forsok",
            postgresql_where=text("status IN ('VENTER_SIGNERING', 'UTLOPT') AND signert IS NOT NULL"),
        ),
        Index(
            "ix_signeringsoppdrag_utloper",
            "utloper",
            postgresql_where=text("status = 'VENTER_SIGNERING'"),
        ),
    )
    forsendelse_id: Mapped[UUID] = mapped_column(
        ForeignKey("forsendelse.id", ondelete="CASCADE"), primary_key=True
    )
    type: Mapped[str]
    utloper: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default=Signeringsstatus.VENTER_SIGNERING)
    referanse: Mapped[str | None] = mapped_column(unique=True)
    signert: Mapped[datetime | None]
    neste_forsok: Mapped[datetime] = mapped_column(server_default=func.now())
    forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))

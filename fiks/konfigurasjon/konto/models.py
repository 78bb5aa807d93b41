"""Tables of a SvarUt konto's set-up: cover sheet, channel texts, and its service password."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func, text
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import Base


class Kontooppsett(Base):
    """A konto's sending set-up (svarut.md 1.1). A konto without a row uses the organisation's own name and
    address.
    """

    __tablename__ = "kontooppsett"
    __table_args__ = (
        CheckConstraint("forside_orgnr ~ '^[0-9]{9}$'", name="forside_orgnr_form"),
        CheckConstraint("forside_postnr ~ '^[0-9]{4}$'", name="forside_postnr_form"),
        CheckConstraint("sdp_orgnr ~ '^[0-9]{9}$'", name="sdp_orgnr_form"),
    )
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"), primary_key=True)
    epost: Mapped[str | None]
    forside_orgnr: Mapped[str | None]
    forside_navn: Mapped[str | None]
    forside_adresselinje1: Mapped[str | None]
    forside_adresselinje2: Mapped[str | None]
    forside_adresselinje3: Mapped[str | None]
    forside_postnr: Mapped[str | None]
    forside_poststed: Mapped[str | None]
    forside_tekst: Mapped[str | None]
    altinn_aktiv: Mapped[bool] = mapped_column(server_default=text("true"))
    altinn_ekstratekst: Mapped[str | None]
    sdp_orgnr: Mapped[str | None]
    sdp_avsendernavn: Mapped[str | None]
    sdp_id: Mapped[str | None]
    sdp_ekstratekst: Mapped[str | None]
    sdp_signering: Mapped[bool] = mapped_column(server_default=text("false"))
    vises_paa_minside: Mapped[bool] = mapped_column(server_default=text("true"))
    endret: Mapped[datetime] = mapped_column(server_default=func.now())


class Kontopassord(Base):
    """The service password of a konto, as a keyed hash; REST v1 and SOAP log in with it."""

    __tablename__ = "kontopassord"
    konto_id: Mapped[UUID] = mapped_column(ForeignKey("konto.id"), primary_key=True)
    passord_hash: Mapped[bytes]
    laget: Mapped[datetime] = mapped_column(server_default=func.now())
    laget_av: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    sist_brukt: Mapped[datetime | None]

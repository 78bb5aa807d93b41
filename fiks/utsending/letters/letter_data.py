"""Turns a row of a released mailing into its forsendelse: receiver, title, documents."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID, uuid5

from fiks.core.errors import FiksError, Konflikt
from fiks.svarut.letters import Dokumentref, Mottaker
from fiks.svarut.mottak.bulk_writer import NyForsendelse
from fiks.svarut.rules import Mottakertype
from fiks.utsending.brev import fill_title
from fiks.utsending.letters.inputs import Brevgrunnlag
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import MADE_ELSEWHERE, Art
from fiks.utsending.sealed_values import address_of, approved_values

log = logging.getLogger(__name__)


def letter_of(
    mailing: Utsending,
    row: Utsendingsrad,
    documents: tuple[Dokumentref, ...],
    common: Brevgrunnlag,
) -> NyForsendelse:
    """The forsendelse of a row.

    Raises `Konflikt` when the row is not what was approved, or lacks documents or their content.
    """
    values = approved_values(row.data_kryptert, row.rad_hash)
    lacks_documents = mailing.art in MADE_ELSEWHERE and not documents
    if lacks_documents or row.storrelse is None or row.brev_sha256 is None:
        raise Konflikt("INNHOLD_ENDRET")
    own = Dokumentref(
        nr=0 if documents else 1,
        filnavn="forside.pdf" if documents else "brev.pdf",
        mime_type="application/pdf",
        storrelse=row.storrelse,
        sha256=row.brev_sha256,
        objekt=row.objekt,
        fra=row.fra,
        lengde=row.lengde,
        nokkel=row.nokkel,
        sider=row.sider or 0,
        giroark=(),
    )
    papers = (own, *documents)
    if any(paper.objekt is None or paper.nokkel is None for paper in papers):
        raise Konflikt("INNHOLD_ENDRET")
    return NyForsendelse(
        id=letter_id(row, papers),
        konto_id=mailing.konto_id,
        organisasjon_id=mailing.organisasjon_id,
        tittel=_title(mailing, row, values, common),
        mottakertype=Mottakertype(row.mottakertype),
        mottaker=Mottaker(values.get("fnr") or values.get("orgnr") or "", address_of(values)),
        dokumenter=papers,
        utsending_id=mailing.id,
        radnr=row.radnr,
        ekstern_referanse=row.eksternref or f"{mailing.id}/{row.radnr}",
        korrelasjonsid=str(mailing.id),
        kun_digital=mailing.kun_digital,
        sikkerhetsniva=mailing.sikkerhetsniva,
        tosidig=mailing.tosidig,
        farger=mailing.farger,
        konteringskode=row.konteringskode or mailing.konteringskode,
    )


def letter_id(row: Utsendingsrad, documents: Sequence[Dokumentref]) -> UUID:
    """Deterministic id of the forsendelse of this row, values and documents (ADR 0032).

    A letter fed and sent after the backup that was restored gets the same id again, so its channels recognise
    it. Other values or documents give another id.
    """
    held = b"".join([row.rad_hash, *(document.sha256 for document in documents)])
    return uuid5(row.utsending_id, f"brev {row.radnr} {held.hex()}")


def _title(mailing: Utsending, row: Utsendingsrad, values: dict[str, str], common: Brevgrunnlag) -> str:
    """Title in the receiver's inbox: the template's, filled with the row's values, or the row's own.

    A protected receiver gets the mailing's title.
    """
    if mailing.art != Art.FLETTEBREV or row.skjermet:
        return common.for_row(values, skjermet=row.skjermet).tittel
    try:
        return fill_title(common.mal, values, common.kontekst)[:1000] or mailing.tittel
    except FiksError as error:
        log.info("title_not_filled", extra={"kode": error.kode, "utsending": str(mailing.id)})
        return mailing.tittel

"""Metadata of a letter's documents, for its sender."""

from __future__ import annotations

from uuid import UUID

from flask import current_app

from config.settings import Settings
from fiks.svarut.sender.status_queries import Dokumentmetadata
from portal.api.svarut.rest.models import DokumentMetadata, Oppforing


def reader_address(forsendelse_id: UUID, nr: int) -> str:
    """URL where the receiver reads a document after login, on MINSIDE_BASE_URL, since another process may
    serve it.
    """
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    return f"{settings.minside_base_url.rstrip('/')}/forsendelse/{forsendelse_id}/{nr}"


def document_facts(forsendelse_id: UUID, document: Dokumentmetadata) -> DokumentMetadata:
    """The document as v2's model."""
    address = reader_address(forsendelse_id, document.nr)
    return DokumentMetadata(
        filnavn=document.filnavn,
        mimeType=document.mime_type,
        dokumentType=document.dokument_type,
        storrelse=document.storrelse,
        sha256Hash=document.sha256.hex(),
        nedlasningUrl=address,
        kanSigneres=document.kan_signeres,
        signeringUrl=address if document.kan_signeres else None,
        ekstraMetadata=tuple(Oppforing(key=key, value=value) for key, value in document.ekstra),
        inneholderPersonsensitivInformasjon=document.sensitiv,
    )

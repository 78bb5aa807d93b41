"""What a sender is told of a letter's documents."""

from __future__ import annotations

from uuid import UUID

from flask import current_app

from config.settings import Settings
from fiks.svarut.reads import Dokumentmetadata
from portal.api.svarut.svar import DokumentMetadata, Oppforing


def document_facts(forsendelse_id: UUID, document: Dokumentmetadata) -> DokumentMetadata:
    """The document as v2 tells of it. Its address opens for the receiver only, after login."""
    settings: Settings = current_app.config["FIKS_SETTINGS"]
    address = f"{settings.minside_base_url.rstrip('/')}/forsendelse/{forsendelse_id}/{document.nr}"
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

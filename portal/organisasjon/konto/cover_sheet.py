"""Example of a konto's cover sheet, as it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Response, current_app

from config.paths import FONTS
from fiks.core.values.address import Adresse
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.letters import cover_sheet
from portal.access.actor import current_actor
from portal.extensions import TEST_LETTER_LIMIT, limiter
from portal.organisasjon.blueprint import blueprint
from portal.organisasjon.konto.pages import administered_konto

TITTEL = "Eksempel på tittel"
MOTTAKER = Adresse("Navn på mottakeren", "Gateadresse 1", postnr="0001", poststed="OSLO")


@blueprint.get("/kontoer/<uuid:konto_id>/forside.pdf")
@limiter.limit(TEST_LETTER_LIMIT)
def forside(konto_id: UUID) -> Response:
    """An example cover sheet by the renderer that prints."""
    administered_konto(konto_id)
    with _printer() as trykker:
        pdf = cover_sheet.preview_cover(konto_id, TITTEL, MOTTAKER, trykker, actor=current_actor())
    headers = {"Content-Disposition": 'attachment; filename="forside.pdf"', "Cache-Control": "no-store"}
    return Response(pdf, mimetype="application/pdf", headers=headers)


@contextmanager
def _printer() -> Iterator[Brevtrykker]:
    """A printer for one sheet, in a child process that ends with it: this process never renders."""
    make = current_app.extensions.get("fiks_trykker", Brevtrykker)
    trykker: Brevtrykker = make(FONTS)
    try:
        yield trykker
    finally:
        trykker.close()

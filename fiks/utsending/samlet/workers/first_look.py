"""Worker: first look at a big PDF: is it usable, how do its first pages look, where are receivers."""

from __future__ import annotations

import json
import logging
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, Utilgjengelig
from fiks.pdf.cut import Filfakta, Storfil, Tegn, text_lines
from fiks.utsending.jobs.queue import Del
from fiks.utsending.jobs.stored_upload import decrypted_upload
from fiks.utsending.jobs.upload_lock import lock_upload, record_pdf
from fiks.utsending.liste.findings import ListeFeil
from fiks.utsending.models import Opplasting
from fiks.utsending.samlet.analysis import lookup_list
from fiks.utsending.samlet.analysis.setup import to_wire as oppsett_wire
from fiks.utsending.samlet.analysis.suggestion import Lestside, suggest_setup
from fiks.utsending.samlet.workers.open_file import open_file
from fiks.utsending.stored_objects import unused_objects

log = logging.getLogger(__name__)
PICTURED_PAGES = 12
INSPECTED_PAGES = 40
DPI = 96
"""Pages kept as pictures with text; pages used for suggesting a set-up; dots per inch."""


def look_through(part: Del, upload_id: UUID) -> None:
    """Inspect the whole file; refuse an unusable one (`record_pdf`)."""
    objekt, nokkel = (
        session()
        .execute(select(Opplasting.objekt, Opplasting.nokkel).where(Opplasting.id == upload_id))
        .one()
    )
    session().rollback()
    assert objekt is not None and nokkel is not None
    with open_file(objekt, nokkel) as fil:
        facts = fil.inspect()
        form = _form(fil, facts) if facts.kontroll.kan_sendes else {}
    env = current()
    if not record_pdf(part, upload_id, facts.kontroll, form):
        for picture in form.get("bilder", [])[:1]:  # all lie in one object, and no upload will tell of it
            env.store.delete(picture["objekt"])
    elif not facts.kontroll.kan_sendes:
        log.info("big_file_refused", extra={"utsending": str(part.utsending_id)})


def look_through_extra(part: Del, upload_id: UUID) -> None:
    """Read the extra list's columns; refuse an unusable list and delete it."""
    upload = session().execute(
        select(Opplasting.objekt, Opplasting.nokkel, Opplasting.filnavn).where(Opplasting.id == upload_id)
    )
    objekt, nokkel, filnavn = upload.one()
    session().rollback()
    assert objekt is not None and nokkel is not None
    values: dict[str, Any]
    try:
        with decrypted_upload(objekt, nokkel) as path:
            found = lookup_list.describe_list(path, filnavn)
        values = {"status": "LEST", "kolonner": list(found.kolonner), "antall": found.antall}
    except ListeFeil as error:
        params = {k: v for k, v in error.params.items() if isinstance(v, int | str | list)}
        values = {
            "status": "FEILET",
            "feilkode": error.kode,
            "feilparams": params,
            "objekt": None,
            "nokkel": None,
        }
    with transaction() as tx:
        if not lock_upload(part, upload_id):
            return
        tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(**values))
        if values["status"] == "FEILET":
            delete_after_commit(unused_objects([objekt], of=part.utsending_id))


def _form(fil: Storfil, facts: Filfakta) -> dict[str, Any]:
    """Return pictures and text of the first pages, the suggested set-up, and whether the file is tagged.

    An unreadable page is left out: the suggestion is only a proposal. Errors: Utilgjengelig.
    """
    total = facts.kontroll.sider or 0
    pages, pictures, texts = [], [], []
    for number in range(1, min(total, INSPECTED_PAGES) + 1):
        try:
            width, height, tegn = fil.characters(number)
            pages.append(Lestside(number, width, height, tuple(text_lines(tegn))))
            if number <= PICTURED_PAGES:
                pictures.append(fil.page_png(number, DPI))
                texts.append((number, width, height, tegn))
        except Utilgjengelig:
            raise
        except FiksError as error:
            log.warning("page_not_looked_at", extra={"kode": error.kode, "side": number})
    found = suggest_setup(pages, total)
    return {
        "bilder": _store_pictures(pictures, texts),
        "forslag": oppsett_wire(found) if found else None,
        "merket": facts.merket,
    }


def _store_pictures(
    pictures: list[bytes], texts: list[tuple[int, float, float, list[Tegn]]]
) -> list[dict[str, Any]]:
    """Store each page's picture and text in one object; return where they are."""
    env = current()
    written = [json.dumps([_character_values(t) for t in tegn]).encode() for _, _, _, tegn in texts]
    pairs = [part for pair in zip(pictures, written, strict=True) for part in pair]
    stored = env.store.put_segment(pairs, env.keys)
    return [
        {
            "side": number,
            "bredde": width,
            "hoyde": height,
            "objekt": picture.objekt,
            "fra": picture.fra,
            "lengde": picture.lengde,
            "nokkel": picture.nokkel.hex(),
            "tekst": {"fra": text.fra, "lengde": text.lengde, "nokkel": text.nokkel.hex()},
        }
        for (number, width, height, _), picture, text in zip(texts, stored[::2], stored[1::2], strict=True)
    ]


def _character_values(t: Tegn) -> list[Any]:
    return [t.tekst, t.venstre, t.topp, t.hoyre, t.bunn, t.linje, t.hoyde, t.lesbart]

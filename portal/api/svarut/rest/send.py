"""Every REST send call: parse and validate the letter, store the documents as they stream in, register the
letter.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from flask import Response, request

from fiks.core import clock
from fiks.core.environment import current
from fiks.svarut.mottak import Innlasting, Innsending, UgyldigForsendelse, faults, is_repeat
from portal.access.actor import current_actor
from portal.api.reading import merge_findings, read_leniently
from portal.api.svarut.letter.parts import Brevmodell
from portal.api.svarut.multipart import read_letter_part
from portal.http.api_errors import json_answer

KEY_HEADER = "Idempotency-Key"


def send(konto_id: UUID, model: type[Brevmodell], *, reservert: UUID | None = None) -> Response:
    """Take in the letter of this request, described as `model`; answer with its id.

    `reservert`: a reserved id to use (REST v1). All faults of the description are reported at once, before a
    document is read.
    """
    raw, parts = read_letter_part()
    actor, key = current_actor(), request.headers.get(KEY_HEADER, "")
    may_be = bool(key) or reservert is not None
    known = may_be and is_repeat(konto_id, actor=actor, nokkel=key, reservert=reservert)
    new = parse_letter(model, raw, now=None if known else clock.now())
    with Innlasting(konto_id, actor=actor, innsending=new, reservert=reservert, nokkel=key) as loading:
        for part in parts:
            loading.take(part.filnavn, part.biter)
        letter_id = loading.register()
    return json_answer({"id": str(letter_id)})


def parse_letter(model: type[Brevmodell], raw: bytes, *, now: datetime | None) -> Innsending:
    """Parse the letter, or UgyldigForsendelse with all faults by the interface's field names.

    `now`: None for a letter sent again. Its description is not validated anew, since rules may have become
    stricter; whether it is the same letter is decided by its digest.
    """
    said, wrong = read_leniently(model, raw)
    new = said.innsending()
    judged = faults(new, now=now, synthetic=current().synthetic_persons)
    own = said.faults() if now is not None else ()
    found = merge_findings([*wrong, *own], [replace(one, felt=model.own_name(one.felt)) for one in judged])
    if found:
        raise UgyldigForsendelse(found)
    return new

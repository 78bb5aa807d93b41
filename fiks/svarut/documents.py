"""Which files of a letter its readers and its sender are offered, and when one of them is all of the letter. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from fiks.svarut.content import is_pdf
from fiks.svarut.letters import Brev, Dokumentref
from fiks.svarut.rules import COVER, FORSENDELSESFIL

FIRST = 1
MAILBOX_BYTES = 10 * 1024 * 1024
MAILBOX_NAME = 96
"""The largest file, and the longest name, that is put in a digital mailbox; beyond, they get stuck (svarut.md 2.3)."""


def offered(documents: Sequence[Dokumentref]) -> dict[int, Dokumentref]:
    """The letter's files in order, by the number each is fetched by; one that has been deleted has no `objekt`.

    The cover sheet is for paper alone. Where the originals are gone, the one file made of what could be printed is
    number 1, and of the rest it is still told what it was.
    """
    sent = {d.nr: d for d in documents if d.nr not in (COVER, FORSENDELSESFIL)}
    whole = next((d for d in documents if d.nr == FORSENDELSESFIL and d.objekt is not None), None)
    if whole is None or (FIRST in sent and sent[FIRST].objekt is not None):
        return sent
    return {FIRST: whole} | {nr: d for nr, d in sent.items() if nr != FIRST and not d.is_printed}


def mailbox_file(brev: Brev) -> Dokumentref | None:
    """The file that is the whole letter and may lie in a digital mailbox for it; None when only a notice can.

    Nobody who has read it has anything left to read: it is the one file of the letter, a PDF, without links beside it.
    """
    files = tuple(offered(brev.dokumenter).values())
    if len(files) != 1 or brev.lenker or not is_pdf(files[0].mime_type):
        return None
    [only] = files
    named = only.filnavn.casefold().endswith(".pdf") and len(only.filnavn) <= MAILBOX_NAME
    return only if named and only.storrelse <= MAILBOX_BYTES else None

"""Which files of a letter are offered to its readers and sender, and which file may go in a digital mailbox.
Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from fiks.svarut.letters import Brev, Dokumentref
from fiks.svarut.rules import COVER, FORSENDELSESFIL
from fiks.svarut.sealed_content import is_pdf

FIRST = 1
MAILBOX_BYTES = 10 * 1024 * 1024
MAILBOX_NAME = 96
"""The largest file and the longest name that a digital mailbox accepts; beyond these, letters get stuck
(svarut.md 2.3).
"""


def offered_files(documents: Sequence[Dokumentref]) -> dict[int, Dokumentref]:
    """The letter's files in order, by the number each is fetched by; a deleted file has no `objekt`.

    The cover sheet is for paper only. When the originals are deleted, the combined PDF is number 1, and the
    files that it does not contain are still listed.
    """
    sent = {d.nr: d for d in documents if d.nr not in (COVER, FORSENDELSESFIL)}
    whole = next((d for d in documents if d.nr == FORSENDELSESFIL and d.objekt is not None), None)
    if whole is None or (FIRST in sent and sent[FIRST].objekt is not None):
        return sent
    return {FIRST: whole} | {nr: d for nr, d in sent.items() if nr != FIRST and not d.is_printed}


def mailbox_file(brev: Brev) -> Dokumentref | None:
    """The file to place in a digital mailbox; None when only a notice can be sent there.

    The file must be the whole letter: its only document, a PDF, with no links beside it. Whoever has read it
    has then read everything.
    """
    files = tuple(offered_files(brev.dokumenter).values())
    if len(files) != 1 or brev.lenker or not is_pdf(files[0].mime_type):
        return None
    [only] = files
    named = only.filnavn.casefold().endswith(".pdf") and len(only.filnavn) <= MAILBOX_NAME
    return only if named and only.storrelse <= MAILBOX_BYTES else None

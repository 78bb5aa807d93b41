"""Page images of a waiting letter's PDF, for persons who may receive it by hand (svarut.md 5.3).

The right is the same as for downloading, checked for each image; every image is audited as a view and changes
nothing. Files are opened in a child process only.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.person.representation import Spor
from fiks.pdf import PdfFeil, Sidetegner, count_pages
from fiks.svarut.letters import Dokumentref, read_checked
from fiks.svarut.sealed_content import is_pdf
from fiks.svarut.svarinn.access import record_act
from fiks.svarut.svarinn.manual_access import recheck_access, require_access
from fiks.svarut.svarinn.manual_actions import letter_file

AT_A_TIME = 5
"""Pages shown at once."""
LARGEST = 32 * 1024 * 1024
"""The largest file whose pages are drawn, in bytes: it is held in memory meanwhile."""
DPI = 110
_drawer = Sidetegner()


@dataclass(frozen=True, slots=True, repr=False)
class Filsider:
    """A file of a letter, and how many pages it has."""

    filnavn: str
    sider: int


def can_be_shown(mime_type: str, storrelse: int) -> bool:
    """Whether the pages of a file of this type and size can be shown."""
    return is_pdf(mime_type) and storrelse <= LARGEST


def file_pages(forsendelse_id: UUID, nr: int, *, spor: Spor, actor: Aktor) -> Filsider:
    """One file's name and number of pages; audited.

    Errors: those of `require_access`, and PdfFeil or BarnFeil when its pages cannot be shown.
    """
    document = _record_view(forsendelse_id, nr, spor, actor)
    return Filsider(document.filnavn, document.sider or count_pages(read_checked(document)))


def page_picture(forsendelse_id: UUID, nr: int, side: int, *, spor: Spor, actor: Aktor) -> bytes:
    """Page `side` (from 1) of the file as PNG; audited. Errors as `file_pages`, also when there is no such
    page.
    """
    document = _record_view(forsendelse_id, nr, spor, actor, side=side)
    return _drawer.page_png(read_checked(document), side, DPI)


def _record_view(forsendelse_id: UUID, nr: int, spor: Spor, actor: Aktor, **page: int) -> Dokumentref:
    """The file, after the view of it (and its page) is audited."""
    rett = require_access(forsendelse_id, spor=spor, actor=actor).rett
    with transaction():
        system = recheck_access(forsendelse_id, rett, actor=actor).system
        document = letter_file(forsendelse_id, nr)
        if not is_pdf(document.mime_type):
            raise IkkeFunnet("FINNES_IKKE")
        if not can_be_shown(document.mime_type, document.storrelse):
            raise PdfFeil("PDF_FOR_STOR_TIL_VISNING")
        record_act(actor, "BREVFIL_VIST", forsendelse_id, system.id, nr=nr, **page)
    session().rollback()
    return document

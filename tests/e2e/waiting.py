"""Letters that lie ready for a mottakersystem of Lillevik's, for what is done with them by hand."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from uuid import UUID

import pikepdf
from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Status
from fiks.svarut.sealed_content import seal_content
from testmiljo import mailing
from testmiljo.folders import LILLEVIK
from testmiljo.seed import load_kommune
from tests.doubles import tiny_pdf
from tests.e2e.platform import SECONDS, Plattform
from tests.integration.houses import Hus
from tests.integration.svarut.letters import make_document, make_letters

PAGES = 7
"""Of each letter's only file: more than are shown at once."""
NOARK = {
    "noarkFra": {
        "saksaar": 2026,
        "sakssekvensnummer": 118,
        "tittel": "Båtplass i Havvik",
        "journalposttype": "U",
    },
    "noarkTil": {"mappeId": {"systemId": "7b1c", "saksaar": 2026, "sakssekvensnummer": 45}},
}
"""What the sender's archive says, and where the receiver's is to put it."""


def pages_pdf(pages: int) -> bytes:
    """A PDF with this many A4 pages, on each its number."""
    with pikepdf.Pdf.new() as document:
        for number in range(1, pages + 1):
            with pikepdf.open(io.BytesIO(tiny_pdf([f"Side {number}"]))) as page:
                document.pages.extend(page.pages)
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def lay_ready(plattform: Plattform, titles: Sequence[str], **columns: object) -> list[UUID]:
    """A letter of each title, to an organisation that Lillevik receives for; `columns` are set behind the house."""
    system = next(one for one in load_kommune(LILLEVIK).mottakersystemer if one["aktiv"] and one["koblinger"])
    orgnr = system["koblinger"][0]["organisasjonsnummer"]
    hus = Hus(plattform.lillevik.organisasjon_id, plattform.lillevik.kontoer["Eiendomsskatt"], orgnr)
    made = []
    with plattform.house():
        for title in titles:  # one after another, so that they wait in this order
            [one] = make_letters(hus, [orgnr], dokument=make_document(pages_pdf(PAGES), sider=PAGES))
            mailing.wait_for("the letter lies ready", lambda one=one: _ready(one), SECONDS)
            describe(one, tittel=title, **columns)
            made.append(one)
    return made


def _ready(forsendelse_id: UUID) -> bool:
    session().rollback()
    return session().get_one(Forsendelse, forsendelse_id).status == Status.KLAR_FOR_MOTTAK


def describe(forsendelse_id: UUID, **columns: object) -> None:
    """Say this of the letter, in the house."""
    with transaction() as tx:
        row = tx.get_one(Forsendelse, forsendelse_id)
        for name, value in columns.items():
            setattr(row, name, value)


def with_archive_facts(forsendelse_id: UUID) -> None:
    """Let the letter carry what NOARK says, in the house."""
    describe(forsendelse_id, innhold_kryptert=seal_content(NOARK))


def statuses(plattform: Plattform, ids: Iterable[UUID]) -> set[str]:
    """Where the letters are now."""
    with plattform.house():
        session().rollback()
        return set(session().scalars(select(Forsendelse.status).where(Forsendelse.id.in_(list(ids)))))

"""A template of which a stamped letter differed: its letters are laid out one by one, also when it is saved anew."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.utsending.models import Mal, Malversjon, Utsending
from portal.texts import tekst
from tests.integration.utsending.kommuner import make_kommune
from tests.portal.utsending.pages import Jobb

SOURCE, NYNORSK = "Hei ((navn))", "Hei du, ((navn))"


@pytest.fixture
def differed(jobb: Jobb) -> UUID:
    """A version of a template of the kommune's own, and a stamped letter of it was not as it should be."""
    jobb.begin()
    version = save(jobb)
    with transaction() as tx:
        tx.execute(update(Malversjon).where(Malversjon.id == version).values(hurtig=False))
    return version


def save(jobb: Jobb, bygger_pa: UUID | None = None, **changes: str) -> UUID:
    """Save what is written; the version the mailing uses then."""
    form = {"navn": "Min mal", "kilde_nb": SOURCE, "kilde_nn": NYNORSK, **changes}
    jobb.send(f"brev/rediger?versjon={bygger_pa or ''}", "brev/rediger", **form)
    session().rollback()
    chosen = session().scalar(select(Utsending.malversjon_id).where(Utsending.id == jobb.uuid))
    assert chosen is not None and chosen != bygger_pa
    return chosen


def quick(version: UUID) -> bool:
    return session().get_one(Malversjon, version).hurtig


def test_the_same_text_is_not_stamped_again_whatever_it_is_called(jobb: Jobb, differed: UUID) -> None:
    again = save(jobb, differed)
    assert not quick(again)
    assert "Brevene blir riktige, men lages langsommere" in jobb.words("brev")
    assert not quick(save(jobb, again, tittel_nb="Til ((navn))"))
    assert not quick(save(jobb, again, navn="En annen mal"))


def test_another_text_is_stamped(jobb: Jobb, differed: UUID) -> None:
    assert quick(save(jobb, differed, kilde_nb="Hallo ((navn))"))
    assert quick(save(jobb, differed, kilde_nn=""))
    assert "lages langsommere" not in jobb.words("brev")


def test_another_kommunes_template_is_not_asked(jobb: Jobb) -> None:
    with transaction() as tx:
        theirs = Mal(organisasjon_id=make_kommune("Fjordvik kommune").id, navn="Deres mal")
        tx.add(theirs)
        tx.flush()
        tx.add(Malversjon(mal_id=theirs.id, versjon=1, kilde_nb=SOURCE, kilde_nn=NYNORSK, tittel_nb=""))
    jobb.begin()
    assert quick(save(jobb))


def test_the_templates_page_says_that_a_letter_differed(jobb: Jobb, differed: UUID) -> None:
    page = jobb.words(f"brev/rediger?versjon={differed}")
    assert "Brevene lages langsommere" in page
    assert tekst("MAL_TREG_AVVIK") in page
    other = save(jobb, differed, kilde_nb="Hallo ((navn))")
    assert "Brevene lages langsommere" not in jobb.words(f"brev/rediger?versjon={other}")

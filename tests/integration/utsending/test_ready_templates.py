"""A text of the house that was changed reaches those who have it already."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.utsending.brev import ready_template
from fiks.utsending.models import Malversjon
from testmiljo.seed import ready_templates

pytestmark = pytest.mark.usefixtures("house")


def test_a_changed_text_is_a_new_version_and_an_unchanged_one_is_none() -> None:
    newest = ready_templates()
    with transaction() as tx:
        now = tx.get_one(Malversjon, newest)
        mal_id, number = now.mal_id, now.versjon
        older = Malversjon(mal_id=mal_id, versjon=number + 1, kilde_nb="Skatten er 0 kroner.", tittel_nb="x")
        tx.add(older)
    changed = ready_templates()
    assert ready_templates() == changed
    chosen = select(Malversjon).where(Malversjon.mal_id == mal_id).order_by(Malversjon.versjon)
    *_, before, made = session().scalars(chosen)
    template = ready_template("eiendomsskatt")
    assert (made.id, made.versjon) == (changed, number + 2)
    assert (made.kilde_nb, made.kilde_nn) == (template.kilde_nb, template.kilde_nn)
    assert (before.id, before.kilde_nb) == (older.id, "Skatten er 0 kroner.")

"""What a form says its page showed, compared with what stands there now."""

from __future__ import annotations

from dataclasses import fields

import pytest

from fiks.utsending.draft.service import Fakta
from fiks.utsending.editing.stale_form import (
    LETTER_CONTENT,
    READERS,
    Vist,
    VistEndret,
    compare_versions,
    refuse_stale,
)
from fiks.utsending.rules import FACTS
from portal.texts.utsending.mailing import VIST

NOW = "FAKTA:aa RADER:bb"


@pytest.mark.parametrize(
    ("vist", "endret"),
    [
        (NOW, ()),
        ("RADER:bb FAKTA:aa MAL:cc", ()),
        ("FAKTA:aa RADER:cc", (Vist.RADER,)),
        ("FAKTA:bb RADER:aa", (Vist.FAKTA, Vist.RADER)),
        ("FAKTA:aa", (Vist.RADER,)),
        ("", (Vist.FAKTA, Vist.RADER)),
        ("FAKTA RADER: \0 FAKTA:aaRADER:bb", (Vist.FAKTA, Vist.RADER)),
    ],
)
def test_what_is_not_as_it_was_shown_is_told(vist: str, endret: tuple[Vist, ...]) -> None:
    assert compare_versions(vist, NOW) == endret


def test_only_what_is_changed_is_refused() -> None:
    refuse_stale(())
    with pytest.raises(VistEndret) as refused:
        refuse_stale((Vist.RADER, Vist.MAL))
    assert (refused.value.endret, refused.value.status) == ((Vist.RADER, Vist.MAL), 409)


def test_every_fact_of_a_mailing_is_shown() -> None:
    assert tuple(field.name for field in fields(Fakta)) == FACTS


def test_everything_can_be_read_and_has_a_name() -> None:
    assert set(READERS) | {Vist.RAD, Vist.FIL} == set(Vist) == set(VIST)
    assert set(LETTER_CONTENT) <= set(READERS)

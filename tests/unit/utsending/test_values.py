"""A row's values as JSON: written by a template, and the same as if the encoder had written them."""

from __future__ import annotations

import hmac
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fiks.utsending import sealed_values

CELLS = st.text(st.sampled_from('aÅ1 %s"\\\t\n\x1f\x7f\u2028😀'), max_size=5)


@given(st.dictionaries(CELLS, CELLS, max_size=5))
@example({})
@example({"100 %": "%s", 'sagt "hva"': "b", "a": ""})
@example({"100 %": 'med "anførsel" og \\', "a": "linje\nto"})
def test_the_texts_are_those_of_the_encoder(row: dict[str, str]) -> None:
    whole, pairs = sealed_values._texts(row)
    assert whole == json.dumps(row, ensure_ascii=False)
    assert pairs == json.dumps(sorted(row.items()), ensure_ascii=False, separators=(",", ":"))


def test_a_rows_hash_is_a_keyed_digest_of_its_values_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written here as it is stored: with another text no letter of a list that is stored could be made any more."""

    class Keys:
        index_key = bytes(range(32))

    monkeypatch.setattr(sealed_values, "current", Keys)
    text = 'rad|[["adresselinje1","Gata 1"],["navn","KARI Å"]]'
    assert sealed_values.row_hash({"navn": "KARI Å", "adresselinje1": "Gata 1"}) == hmac.digest(
        Keys.index_key, text.encode(), "sha256"
    )

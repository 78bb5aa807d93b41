"""Which of a row's values are stored, and that its hash is the one it has always had."""

from __future__ import annotations

from uuid import uuid4

import pytest

from fiks.svarut.lifecycle.channel_choice import choose_channel
from fiks.svarut.rules import Mottakertype as M
from fiks.utsending import sealed_values
from fiks.utsending.brev import KOLONNER as BREV_KOLONNER
from fiks.utsending.brev import Brevmal
from fiks.utsending.brev.language.fill import compose
from fiks.utsending.liste.columns import KOLONNER
from fiks.utsending.liste.findings import Rad
from fiks.utsending.liste.rules.controlled_row import control_row_alone
from fiks.utsending.rows import storage
from tests.unit.brev.letters import mailing

NAVN = {"fornavn": "KARI", "mellomnavn": "", "etternavn": "NORD", "navn": "KARI NORD"}
ADRESSE = {"adresselinje1": "Gata 1", "adresselinje2": "", "postnr": "0580", "poststed": "OSLO"}


class Keys:
    index_key = bytes(range(32))


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The values that were sealed, in clear."""
    kept: list[dict[str, str]] = []

    def seal(row: dict[str, str]) -> tuple[bytes, bytes]:
        kept.append(dict(row))
        return b"", b""

    monkeypatch.setattr(storage, "seal_row", seal)
    return kept


def store(row: dict[str, str]) -> None:
    nobody = choose_channel(
        M.INGEN, kontakt=None, person=None, virksomhet=None, svarinn=False, sdp_aktiv=False, kun_digital=False
    )
    storage.stored_row(uuid4(), control_row_alone(Rad(2, 2, row)), nobody)


def test_an_empty_value_is_left_out_only_where_a_letter_may_name_what_is_not_there(
    stored: list[dict[str, str]],
) -> None:
    assert tuple(kolonne.felt for kolonne in KOLONNER) == BREV_KOLONNER
    store({**NAVN, **ADRESSE, "belop": "", "forfall": "", "Egen": ""})
    (kept,) = stored
    assert {name for name, value in kept.items() if not value} == {"mellomnavn", "belop", "forfall", "Egen"}


@pytest.mark.parametrize(("mellomnavn", "hilsen"), [("LISE", "Hei KARI LISE NORD"), ("", "Hei KARI NORD")])
def test_a_letter_may_ask_whether_there_is_a_middle_name(
    stored: list[dict[str, str]], mellomnavn: str, hilsen: str
) -> None:
    store({**NAVN, **ADRESSE, "mellomnavn": mellomnavn})
    mal = Brevmal("Hei ((fornavn)) ((hvis mellomnavn))((mellomnavn)) ((slutt))((etternavn))", None, "x")
    letter = compose(mal, stored[0], mailing())
    assert hilsen in " ".join("".join(part.partition(">")[2] for part in f">{letter}".split("<")).split())


def test_the_hash_of_a_row_is_what_it_was_before_empty_values_were_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a list that is sent again would not be known as the one that was sent."""
    monkeypatch.setattr(sealed_values, "current", Keys)
    before = {"navn": "KARI", "Egen": ""}
    now = {"navn": "KARI", "mellomnavn": "", "belop": "", "Egen": ""}
    assert sealed_values.row_hash(now) == sealed_values.row_hash(before)
    assert sealed_values.row_hash({**now, "mellomnavn": "LISE"}) != sealed_values.row_hash(before)
    assert sealed_values.row_hash({"navn": "KARI"}) != sealed_values.row_hash(before)


def test_a_row_that_is_sealed_is_the_one_its_hash_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_values, "current", Keys)
    monkeypatch.setattr(sealed_values.encryption, "encrypt_value", lambda keys, whole, aad: whole)
    monkeypatch.setattr(sealed_values.encryption, "decrypt_value", lambda keys, sealed, aad: sealed)
    monkeypatch.setattr(Keys, "keys", None, raising=False)
    row = {**NAVN, **ADRESSE}
    sealed, hashed = sealed_values.seal_row(row)
    assert sealed_values.approved_values(sealed, hashed) == row

"""Anybody may fetch what letters of level 4 are encrypted to; a pair that cannot be used stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from fiks.core.crypto.cms_reader import load_pair
from testmiljo.svarut_keys import svarut_pair
from tests.portal.apps import make_app, make_settings

URL = "/forsendelse/publickey/hent"


def test_the_newest_certificate_is_given_to_anybody_and_never_a_private_key(tmp_path: Path) -> None:
    (tmp_path / "ny").mkdir()
    newest, older = svarut_pair(tmp_path / "ny"), svarut_pair(tmp_path)
    answer = make_app(SVARUT_NOKLER=f"{newest}, {older}").test_client().get(URL)
    assert (answer.status_code, answer.mimetype) == (200, "application/x-pem-file")
    assert x509.load_pem_x509_certificate(answer.data) == load_pair(newest.read_bytes()).certificate
    assert b"PRIVATE" not in answer.data


def test_without_a_key_there_is_nothing_to_fetch() -> None:
    assert make_app().test_client().get(URL).status_code == 404


def test_a_pair_that_cannot_be_used_stops_the_start_and_is_named_but_not_shown(tmp_path: Path) -> None:
    svarut_pair(tmp_path)
    for path in (tmp_path / "borte.pem", tmp_path / "svarut-nokkel.pem"):
        with pytest.raises(ValueError, match="SVARUT_NOKLER") as error:
            make_app(SVARUT_NOKLER=str(path))
        assert "PRIVATE" not in str(error.value)


def test_the_paths_are_a_list_newest_first() -> None:
    assert make_settings(SVARUT_NOKLER="a.pem, b.pem,").svarut_nokler == ("a.pem", "b.pem")
    assert make_settings().svarut_nokler == ()

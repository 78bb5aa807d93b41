"""The print house's address: what is read from it, what is refused, and that its password never shows."""

from __future__ import annotations

import pytest

from config.settings import SftpAddress
from fiks.print.handover.client import PrintClient

URL = "sftp://fiks:p%40ss%2Fw@trykkeri.example:2222/inn/lillevik?hostkey=SHA256:ab+c/d%2Be"


def test_an_address_is_read_with_escaped_password_and_plus_signs_in_the_fingerprint() -> None:
    found = SftpAddress.parse(URL)
    assert (found.host, found.port, found.user, found.password) == (
        "trykkeri.example",
        2222,
        "fiks",
        "p@ss/w",
    )
    assert (found.folder, found.fingerprint) == ("/inn/lillevik", "SHA256:ab+c/d+e")


@pytest.mark.parametrize(
    "url",
    [
        "sftp://fiks:hemmelig@trykkeri.example/",
        "sftp://fiks:hemmelig@trykkeri.example/?hostkey=MD5:aa",
        "https://fiks:hemmelig@trykkeri.example/?hostkey=SHA256:aa",
        "sftp://:hemmelig@trykkeri.example/?hostkey=SHA256:aa",
    ],
)
def test_an_address_without_user_or_pinned_host_key_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        SftpAddress.parse(url)
    assert "hemmelig" not in str(caught.value)


def test_without_password_and_key_nobody_is_called() -> None:
    with pytest.raises(ValueError, match="no password"):
        PrintClient("sftp://fiks@trykkeri.example/?hostkey=SHA256:aa")


def test_the_password_never_shows() -> None:
    assert "p@ss" not in repr(SftpAddress.parse(URL)) + repr(PrintClient(URL))


def test_a_certificate_that_is_none_is_refused_at_start() -> None:
    with pytest.raises(ValueError):
        PrintClient(URL, certificate=b"not a certificate")

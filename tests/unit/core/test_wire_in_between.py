"""What somebody between us and a system says, and what keeps a call in the house, is never the system's refusal."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from fiks.core.errors import Avvist, KanalFeil, ProvIgjen, Uavklart
from tests.unit.core.test_wire import PROBLEM, answers, resets, sent, server, wire

IN_BETWEEN: dict[str, bytes] = {
    "nginx": b"<html><head><title>404 Not Found</title></head></html>",
    "a default backend": b"default backend - 404",
    "traefik": b"404 page not found",
    "nothing": b"",
    "kong": b'{"message": "no Route matched with those values", "request_id": "1"}',
    "azure": b'{"statusCode": 404, "message": "Resource not found"}',
    "spring's own": b'{"timestamp": "2027", "status": 404, "error": "Not Found", "path": "/", "exception":'
    b' "org.springframework.web.servlet.resource.NoResourceFoundException"}',
    "spring's gateway": b'{"timestamp": "2027", "path": "/", "status": 404, "error": "Not Found", "requestId": "1"}',
    "of another status": b'{"title": "Not Found", "status": 500}',
}


@pytest.mark.parametrize("status", [404, 410, 413])
@pytest.mark.parametrize("who", IN_BETWEEN)
def test_what_somebody_in_between_says_is_no_refusal(status: int, who: str) -> None:
    with server(answers(f"{status} X", IN_BETWEEN[who].replace(b"404,", b"%d," % status))) as url:
        failure = sent(url)
    assert (type(failure), failure.kode) == (ProvIgjen, f"HTTP_{status}")
    assert not failure.throttled  # type: ignore[attr-defined] # it is a try, so there is an end to it, with a person


@pytest.mark.parametrize("status", [402, 405, 406, 407, 411, 415, 421, 423, 426, 431, 451, 495, 496, 499])
@pytest.mark.parametrize("body", [PROBLEM, b"<html>"])
def test_what_is_of_the_way_or_of_all_calls_is_no_refusal_of_this_one(status: int, body: bytes) -> None:
    with server(answers(f"{status} X", body.replace(b"%d", b"%d" % status))) as url:
        assert (type(failure := sent(url)), failure.kode) == (ProvIgjen, f"HTTP_{status}")


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("body", [b"<html>400 Bad Request</html>", b"", b"Bad Request"])
def test_a_call_that_nobody_could_read_on_the_way_is_not_refused_for_what_it_holds(
    status: int, body: bytes
) -> None:
    with server(answers(f"{status} X", body)) as url:
        assert type(sent(url)) is ProvIgjen


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "invalid_grant", "error_description": "Invalid assertion"}',
        b'{"statusCode": 400, "message": "Bad request"}',
        b'{"message": "no Route matched with those values"}',
        b'{"message": "no Route matched with those values", "request_id": "1"}',
    ],
)
def test_what_a_gateway_says_of_its_own_refuses_no_letter(status: int, body: bytes) -> None:
    with server(answers(f"{status} X", body)) as url:
        assert (type(failure := sent(url)), failure.kode) == (ProvIgjen, f"HTTP_{status}")


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "body",
    [
        b'{"timestamp": "2027", "status": 400, "error": "Bad Request", "message": "Not one number", "path": "/x"}',
        b'{"code": "3", "message": "Not one number"}',
        b'{"error": "Bad Request"}',
    ],
)
def test_what_a_system_says_in_the_words_of_its_framework_refuses_a_letter(status: int, body: bytes) -> None:
    with server(answers(f"{status} X", body)) as url:
        assert (type(failure := sent(url)), failure.kode) == (Avvist, f"HTTP_{status}")


@pytest.mark.parametrize("who", IN_BETWEEN)
def test_nothing_is_absent_because_somebody_in_between_does_not_know_the_way(who: str) -> None:
    with server(answers("404 Not Found", IN_BETWEEN[who])) as url, pytest.raises(ProvIgjen, match="HTTP_404"):
        wire(url).find("/en")


ENVOY = b"upstream connect error or disconnect/reset before headers. "


@pytest.mark.parametrize(
    ("body", "passed_on"),
    [
        (ENVOY, True),
        (ENVOY + b"reset reason: connection termination", True),
        (ENVOY + b"reset reason: remote reset", True),
        (ENVOY + b"retried and the latest reset reason: local reset", True),
        (ENVOY + b"reset reason: protocol error", True),
        (b'{"message": "' + ENVOY + b'reset reason: connection termination"}', True),
        (b'{"details": "upstream_reset_before_response_started{connection_termination}"}', True),
        (ENVOY + b"retried and the latest reset reason: connection failure", True),
        (b"<title>503 first byte timeout</title><h1>Error 503 first byte timeout</h1>", True),
        (b"<title>503 Backend fetch failed</title><p>Guru Meditation:</p>", True),
        (ENVOY + b"reset reason: connection failure", False),
        (ENVOY + b"reset reason: remote connection failure, transport failure reason: delayed", False),
        (ENVOY + b"reset reason: connection timeout", False),
        (ENVOY + b"reset reason: overflow", False),
        (ENVOY + b"reset reason: remote refused stream reset", False),
        (b"upstream_reset_before_response_started{remote_connection_failure}", False),
        (b"no healthy upstream", False),
        (b"<html><body><h1>503 Service Unavailable</h1>No server is available.</body></html>", False),
        (b"<a href='/glemt'>Reset password</a>", False),
        (b'{"title": "Nede", "detail": "reset reason: connection termination"}', False),
        (b"", False),
    ],
)
def test_only_a_way_that_broke_tells_that_a_call_may_have_been_passed_on(
    body: bytes, passed_on: bool
) -> None:
    with server(answers("503 X", body)) as url:
        failure = sent(url)
    assert isinstance(failure, ProvIgjen) and failure.passed_on is passed_on


def through(monkeypatch: pytest.MonkeyPatch, proxy: str, url: str) -> KanalFeil:
    """What a call to `url` through the proxy ends in."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return sent(url)


@pytest.mark.parametrize("status", ["407 X", "502 X", "503 X"])
def test_a_proxy_that_lets_nobody_through_delivers_nothing(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    with server(answers(status)) as proxy:
        failure = through(monkeypatch, proxy, "https://system.invalid")
    assert (type(failure), failure.kode) == (ProvIgjen, "IKKE_NAADD")
    failure = through(monkeypatch, "http://127.0.0.1:1", "https://system.invalid")
    assert (type(failure), failure.kode) == (ProvIgjen, "IKKE_NAADD")


def test_a_proxy_that_takes_the_call_and_hangs_up_may_have_passed_it_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The library calls that an error of the proxy's too."""
    with server(resets) as proxy:
        assert type(through(monkeypatch, proxy, "http://system.invalid")) is Uavklart


@pytest.mark.parametrize(
    "bundle", [None, b"", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"]
)
def test_without_certificates_to_trust_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: bytes | None
) -> None:
    """Gone, empty, and no certificate: what the settings of the house or of the machine name."""
    path = tmp_path / "ca.pem"
    if bundle is not None:
        path.write_bytes(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    # Not this machine's own address by name: for that one the environment does not count.
    with socket.create_server(("127.0.0.2", 0)) as listener:
        url = f"https://127.0.0.2:{listener.getsockname()[1]}"
        for call in (lambda: wire(url).send("/", json={}), lambda: wire(url).read("GET", "/")):
            with pytest.raises(ProvIgjen, match="IKKE_NAADD"):
                call()

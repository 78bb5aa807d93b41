"""Judges an assertion as Maskinporten does: who signed it, what it claims, and what the client may have.

Authlib's jwt-bearer grant takes the scope from the form and has other error codes, so the checks are our own.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry, extract_compact

from testmiljo.maskinporten.certificates import key_of
from testmiljo.maskinporten.clients import Delegering, Klient, MpFeil, Register

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALGORITHMS = ["RS256", "RS384", "RS512"]
CLOCK_SECONDS, LONGEST_SECONDS = 10, 120
REQUIRED = frozenset({"iss", "aud", "exp", "iat", "jti", "scope"})
OPTIONAL = frozenset({"resource", "pid", "consumer_org", "iss_onbehalfof"})
ORGNR = re.compile(r"[0-9]{9}", re.ASCII)


class _Signatures(JWSRegistry):
    """Headers with a chain of certificates are longer than joserfc believes."""

    max_header_length = 32_768


SIGNATURES = _Signatures(algorithms=ALGORITHMS)


@dataclass(frozen=True, slots=True)
class Innvilget:
    """What a token is to say. `supplier` is the client's orgnr when it acts for a consumer."""

    client_id: str
    amr: str
    consumer: str
    supplier: str | None
    scope: str
    resource: str | list[str] | None = None
    pid: str | None = None


class Kontroll:
    """The checks, and the memory of what was used. One for all threads."""

    def __init__(self, issuer: str, register: Register) -> None:
        self._issuer, self._register = issuer, register
        self._used: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def judge(self, grant_types: Sequence[str], assertions: Sequence[str]) -> Innvilget:
        """What the form asks for, if it may have it; else MpFeil."""
        if list(grant_types) != [GRANT_TYPE] or len(assertions) != 1:
            raise MpFeil("011", f"the form is grant_type={GRANT_TYPE} and one assertion")
        header, unproven = _opened(assertions[0])
        client = self._register.klienter.get(str(unproven.get("iss")))
        if client is None:
            raise MpFeil("100", "no such client")
        key = self._key(client, header)
        try:
            claims = jwt.decode(assertions[0], key, registry=SIGNATURES).claims
        except (JoseError, ValueError):
            raise MpFeil("124", "the signature does not fit the key") from None
        _check_form(claims)
        if claims["aud"] != self._issuer:
            raise MpFeil("110", f"aud is {self._issuer}")
        _check_times(claims["iat"], claims["exp"])
        self._use_once(client.client_id, claims["jti"], claims["exp"])
        return self._granted(
            client, claims, "virksomhetssertifikat" if "x5c" in header else "private_key_jwt"
        )

    def _key(self, client: Klient, header: Mapping[str, Any]) -> RSAKey:
        if ("kid" in header) == ("x5c" in header):
            raise MpFeil("100", "the header has exactly one of kid and x5c")
        if "x5c" in header:
            return key_of(header["x5c"], client.orgnr, self._register.rotsertifikater)
        found = next((dict(key) for key in client.nokler if key.get("kid") == header["kid"]), None)
        if found is None:
            raise MpFeil("100", "no such key on the client")
        if found.pop("utloper", time.time() + 1) <= time.time():
            raise MpFeil("121", "register a new key")
        return RSAKey.import_key({name: found[name] for name in ("kty", "kid", "n", "e")})

    def _use_once(self, client_id: str, jti: str, exp: int) -> None:
        now, key = time.time(), (client_id, jti)
        with self._lock:
            self._used = {used: until for used, until in self._used.items() if until >= now}
            if key in self._used:
                raise MpFeil("012", "jti is new each time")
            self._used[key] = exp + CLOCK_SECONDS

    def _granted(self, client: Klient, claims: Mapping[str, Any], amr: str) -> Innvilget:
        scopes = claims["scope"].split()
        for scope in scopes:
            if scope not in client.scopes:
                raise MpFeil("200", scope)
        customer = self._customer(client, claims)
        if customer is None:
            self._demand_access(client.orgnr, scopes, "201")
        else:
            self._demand_access(customer, scopes, "250")
            self._demand_delegation(customer, client.orgnr, scopes)
        return Innvilget(
            client.client_id,
            amr,
            consumer=customer or client.orgnr,
            supplier=client.orgnr if customer else None,
            scope=" ".join(scopes),
            resource=claims.get("resource"),
            pid=claims.get("pid"),
        )

    def _customer(self, client: Klient, claims: Mapping[str, Any]) -> str | None:
        """The orgnr the client acts for, by number or by the name it is registered under."""
        if "iss_onbehalfof" not in claims:
            return claims.get("consumer_org")
        found = client.pa_vegne_av.get(claims["iss_onbehalfof"])
        if found is None:
            raise MpFeil("251", "iss_onbehalfof is not registered on the client")
        return found

    def _demand_access(self, orgnr: str, scopes: Sequence[str], kode: str) -> None:
        for scope in scopes:
            if not self._register.has_access(orgnr, scope):
                raise MpFeil(kode, scope)

    def _demand_delegation(self, consumer: str, supplier: str, scopes: Sequence[str]) -> None:
        for scope in scopes:
            if Delegering(consumer, supplier, scope) not in self._register.delegeringer:
                raise MpFeil("251", scope)


def _opened(assertion: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims, before anything is known to be true."""
    try:
        parts = extract_compact(assertion.encode(), registry=SIGNATURES)
        header, claims = parts.headers(), json.loads(parts.payload)
    except (JoseError, ValueError):
        raise MpFeil("011", "the assertion is not a JWT") from None
    if not isinstance(claims, dict):
        raise MpFeil("011", "the assertion has no claims")
    return header, claims


def _check_form(claims: Mapping[str, Any]) -> None:
    if missing := sorted(REQUIRED - set(claims)):
        raise MpFeil("011", "missing: " + ", ".join(missing))
    if unknown := sorted(set(claims) - REQUIRED - OPTIONAL):
        raise MpFeil("011", "unknown: " + ", ".join(unknown))
    if {"consumer_org", "iss_onbehalfof"} <= set(claims):
        raise MpFeil("011", "consumer_org and iss_onbehalfof exclude each other")
    for name in ("iat", "exp"):
        if type(claims[name]) is not int:
            raise MpFeil("011", f"{name} is a whole number")
    for name in {"jti", "scope", "pid", "iss_onbehalfof"} & set(claims):
        if not isinstance(claims[name], str) or not claims[name].strip():
            raise MpFeil("011", f"{name} is a text")
    if not ORGNR.fullmatch(str(claims.get("consumer_org", "000000000"))):
        raise MpFeil("011", "consumer_org is nine digits")
    resource = claims.get("resource", "")
    if not all(isinstance(one, str) for one in (resource if isinstance(resource, list) else [resource])):
        raise MpFeil("011", "resource is a text or several")


def _check_times(iat: int, exp: int) -> None:
    now = time.time()
    if abs(iat - now) > CLOCK_SECONDS:
        raise MpFeil("130", f"iat is more than {CLOCK_SECONDS} s from our clock")
    if exp - iat > LONGEST_SECONDS:
        raise MpFeil("130", f"exp is more than {LONGEST_SECONDS} s after iat")
    if exp <= now:
        raise MpFeil("130", "exp is past")

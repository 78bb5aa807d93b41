"""What the tests of Maskinporten's double share: its registered clients, their keys, and an assertion to spoil."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import CertificateBuilder, load_pem_x509_certificate
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from testmiljo.sim.process import Simulation

SUPPLIER, CONSUMER, STRANGER = "312990202", "312990105", "312990024"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "ks:fiks"


class _Signatures(JWSRegistry):
    """Room for certificates in the header."""

    max_header_length = 32_768


def make_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "kid": kid}, private=True)


KEY, OLD_KEY, OTHER_KEY = make_key("k-1"), make_key("k-old"), make_key("k-1")


def registration(*roots: str) -> dict[str, Any]:
    """A supplier with keys, one with a certificate, who has given what to whom, and the roots that are trusted."""
    old = {**OLD_KEY.as_dict(private=False), "utloper": int(time.time()) - 1}
    keys = [KEY.as_dict(private=False), old]
    scopes = [SCOPE, "ks:lukket", "ks:kunde"]
    return {
        "klienter": [
            {
                "client_id": "leverandor",
                "orgnr": SUPPLIER,
                "scopes": scopes,
                "nokler": keys,
                "pa_vegne_av": {"kunden": CONSUMER},
            },
            {"client_id": "sertifisert", "orgnr": SUPPLIER, "scopes": [SCOPE]},
        ],
        "tilganger": {SCOPE: [SUPPLIER, CONSUMER, STRANGER], "ks:kunde": [SUPPLIER]},
        "delegeringer": [{"consumer": CONSUMER, "supplier": SUPPLIER, "scope": SCOPE}],
        "rotsertifikater": list(roots),
    }


def assertion(
    issuer: str,
    *,
    key: RSAKey = KEY,
    header: Mapping[str, Any] | None = None,
    alg: str = "RS256",
    **changes: Any,
) -> str:
    """A right assertion with `changes`; a claim that is None is left out. `header` replaces kid."""
    now = int(time.time())
    right = {
        "aud": issuer,
        "iss": "leverandor",
        "scope": SCOPE,
        "iat": now,
        "exp": now + 100,
        "jti": str(uuid4()),
    }
    claims = {name: value for name, value in (right | changes).items() if value is not None}
    named = {"kid": key.kid} if header is None else dict(header)
    return jwt.encode({"alg": alg, **named}, claims, key, registry=_Signatures(algorithms=[alg]))


def ask(sim: Simulation, raw: str, **form: str) -> requests.Response:
    """POST to the token endpoint."""
    session = requests.Session()
    session.trust_env = False
    data = {"grant_type": GRANT, "assertion": raw, **form}
    return session.post(sim.url("maskinporten") + "/token", data=data, timeout=20)


@dataclass(frozen=True)
class Sertifikater:
    """Certificates that openssl made in `folder`: a root, an intermediate below it, and those below that."""

    folder: Path

    def pem(self, name: str) -> str:
        return (self.folder / f"{name}.crt").read_text("ascii")

    def key(self, name: str) -> RSAKey:
        return RSAKey.import_key((self.folder / f"{name}.key").read_text("ascii"))

    def x5c(self, *names: str) -> list[str]:
        ders = [
            load_pem_x509_certificate(self.pem(name).encode()).public_bytes(Encoding.DER) for name in names
        ]
        return [base64.b64encode(der).decode() for der in ders]

    def make(self, name: str, subject: str, usage: str, by: str = "", *, ca: str = "FALSE") -> None:
        """A key and a certificate, signed by `by` or by itself."""
        extensions = self.folder / f"{name}.cnf"
        extensions.write_text(f"basicConstraints=critical,CA:{ca}\nkeyUsage=critical,{usage}\n", "ascii")
        self._openssl(
            "req", "-new", "-newkey", "rsa:2048", "-nodes", "-utf8", "-subj", subject,
            "-keyout", f"{name}.key", "-out", f"{name}.csr",
        )  # fmt: skip
        signer = (
            ["-CA", f"{by}.crt", "-CAkey", f"{by}.key", "-CAcreateserial"]
            if by
            else ["-signkey", f"{name}.key"]
        )
        self._openssl(
            "x509", "-req", "-in", f"{name}.csr", *signer, "-days", "30", "-extfile", extensions.name,
            "-out", f"{name}.crt",
        )  # fmt: skip

    def end(self, name: str, by: str) -> None:
        """Make the certificate anew, expired yesterday: not every openssl can date one back."""
        old, yesterday = (
            load_pem_x509_certificate(self.pem(name).encode()),
            datetime.now(UTC) - timedelta(days=1),
        )
        builder = CertificateBuilder(old.issuer, old.subject, old.public_key(), old.serial_number)
        for extension in old.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        builder = builder.not_valid_before(yesterday - timedelta(days=30)).not_valid_after(yesterday)
        signer = load_pem_private_key((self.folder / f"{by}.key").read_bytes(), None)
        assert isinstance(signer, RSAPrivateKey)
        made = builder.sign(signer, SHA256())
        (self.folder / f"{name}.crt").write_bytes(made.public_bytes(Encoding.PEM))

    def _openssl(self, *command: str) -> None:
        subprocess.run(["openssl", *command], cwd=self.folder, check=True, capture_output=True)


def make_certificates(folder: Path) -> Sertifikater:
    made = Sertifikater(folder)
    sign, issue, old = "digitalSignature", "keyCertSign", f"/O=Leverandor/serialNumber={SUPPLIER}"
    made.make("rot", "/CN=Test rot", issue, ca="TRUE")
    made.make("mellom", "/CN=Test utsteder", issue, "rot", ca="TRUE")
    made.make("ny", f"/O=Leverandor/organizationIdentifier=NTRNO-{SUPPLIER}", sign, "mellom")
    made.make("eldre", old, sign, "mellom")
    made.make("annen", f"/O=Annen/organizationIdentifier=NTRNO-{STRANGER}", sign, "mellom")
    made.make("uten_orgnr", "/O=Leverandor", sign, "mellom")
    made.make("kryptering", old, "keyEncipherment", "mellom")
    made.make("selvlaget", old, sign)
    made.make("under_ny", old, sign, "ny")
    made.make("utlopt", old, sign, "mellom")
    made.end("utlopt", "mellom")
    return made

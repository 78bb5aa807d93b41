"""Fiks-print API v1: public key of a print class, and the state of an order (svarut.md 6.3, 8.1)."""

from __future__ import annotations

import base64
from datetime import datetime
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Blueprint, Response

from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet
from fiks.print import print_houses, queries
from fiks.print.rules import Konfidensialitetsklasse
from fiks.print.states import Ordrestatus
from fiks.svarut.sender import restricted_lane
from portal.access.actor import current_actor
from portal.api.model import Svarmodell
from portal.api.operation import operasjon
from portal.http.api_errors import json_answer

blueprint = Blueprint("api_print", __name__, url_prefix="/print/api/v1")
GRUPPE = "Print"


class OffentligNokkel(Svarmodell):
    """Nøkkelen brev krypteres til. `nokkel` er den offentlige nøkkelen, DER i base64."""

    nokkel: str
    validFrom: datetime
    validTo: datetime
    serial: str
    subjectDN: str
    issuerDN: str


class Klassenokkel(Svarmodell):
    """Trykkeriet som har klassen. `signature`: RSA med SHA-256 over nøkkelens DER, med SvarUts nøkkel, i base64."""

    leverandor: str
    offentligNokkel: OffentligNokkel
    konfidensialitetsklasse: Konfidensialitetsklasse
    signature: str


class Ordrestand(Svarmodell):
    """Hvordan det går med en ordre. Beløp er i øre, vekt i gram."""

    referanse: UUID
    leverandor: str
    konfidensialitetsklasse: Konfidensialitetsklasse
    status: Ordrestatus
    konteringskode: str | None = None
    sider: int
    ark: int | None = None
    vektGram: int | None = None
    portoOre: int | None = None
    produksjonOre: int | None = None
    mottatt: datetime
    overlevert: datetime | None = None
    postlagt: datetime | None = None
    retur: datetime | None = None


@blueprint.get("/konfidensialitetsklasse/<klasse>", strict_slashes=False)
@operasjon("Hent nøkkelen brev av en klasse krypteres til", gruppe=GRUPPE, svar=Klassenokkel)
def klasse(klasse: str) -> Response:
    """The key of the print house that serves a class, signed by us; 404 when none does."""
    own = current().svarut_keys
    house = (
        print_houses.house_for_class(Konfidensialitetsklasse(klasse))
        if klasse in list(Konfidensialitetsklasse)
        else None
    )
    if house is None or house.sertifikat is None or not own:
        raise IkkeFunnet("FINNES_IKKE")
    certificate = x509.load_pem_x509_certificate(house.sertifikat.encode())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = own[0].key.sign(key, padding.PKCS1v15(), hashes.SHA256())
    told = Klassenokkel(
        leverandor=house.kode,
        offentligNokkel=_key(certificate, key),
        konfidensialitetsklasse=Konfidensialitetsklasse(klasse),
        signature=base64.b64encode(signature).decode(),
    )
    return json_answer(told.as_json())


def _key(certificate: x509.Certificate, key: bytes) -> OffentligNokkel:
    return OffentligNokkel(
        nokkel=base64.b64encode(key).decode(),
        validFrom=certificate.not_valid_before_utc,
        validTo=certificate.not_valid_after_utc,
        serial=str(certificate.serial_number),
        subjectDN=certificate.subject.rfc4514_string(),
        issuerDN=certificate.issuer.rfc4514_string(),
    )


@blueprint.get("/ordre/<leverandor>/<uuid:ordre_id>", strict_slashes=False)
@operasjon("Se hvordan det går med en printordre", gruppe=GRUPPE, svar=Ordrestand)
def ordre(leverandor: str, ordre_id: UUID) -> Response:
    """State of one of the caller's own orders; that a letter waits in the restricted lane is never revealed."""
    found = restricted_lane.visible_order(queries.order(leverandor, ordre_id, actor=current_actor()))
    told = Ordrestand(
        referanse=found.referanse,
        leverandor=found.leverandor,
        konfidensialitetsklasse=Konfidensialitetsklasse(found.klasse),
        status=Ordrestatus(found.status),
        konteringskode=found.konteringskode,
        sider=found.sider,
        ark=found.ark,
        vektGram=found.vekt_gram,
        portoOre=found.porto_ore,
        produksjonOre=found.produksjon_ore,
        mottatt=found.opprettet,
        overlevert=found.overlevert,
        postlagt=found.postlagt,
        retur=found.retur,
    )
    return json_answer(told.as_json())

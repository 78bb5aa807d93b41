"""Look-ups in the national registers for machines: KRR, Folkeregisteret and Enhetsregisteret, one at a time."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import Blueprint, Response, current_app, request
from pydantic import Field

from fiks.registeroppslag import service
from fiks.registeroppslag.hjemler import HJEMLER
from fiks.registeroppslag.rules import Enhetstatus, Personstatus, Registeradresse, Registernavn
from fiks.registeroppslag.service import Registre
from portal.access.actor import current_actor
from portal.api.model import Krevd, Modell, Svarmodell
from portal.api.operation import operasjon
from portal.api.reading import read
from portal.http.api_errors import json_answer

blueprint = Blueprint(
    "api_register", __name__, url_prefix="/register/api/v1/organisasjoner/<uuid:fiks_org_id>/oppslag"
)
GRUPPE = "Registeroppslag"
LOGGED = (
    "Oppslaget blir logget med hjemmelen, og personen kan se det på Min side. Er adressen strengt fortrolig, er "
    "`strengtFortrolig` sant, og ingenting annet blir svart. En integrasjon kan slå opp 1000 ganger i timen."
)


def _hjemler(register: Registernavn) -> str:
    codes = [one.kode for one in HJEMLER.values() if register in one.registre]
    return f"^({'|'.join(codes)})$"


class Kontaktoppslag(Modell):
    """En person, og hjemmelen for oppslaget."""

    fnr: Krevd[str] = Field(default="", json_schema_extra={"pattern": "^[0-9]{11}$"})
    hjemmel: Krevd[str] = Field(default="", json_schema_extra={"pattern": _hjemler(Registernavn.KRR)})


class Personoppslag(Modell):
    """En person, og hjemmelen for oppslaget."""

    fnr: Krevd[str] = Field(default="", json_schema_extra={"pattern": "^[0-9]{11}$"})
    hjemmel: Krevd[str] = Field(
        default="", json_schema_extra={"pattern": _hjemler(Registernavn.FOLKEREGISTER)}
    )


class Enhetsoppslag(Modell):
    """En virksomhet."""

    orgnr: Krevd[str] = Field(default="", json_schema_extra={"pattern": "^[0-9]{9}$"})


class Oppslagsadresse(Svarmodell):
    """Postadressen. `land` mangler for adresser i Norge."""

    adresselinjer: tuple[str, ...]
    postnr: str
    poststed: str
    land: str | None = None


class Kontaktoppslagssvar(Svarmodell):
    """Hvordan personen kan nås. `registrert` er usant når personen ikke står i registeret."""

    strengtFortrolig: bool
    registrert: bool | None = None
    reservert: bool | None = None
    digitalPostkasse: str | None = None
    kanVarsles: bool | None = None


class Personoppslagssvar(Svarmodell):
    """Personen. `adresseSkjult` er sant når adressen er fortrolig og ikke blir svart.

    `status` er Folkeregisterets egen, og `ukjent` når den mangler eller er ny.
    """

    funnet: bool
    strengtFortrolig: bool
    navn: str | None = None
    status: Personstatus | None = None
    adresseSkjult: bool | None = None
    adresse: Oppslagsadresse | None = None


class Enhetsoppslagssvar(Svarmodell):
    """Virksomheten."""

    orgnr: str
    status: Enhetstatus
    navn: str | None = None
    organisasjonsform: str | None = None
    adresse: Oppslagsadresse | None = None


@blueprint.post("/krr", strict_slashes=False)
@operasjon(
    "Slå opp hvordan en person kan nås",
    gruppe=GRUPPE,
    tekst=LOGGED,
    kropp=Kontaktoppslag,
    svar=Kontaktoppslagssvar,
)
def krr(fiks_org_id: UUID) -> Response:
    """Look up one person in KRR."""
    said = read(Kontaktoppslag, request.get_data())
    found = service.look_up_contact(fiks_org_id, said.fnr, said.hjemmel, _registre(), actor=current_actor())
    if found.strengt_fortrolig:
        return json_answer(Kontaktoppslagssvar(strengtFortrolig=True).as_json())
    told = Kontaktoppslagssvar(
        strengtFortrolig=False,
        registrert=found.registrert,
        reservert=found.reservert,
        digitalPostkasse=found.postkasse,
        kanVarsles=found.kan_varsles,
    )
    return json_answer(told.as_json())


@blueprint.post("/person", strict_slashes=False)
@operasjon(
    "Slå opp en person i Folkeregisteret",
    gruppe=GRUPPE,
    tekst=LOGGED,
    kropp=Personoppslag,
    svar=Personoppslagssvar,
)
def person(fiks_org_id: UUID) -> Response:
    """Look up one person in Folkeregisteret."""
    said = read(Personoppslag, request.get_data())
    found = service.look_up_person(fiks_org_id, said.fnr, said.hjemmel, _registre(), actor=current_actor())
    if found.strengt_fortrolig or not found.funnet:
        bare = Personoppslagssvar(funnet=found.funnet, strengtFortrolig=found.strengt_fortrolig)
        return json_answer(bare.as_json())
    told = Personoppslagssvar(
        funnet=True,
        strengtFortrolig=False,
        navn=found.navn,
        status=found.status,
        adresseSkjult=found.adresse_skjult,
        adresse=_address(found.adresse),
    )
    return json_answer(told.as_json())


@blueprint.post("/enhet", strict_slashes=False)
@operasjon("Slå opp en virksomhet", gruppe=GRUPPE, kropp=Enhetsoppslag, svar=Enhetsoppslagssvar)
def enhet(fiks_org_id: UUID) -> Response:
    """Look up one organisation in Enhetsregisteret."""
    said = read(Enhetsoppslag, request.get_data())
    found = service.look_up_organisation(fiks_org_id, said.orgnr, _registre(), actor=current_actor())
    told = Enhetsoppslagssvar(
        orgnr=found.orgnr,
        status=found.status,
        navn=found.navn or None,
        organisasjonsform=found.organisasjonsform,
        adresse=_address(found.adresse),
    )
    return json_answer(told.as_json())


def _registre() -> Registre:
    """This app's client of the national registers."""
    return cast(Registre, current_app.extensions["fiks_register"])


def _address(address: Registeradresse | None) -> Oppslagsadresse | None:
    if address is None:
        return None
    return Oppslagsadresse(
        adresselinjer=address.adresselinjer,
        postnr=address.postnr,
        poststed=address.poststed,
        land=address.land,
    )

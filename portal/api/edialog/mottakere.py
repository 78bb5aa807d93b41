"""Configuration of eDialog's mottakere, `/edialog/api/v1` (svarut.md 8.3): KS' edialog-mottaker and edialog-oppslag v1.

The same use cases as the konto's page. An integrasjon needs EDIALOG.KONFIGURERE on the konto, or on SvarUt above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Blueprint, Response, request

from fiks.core.errors import UgyldigeFelt, UgyldigInndata
from fiks.core.values.identifiers import is_orgnr
from fiks.edialog.mottaker import queries, service
from fiks.edialog.mottaker.queries import Mottakerstand
from fiks.edialog.rules import Feil
from fiks.konfigurasjon.konto.rules import Printleverandor
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Registeradresse
from portal.access.actor import current_actor
from portal.access.machine_login import require_privilege
from portal.altinn import party_lookup
from portal.api.edialog import mottaker_models
from portal.api.enhetsregister import look_up_unit
from portal.api.operation import operasjon
from portal.api.query import read_query
from portal.api.reading import read
from portal.extensions import LOOKUP_LIMIT, limiter, machine_key
from portal.http.api_errors import json_answer
from portal.org_lookup import Enhet, Registersvar

blueprint = Blueprint("api_edialog", __name__, url_prefix="/edialog/api/v1")
MOTTAKERE = "/mottakere"
MOTTAKER = f"{MOTTAKERE}/<uuid:mottaker_id>"
GRUPPE = "eDialog: konfigurasjon"
NUMMER = (
    "Nummeret er organisasjonens eget, eller det som står på forsiden til kontoen. Det siste kan bare velges av en "
    "person som har tilgangen «Post/arkiv» for det i Altinn."
)
NINE = re.compile(r"[0-9]{9}")
WIRE = {"postnr": "postnummer"}
"""Wire names of domain fields, where they differ."""


@blueprint.get(MOTTAKERE, strict_slashes=False)
@operasjon(
    "Se mottakerne",
    gruppe=GRUPPE,
    tekst="Mottakerne integrasjonen eller personen kan konfigurere.",
    sporring=mottaker_models.Mottakersok,
    svar=mottaker_models.MottakereV1,
)
def alle() -> Response:
    """The mottakere the caller configures, or those of them at or below a ressurs."""
    wanted, actor = read_query(mottaker_models.Mottakersok).forelderRessurs, current_actor()
    if wanted is not None:
        require_privilege(P.KONFIGURERE_EDIALOG, ressurs_id=wanted)
    found = queries.configured_mottakere(wanted, actor=actor)
    return json_answer(
        mottaker_models.MottakereV1(mottakere=tuple(_mottaker_model(one) for one in found)).as_json()
    )


@blueprint.post(MOTTAKERE, strict_slashes=False)
@operasjon(
    "Lag en mottaker",
    gruppe=GRUPPE,
    tekst=f"Det som sendes til mottakeren, faktureres SvarUt-kontoen. En konto kan ha én mottaker. {NUMMER}",
    kropp=mottaker_models.NyMottakerRequestV1,
    svar=mottaker_models.MottakerV1,
)
def ny() -> Response:
    """Create the mottaker of a konto that has none."""
    said = read(mottaker_models.NyMottakerRequestV1, request.get_data())
    organisasjon_id, facts = said.fiksOrganisasjonId, said.mottaker
    assert organisasjon_id is not None and facts is not None
    forelder, actor = facts.forelderRessurs, current_actor()
    kontoer = queries.configurable_kontoer(organisasjon_id, forelder, actor=actor)
    require_privilege(
        P.KONFIGURERE_EDIALOG, ressurs_id=kontoer[0] if kontoer else forelder or organisasjon_id
    )
    with _wire_field_names("mottaker."):
        made = service.create_mottaker(
            organisasjon_id,
            facts.oppsett(aktiv=said.aktiv),
            forelder_id=forelder,
            spor=party_lookup(),
            actor=actor,
        )
    return _answer(made)


@blueprint.get(MOTTAKER, strict_slashes=False)
@operasjon("Se en mottaker", gruppe=GRUPPE, svar=mottaker_models.MottakerV1)
def en(mottaker_id: UUID) -> Response:
    """One mottaker."""
    _enter(mottaker_id)
    return _answer(mottaker_id)


@blueprint.put(MOTTAKER, strict_slashes=False)
@operasjon(
    "Endre en mottaker",
    gruppe=GRUPPE,
    tekst=f"Alt byttes ut, også det som utelates. Med forelderRessurs kan en annen konto bli fakturert. {NUMMER}",
    kropp=mottaker_models.MottakerRequestV1,
    svar=mottaker_models.MottakerV1,
)
def endre(mottaker_id: UUID) -> Response:
    """Replace all facts, but neither the status nor who prints."""
    _enter(mottaker_id)
    said = read(mottaker_models.MottakerRequestV1, request.get_data())
    forelder = said.forelderRessurs
    if forelder is not None:
        require_privilege(P.KONFIGURERE_EDIALOG, ressurs_id=forelder)
    with _wire_field_names():
        service.change_mottaker(
            mottaker_id,
            said.oppsett(aktiv=None),
            forelder_id=forelder,
            spor=party_lookup(),
            actor=current_actor(),
        )
    return _answer(mottaker_id)


@blueprint.put(f"{MOTTAKER}/status", strict_slashes=False)
@operasjon(
    "Slå en mottaker av eller på",
    gruppe=GRUPPE,
    tekst="Når den er slått av, kan ingen begynne på eller sende en henvendelse. Svar på brev kommer uansett.",
    kropp=mottaker_models.StatusRequestV1,
    svar=mottaker_models.MottakerV1,
)
def status(mottaker_id: UUID) -> Response:
    """Set whether citizens may write to it."""
    _enter(mottaker_id)
    said = read(mottaker_models.StatusRequestV1, request.get_data())
    with _wire_field_names():
        service.set_status(mottaker_id, aktiv=said.aktiv, actor=current_actor())
    return _answer(mottaker_id)


@blueprint.put(f"{MOTTAKER}/printleverandor", strict_slashes=False)
@operasjon(
    "Bytt printleverandør for en mottaker",
    gruppe=GRUPPE,
    tekst="Gjelder henvendelser som sendes fra nå av, og som går på papir. "
    "GRAFISK_DIGITAL krever at organisasjonen har fakturaopplysninger.",
    kropp=mottaker_models.OppdaterPrintleverandorRequestV1,
    svar=mottaker_models.MottakerV1,
)
def printleverandor(mottaker_id: UUID) -> Response:
    """Set who prints what is sent to it."""
    _enter(mottaker_id)
    said = read(mottaker_models.OppdaterPrintleverandorRequestV1, request.get_data())
    with _wire_field_names():
        service.set_printleverandor(mottaker_id, said.printleverandor, actor=current_actor())
    return _answer(mottaker_id)


@blueprint.get("/oppslag/<organisasjonsnummer>", strict_slashes=False)
@limiter.limit(LOOKUP_LIMIT, key_func=machine_key)
@operasjon(
    "Slå opp en virksomhet i Enhetsregisteret",
    gruppe=GRUPPE,
    tekst="Navn og adresse til en ny mottaker. En integrasjon kan slå opp 60 ganger i minuttet.",
    svar=mottaker_models.Enhetsadresse,
)
def oppslag(organisasjonsnummer: str) -> Response:
    """Enhetsregisteret's answer about a number."""
    if not is_orgnr(organisasjonsnummer):
        shown = organisasjonsnummer if NINE.fullmatch(organisasjonsnummer) else None
        wrong = mottaker_models.Enhetsoppslagsstatus.UGYLDIG_IDENTIFIKATOR
        return json_answer(mottaker_models.Enhetsadresse(organisasjonsnummer=shown, status=wrong).as_json())
    found = look_up_unit(organisasjonsnummer)
    return json_answer(_unit(found).as_json())


def _enter(mottaker_id: UUID) -> None:
    """Require the right to the mottaker: the same refusal whether it is another organisation's or does not
    exist.
    """
    require_privilege(P.KONFIGURERE_EDIALOG, ressurs_id=queries.konto_of(mottaker_id) or mottaker_id)


@contextmanager
def _wire_field_names(within: str = "") -> Iterator[None]:
    """Report faults by the body's field names, below `within`."""
    try:
        yield
    except UgyldigInndata as error:
        found = error.feil if isinstance(error, UgyldigeFelt) else (error,)
        named = [
            Feil(f"{within}{WIRE.get(one.felt or '', one.felt)}", one.kode, dict(one.params)) for one in found
        ]
        raise UgyldigeFelt(named) from error


def _answer(mottaker_id: UUID) -> Response:
    return json_answer(_mottaker_model(queries.mottaker(mottaker_id, actor=current_actor())).as_json())


def _mottaker_model(one: Mottakerstand) -> mottaker_models.MottakerV1:
    said = one.oppsett
    return mottaker_models.MottakerV1(
        id=one.id,
        shortId=one.short_id,
        fiksOrganisasjonId=one.organisasjon_id,
        orgnr=said.orgnr,
        navn=said.navn,
        adresselinje1=said.adresselinje1 or None,
        adresselinje2=said.adresselinje2 or None,
        adresselinje3=said.adresselinje3 or None,
        postnummer=said.postnr,
        poststed=said.poststed,
        aktiv=bool(said.aktiv),
        printleverandor=Printleverandor(said.printleverandor),
    )


def _unit(found: Enhet) -> mottaker_models.Enhetsadresse:
    """A deleted unit has no address to write to, and counts as not found."""
    if found.svar is not Registersvar.FUNNET:
        return mottaker_models.Enhetsadresse(
            organisasjonsnummer=found.orgnr, status=mottaker_models.Enhetsoppslagsstatus.IKKE_FUNNET
        )
    return mottaker_models.Enhetsadresse(
        organisasjonsnummer=found.orgnr,
        postadresse=_address(found),
        status=mottaker_models.Enhetsoppslagsstatus.FUNNET,
    )


def _address(found: Enhet) -> mottaker_models.Enhetspostadresse:
    known = found.adresse or Registeradresse()
    first, second, third = known.tre_linjer
    return mottaker_models.Enhetspostadresse(
        navn=found.navn,
        adresselinje1=first or None,
        adresselinje2=second or None,
        adresselinje3=third or None,
        postnummer=known.postnr or None,
        poststed=known.poststed or None,
        land=known.land,
    )

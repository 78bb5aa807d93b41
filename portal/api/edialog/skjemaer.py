"""A logged-in citizen's henvendelser through a fagsystem: KS' edialog-skjema v1, `/edialog/api/v1` (svarut.md
8.3).

The same use cases as Min side's pages. The fagsystem calls with its integrasjon and the citizen's ID-porten
token; it needs no privilege, and reaches only what is that citizen's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, UgyldigeFelt, UgyldigInndata
from fiks.core.values.identifiers import is_orgnr
from fiks.edialog import attachments, queries, service
from fiks.edialog.queries import Mottakervalg
from fiks.edialog.rules import SHORT_ID, Feil
from fiks.konfigurasjon.person import service as person_service
from fiks.pdf import Pdfleser
from fiks.svarut.inbox import queries as inbox_queries
from portal.access.actor import current_actor
from portal.api.edialog import skjema_models as svar
from portal.api.edialog.skjema_models import Avsendertype, SkjemaIdtype, SkjemaMottakertype
from portal.api.operation import operasjon
from portal.api.query import read_query
from portal.api.reading import read
from portal.extensions import PICTURE_LIMIT, limiter
from portal.http.api_errors import ApiFeil, json_answer
from portal.minside.edialog.attachments import chunks
from portal.minside.edialog.context import suggested_person
from portal.texts import tekst

blueprint = Blueprint("api_edialog_skjema", __name__, url_prefix="/edialog/api/v1/skjemaer")
SKJEMA = "/<uuid:skjema_id>"
GRUPPE = "eDialog: skjemaer"
MOST = 100
WIRE = {"postnr": "avsenderadresse.postnummer", "telefon": "avsenderadresse.telefonnummer"}
"""Wire names of domain fields, where they differ."""
OF_SENDER = ("navn", "adresselinje1", "adresselinje2", "adresselinje3", "poststed", "land", "epost")


def person_key() -> str:
    """Rate limit key: the citizen, through whatever fagsystem."""
    return f"innbygger:{current_actor().person_id}"


def citizen() -> Aktor:
    """The person the fagsystem calls for; 403 for a machine on its own."""
    actor = current_actor()
    if actor.type is not Aktortype.PERSON:
        raise ApiFeil(403, tekst("KUN_INNBYGGER"), arsak="UTEN_PERSON", kode="KUN_INNBYGGER")
    return actor


@blueprint.get("", strict_slashes=False)
@operasjon("Hent innbyggerens skjemaer", gruppe=GRUPPE, svar=svar.SkjemaerV1)
def alle() -> Response:
    """The citizen's skjemaer, newest first, without those that need a higher level or cannot be decrypted."""
    found = tuple(svar.skjema_model(one) for one in queries.own_skjemaer(limit=MOST, actor=citizen()))
    return json_answer(svar.SkjemaerV1(skjemaer=found).as_json())


@blueprint.post("", strict_slashes=False)
@operasjon(
    "Opprett et skjema",
    gruppe=GRUPPE,
    tekst="Til en mottaker, eller som svar på et brev til innbyggeren selv. Registrene gir forslag til avsender.",
    kropp=svar.NyttSkjemaV1,
    svar=svar.SkjemaV1,
)
def ny() -> Response:
    """Create a draft, or continue the existing one."""
    actor, said = citizen(), read(svar.NyttSkjemaV1, request.get_data())
    assert said.mottaker is not None
    type_, ident = said.mottaker.type, said.mottaker.id
    made = _begin(type_, ident, actor)
    if said.slettEksisterende:
        service.discard_draft(made, actor=actor)
        made = _begin(type_, ident, actor)
    return _answer(made, actor)


def _begin(type_: SkjemaMottakertype, ident: str, actor: Aktor) -> UUID:
    session().rollback()
    forslag = suggested_person("")
    if type_ is not SkjemaMottakertype.SVAR_PA_FORSENDELSE_ID:
        return service.begin(_mottaker(str(type_), ident).short_id, forslag, actor=actor)
    assert actor.person_id is not None
    boks = inbox_queries.postboks_of_person(person_service.pid_of(actor.person_id), actor.acr)
    return service.begin_reply(_uuid(ident), forslag, boks, actor=actor)


@blueprint.get("/<ident>", strict_slashes=False)
@operasjon(
    "Hent et skjema",
    gruppe=GRUPPE,
    tekst="Med `idType` kan id-en være mottakerens eller brevets: da hentes det nyeste utkastet dit.",
    sporring=svar.Skjemasok,
    svar=svar.SkjemaV1,
)
def ett(ident: str) -> Response:
    """One skjema, by its own id or by its mottaker."""
    actor, kind = citizen(), read_query(svar.Skjemasok).idType
    if kind is SkjemaIdtype.SKJEMA_ID:
        return _answer(_uuid(ident), actor)
    if kind is SkjemaIdtype.SVAR_PA_FORSENDELSE_ID:
        return _answer(queries.newest_draft(svar_pa_id=_uuid(ident), actor=actor), actor)
    mottaker = _mottaker(kind.name, ident)
    return _answer(queries.newest_draft(mottaker_id=mottaker.id, actor=actor), actor)


@blueprint.patch(SKJEMA, strict_slashes=False)
@operasjon(
    "Endre et skjema",
    gruppe=GRUPPE,
    tekst="Det som er skrevet feil, lagres ikke. Det som mangler, kan komme senere. Sensitivt krever nivå 4.",
    kropp=svar.OppdaterSkjemaV1,
    svar=svar.SkjemaV1,
)
def endre(skjema_id: UUID) -> Response:
    """Change the fields that are sent, and keep the rest."""
    actor, said = citizen(), read(svar.OppdaterSkjemaV1, request.get_data())
    _require_own(said.avsenderid, queries.skjema(skjema_id, actor=actor).nummer)
    with _wire_field_names():
        service.save_part(skjema_id, said.endring(), actor=actor)
    return _answer(skjema_id, actor)


def _require_own(avsender: svar.OppdaterAvsenderidV1 | None, nummer: str) -> None:
    """The sender is always the citizen; any other is refused."""
    if avsender is not None and (avsender.type is not Avsendertype.PERSON or avsender.id != nummer):
        raise UgyldigInndata("EDIALOG_AVSENDER", felt="avsenderid")


@blueprint.delete(SKJEMA, strict_slashes=False)
@operasjon("Slett et utkast", gruppe=GRUPPE, tekst="Svarer med det som ble slettet.", svar=svar.SkjemaV1)
def slett(skjema_id: UUID) -> Response:
    """Delete a draft with its files."""
    actor = citizen()
    gone = queries.skjema(skjema_id, actor=actor)
    service.discard_draft(skjema_id, actor=actor)
    return json_answer(svar.skjema_model(gone).as_json())


@blueprint.post(f"{SKJEMA}/filer", strict_slashes=False)
@limiter.limit(PICTURE_LIMIT, key_func=person_key)
@operasjon(
    "Last opp et vedlegg",
    gruppe=GRUPPE,
    tekst="Én PDF i hvert kall, som multipart/form-data. Er det flere, lagres ingen. Filen kontrolleres før lagring.",
    svar=svar.SkjemaV1,
)
def last_opp(skjema_id: UUID) -> Response:
    """Add a file."""
    actor = citizen()
    queries.skjema(skjema_id, actor=actor)
    file = _only_file()
    session().rollback()
    with closing(Pdfleser()) as leser:
        attachments.add_file(skjema_id, file.filename or "", chunks(file), leser, actor=actor)
    return _answer(skjema_id, actor)


def _only_file() -> FileStorage:
    """The single file of the call. Several are all refused, so that the caller does not believe any was
    stored.
    """
    files = [file for _, file in request.files.items(multi=True) if file.filename]
    if len(files) != 1:
        raise UgyldigInndata("EDIALOG_EN_FIL" if files else "EDIALOG_FIL_MANGLER", felt="fil")
    return files[0]


@blueprint.delete(f"{SKJEMA}/filer/<uuid:fil_id>", strict_slashes=False)
@operasjon("Slett et vedlegg", gruppe=GRUPPE, svar=svar.SkjemaV1)
def slett_fil(skjema_id: UUID, fil_id: UUID) -> Response:
    """Remove a file."""
    actor = citizen()
    attachments.remove_file(skjema_id, fil_id, actor=actor)
    return _answer(skjema_id, actor)


@blueprint.post(f"{SKJEMA}/send", strict_slashes=False)
@operasjon(
    "Send inn et skjema",
    gruppe=GRUPPE,
    tekst=(
        "Om igjen endrer ingenting. Kvitteringen går til innbyggeren på e-post. Har mottakeren fått et annet nummer "
        "eller navn enn skjemaet viste, sendes ingenting (409): skjemaet viser den nye, og neste kall sender dit."
    ),
    kropp=svar.SendInnSkjemaV1,
    svar=svar.SkjemaV1,
)
def send(skjema_id: UUID) -> Response:
    """Submit the skjema."""
    actor, said = citizen(), read(svar.SendInnSkjemaV1, request.get_data() or b"{}")
    spraak = "nn" if said.spraak is svar.Spraak.NYNORSK else "nb"
    with _wire_field_names():
        service.send(skjema_id, spraak=spraak, actor=actor)
    return _answer(skjema_id, actor)


def _answer(skjema_id: UUID, actor: Aktor) -> Response:
    return json_answer(svar.skjema_model(queries.skjema(skjema_id, actor=actor)).as_json())


def _mottaker(kind: str, ident: str) -> Mottakervalg:
    """The open mottaker with this id, short id or orgnr, depending on `kind`."""
    fits = is_orgnr(ident) if kind.endswith("ORGNR") else SHORT_ID.fullmatch(ident.upper()) is not None
    found = queries.mottaker_by_id(_uuid(ident)) if kind == "MOTTAKER_ID" else None
    if kind != "MOTTAKER_ID" and fits:
        found = queries.mottaker(ident)
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise IkkeFunnet("FINNES_IKKE") from None


@contextmanager
def _wire_field_names() -> Iterator[None]:
    """Report faults by the body's field names."""
    try:
        yield
    except UgyldigeFelt as error:
        raise UgyldigeFelt(
            [Feil(_wire(one.felt or ""), one.kode, dict(one.params)) for one in error.feil]
        ) from error


def _wire(felt: str) -> str:
    return WIRE.get(felt, f"avsenderadresse.{felt}" if felt in OF_SENDER else felt)

"""SvarUt REST v2: send letters and query them (svarut.md 3.2)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from fiks.svarinn import queries as svarinn
from fiks.svarut.sender import status_queries
from fiks.svarut.sender.actions import delete_documents, mark_read_externally
from portal.access.actor import current_actor
from portal.api.operation import operasjon
from portal.api.query import read_query, require_within_limit
from portal.api.reading import read
from portal.api.svarut.letter.v2 import Forsendelse
from portal.api.svarut.older_words import status_changed_at, status_of
from portal.api.svarut.rest import models
from portal.api.svarut.rest.document_facts import document_facts
from portal.api.svarut.rest.send import send
from portal.http.api_errors import json_answer
from portal.texts.svarut.ekspedering import ekspedert

blueprint = Blueprint("svarut_v2", __name__, url_prefix="/api/v2")
SEND, READ, FIND, CHANGE = (f"SvarUt v2: {what}" for what in ("send", "les", "finn", "endre"))
KONTO, BREV = "/kontoer/<uuid:konto_id>/forsendelser", "/forsendelser/<uuid:forsendelse_id>"


@blueprint.post(KONTO, strict_slashes=False)
@operasjon("Send et brev", gruppe=SEND, brev=Forsendelse, svar=models.Sendt)
def forsendelse(konto_id: UUID) -> Response:
    """Take in a letter."""
    return send(konto_id, Forsendelse)


@blueprint.post(f"{KONTO}/status-sok", strict_slashes=False)
@operasjon("Spør hvor brev er", gruppe=READ, kropp=models.StatusSok, svar=models.StatuserV2)
def status(konto_id: UUID) -> Response:
    """Statuses of these letters of the konto."""
    asked = read(models.StatusSok, request.get_data())
    require_within_limit(asked.forsendelseIds, "forsendelseIds")
    told = [
        models.BrevstatusV2(
            id=one.id,
            sisteStatusEndring=status_changed_at(one),
            status=models.StatusV2(status_of(one)),
        )
        for one in status_queries.statuses(konto_id, asked.forsendelseIds, actor=current_actor())
    ]
    return json_answer(models.StatuserV2(statuser=tuple(told)).as_json())


@blueprint.get(KONTO, strict_slashes=False)
@operasjon(
    "Finn brev med en referanse", gruppe=FIND, sporring=models.Referansesok, svar=models.EksternRefSvar
)
def eksternref(konto_id: UUID) -> Response:
    """The ids of the konto's letters with this reference, newest first."""
    asked = read_query(models.Referansesok)
    found = status_queries.letters_by_reference(konto_id, asked.eksternRef, actor=current_actor())
    return json_answer(models.EksternRefSvar(forsendelseIds=tuple(one.id for one in found)).as_json())


@blueprint.get(f"{KONTO}/metadata", strict_slashes=False)
@operasjon(
    "Finn brev med en referanse, med dato og avsendersystem",
    gruppe=FIND,
    sporring=models.Referansesok,
    svar=models.EksternRefMetadataSvar,
)
def eksternref_metadata(konto_id: UUID) -> Response:
    """The konto's letters with this reference, newest first."""
    asked = read_query(models.Referansesok)
    told = [
        models.Funnet(id=one.id, dato=one.opprettet, avgivendeSystem=one.avgivende_system or None)
        for one in status_queries.letters_by_reference(konto_id, asked.eksternRef, actor=current_actor())
    ]
    return json_answer(models.EksternRefMetadataSvar(forsendelser=tuple(told)).as_json())


@blueprint.get(f"{BREV}/hendelser", strict_slashes=False)
@operasjon("Se hva som har skjedd med et brev", gruppe=READ, svar=models.Hendelser)
def hendelser(forsendelse_id: UUID) -> Response:
    """The letter's history."""
    told = [
        models.Hendelse(tidspunkt=one.tid, hendelse=ekspedert(one.kode, one.detaljer))
        for one in status_queries.events(forsendelse_id, actor=current_actor())
    ]
    return json_answer(models.Hendelser(hendelser=tuple(told)).as_json())


@blueprint.get(f"{BREV}/signeringshendelser", strict_slashes=False)
@operasjon("Se hvordan det går med signeringen", gruppe=READ, svar=models.Signeringshendelser)
def signeringshendelser(forsendelse_id: UUID) -> Response:
    """The history of the letter's signing."""
    told = [
        models.Signeringshendelse(
            tidspunkt=one.tid, status=one.status, hendelse=ekspedert(one.kode, one.detaljer)
        )
        for one in status_queries.signing_events(forsendelse_id, actor=current_actor())
    ]
    return json_answer(models.Signeringshendelser(hendelser=tuple(told)).as_json())


@blueprint.get(f"{BREV}/metadata", strict_slashes=False)
@operasjon("Se opplysninger om dokumentene i et brev", gruppe=READ, svar=models.ForsendelseMetadata)
def metadata(forsendelse_id: UUID) -> Response:
    """Metadata of the letter's documents and where their receiver reads them."""
    told = [
        document_facts(forsendelse_id, one)
        for one in status_queries.documents(forsendelse_id, actor=current_actor())
    ]
    return json_answer(models.ForsendelseMetadata(dokumenter=tuple(told)).as_json())


@blueprint.post(f"{BREV}/lest", strict_slashes=False)
@operasjon(
    "Meld at et brev er lest i et annet system",
    gruppe=CHANGE,
    tekst="Brevet blir da ikke skrevet ut. En henvendelse fra eDialog avvises før mottakeren har kvittert for den.",
    kropp=models.LestAv,
    status=204,
)
def lest(forsendelse_id: UUID) -> Response:
    """Register that the letter was read elsewhere."""
    said = read(models.LestAv, request.get_data())
    assert said.tidspunkt is not None
    mark_read_externally(
        forsendelse_id,
        fnr=said.fnr,
        tidspunkt=said.tidspunkt,
        systemnavn=said.eksterntSystemnavn,
        actor=current_actor(),
    )
    return Response(status=204)


@blueprint.delete(f"{BREV}/dokumenter", strict_slashes=False)
@operasjon(
    "Slett dokumentene i et brev",
    gruppe=CHANGE,
    tekst="ORIGINALDOKUMENTER lar forsendelsesfilen være igjen. Venter brevet på mottakerens system, slettes "
    "originalene først når systemet har svart. ALLE sletter alt, og kan ikke angres. En henvendelse fra eDialog "
    "slettes ikke før mottakeren har kvittert for den.",
    sporring=models.Slettetypesok,
    status=204,
)
def slett(forsendelse_id: UUID) -> Response:
    """Delete the letter's documents."""
    asked = read_query(models.Slettetypesok)
    delete_documents(forsendelse_id, alt=asked.slettetype, actor=current_actor())
    return Response(status=204)


@blueprint.get("/forsendelsestyper", strict_slashes=False)
@operasjon("Se forsendelsestypene som kan rutes", gruppe=FIND, svar=models.Forsendelsestyper)
def forsendelsestyper() -> Response:
    """The types a mottakersystem may be set up to receive."""
    return json_answer(models.Forsendelsestyper(forsendelsestyper=status_queries.letter_types()).as_json())


@blueprint.get("/mottakersystem", strict_slashes=False)
@operasjon(
    "Finn mottakersystemer", gruppe=FIND, sporring=models.Mottakersystemsok, svar=models.Mottakersystemer
)
def mottakersystem() -> Response:
    """What mottakersystemer receive, filtered by the given parameters."""
    asked = read_query(models.Mottakersystemsok)
    told = [
        models.Mottakersystem(
            id=one.system_id,
            navn=one.navn,
            organisasjonsnummer=one.orgnr,
            forsendelseType=one.type,
            niva=one.niva,
        )
        for one in svarinn.receptions(
            orgnr=asked.organisasjonsnummer, type=asked.forsendelseType, niva=asked.niva
        )
    ]
    return json_answer(models.Mottakersystemer(mottakersystemer=tuple(told)).as_json())

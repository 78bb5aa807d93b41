"""SvarUt REST v2: send letters and query them (svarut.md 3.2)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from fiks.svarinn import queries as svarinn
from fiks.svarut import reads
from fiks.svarut.lifecycle import delete_documents, mark_read_externally
from portal.access import current_actor
from portal.api.errors import json_answer
from portal.api.operation import operasjon
from portal.api.reading import read
from portal.api.svarut import answers
from portal.api.svarut.brev_v2 import Forsendelse
from portal.api.svarut.documents import document_facts
from portal.api.svarut.older import changed_at, status_of
from portal.api.svarut.query import read_query, require_few
from portal.api.svarut.sending import send
from portal.texts.ekspedering import ekspedert

blueprint = Blueprint("svarut_v2", __name__, url_prefix="/api/v2")
SEND, READ, FIND, CHANGE = (f"SvarUt v2: {what}" for what in ("send", "les", "finn", "endre"))
KONTO, BREV = "/kontoer/<uuid:konto_id>/forsendelser", "/forsendelser/<uuid:forsendelse_id>"


@blueprint.post(KONTO, strict_slashes=False)
@operasjon("Send et brev", gruppe=SEND, brev=Forsendelse, svar=answers.Sendt)
def forsendelse(konto_id: UUID) -> Response:
    """Take in a letter."""
    return send(konto_id, Forsendelse)


@blueprint.post(f"{KONTO}/status-sok", strict_slashes=False)
@operasjon("Spør hvor brev er", gruppe=READ, kropp=answers.StatusSok, svar=answers.StatuserV2)
def status(konto_id: UUID) -> Response:
    """Statuses of these letters of the konto."""
    asked = read(answers.StatusSok, request.get_data())
    require_few(asked.forsendelseIds, "forsendelseIds")
    told = [
        answers.BrevstatusV2(
            id=one.id,
            sisteStatusEndring=changed_at(one),
            status=answers.StatusV2(status_of(one)),
        )
        for one in reads.statuses(konto_id, asked.forsendelseIds, actor=current_actor())
    ]
    return json_answer(answers.StatuserV2(statuser=tuple(told)).as_json())


@blueprint.get(KONTO, strict_slashes=False)
@operasjon(
    "Finn brev med en referanse", gruppe=FIND, sporring=answers.Referansesok, svar=answers.EksternRefSvar
)
def eksternref(konto_id: UUID) -> Response:
    """The ids of the konto's letters with this reference, newest first."""
    asked = read_query(answers.Referansesok)
    found = reads.letters_by_reference(konto_id, asked.eksternRef, actor=current_actor())
    return json_answer(answers.EksternRefSvar(forsendelseIds=tuple(one.id for one in found)).as_json())


@blueprint.get(f"{KONTO}/metadata", strict_slashes=False)
@operasjon(
    "Finn brev med en referanse, med dato og avsendersystem",
    gruppe=FIND,
    sporring=answers.Referansesok,
    svar=answers.EksternRefMetadataSvar,
)
def eksternref_metadata(konto_id: UUID) -> Response:
    """The konto's letters with this reference, newest first."""
    asked = read_query(answers.Referansesok)
    told = [
        answers.Funnet(id=one.id, dato=one.opprettet, avgivendeSystem=one.avgivende_system or None)
        for one in reads.letters_by_reference(konto_id, asked.eksternRef, actor=current_actor())
    ]
    return json_answer(answers.EksternRefMetadataSvar(forsendelser=tuple(told)).as_json())


@blueprint.get(f"{BREV}/hendelser", strict_slashes=False)
@operasjon("Se hva som har skjedd med et brev", gruppe=READ, svar=answers.Hendelser)
def hendelser(forsendelse_id: UUID) -> Response:
    """The letter's history."""
    told = [
        answers.Hendelse(tidspunkt=one.tid, hendelse=ekspedert(one.kode, one.detaljer))
        for one in reads.events(forsendelse_id, actor=current_actor())
    ]
    return json_answer(answers.Hendelser(hendelser=tuple(told)).as_json())


@blueprint.get(f"{BREV}/signeringshendelser", strict_slashes=False)
@operasjon("Se hvordan det går med signeringen", gruppe=READ, svar=answers.Signeringshendelser)
def signeringshendelser(forsendelse_id: UUID) -> Response:
    """The history of the letter's signing."""
    told = [
        answers.Signeringshendelse(
            tidspunkt=one.tid, status=one.status, hendelse=ekspedert(one.kode, one.detaljer)
        )
        for one in reads.signing_events(forsendelse_id, actor=current_actor())
    ]
    return json_answer(answers.Signeringshendelser(hendelser=tuple(told)).as_json())


@blueprint.get(f"{BREV}/metadata", strict_slashes=False)
@operasjon("Se opplysninger om dokumentene i et brev", gruppe=READ, svar=answers.ForsendelseMetadata)
def metadata(forsendelse_id: UUID) -> Response:
    """Metadata of the letter's documents and where their receiver reads them."""
    told = [
        document_facts(forsendelse_id, one) for one in reads.documents(forsendelse_id, actor=current_actor())
    ]
    return json_answer(answers.ForsendelseMetadata(dokumenter=tuple(told)).as_json())


@blueprint.post(f"{BREV}/lest", strict_slashes=False)
@operasjon(
    "Meld at et brev er lest i et annet system",
    gruppe=CHANGE,
    tekst="Brevet blir da ikke skrevet ut. En henvendelse fra eDialog avvises før mottakeren har kvittert for den.",
    kropp=answers.LestAv,
    status=204,
)
def lest(forsendelse_id: UUID) -> Response:
    """Register that the letter was read elsewhere."""
    said = read(answers.LestAv, request.get_data())
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
    sporring=answers.Slettetypesok,
    status=204,
)
def slett(forsendelse_id: UUID) -> Response:
    """Delete the letter's documents."""
    asked = read_query(answers.Slettetypesok)
    delete_documents(forsendelse_id, alt=asked.slettetype, actor=current_actor())
    return Response(status=204)


@blueprint.get("/forsendelsestyper", strict_slashes=False)
@operasjon("Se forsendelsestypene som kan rutes", gruppe=FIND, svar=answers.Forsendelsestyper)
def forsendelsestyper() -> Response:
    """The types a mottakersystem may be set up to receive."""
    return json_answer(answers.Forsendelsestyper(forsendelsestyper=reads.letter_types()).as_json())


@blueprint.get("/mottakersystem", strict_slashes=False)
@operasjon(
    "Finn mottakersystemer", gruppe=FIND, sporring=answers.Mottakersystemsok, svar=answers.Mottakersystemer
)
def mottakersystem() -> Response:
    """What mottakersystemer receive, filtered by the given parameters."""
    asked = read_query(answers.Mottakersystemsok)
    told = [
        answers.Mottakersystem(
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
    return json_answer(answers.Mottakersystemer(mottakersystemer=tuple(told)).as_json())

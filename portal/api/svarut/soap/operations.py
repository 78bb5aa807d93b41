"""Operations of ForsendelsesServiceV9 other than sending; answers are in the order of the WSDL's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from fiks.core import clock
from fiks.core.errors import IkkeFunnet
from fiks.svarinn import queries as svarinn
from fiks.svarut.mottak import reserve_id
from fiks.svarut.mottak.errors import refuse
from fiks.svarut.sender import actions, status_queries
from portal.access.actor import current_actor
from portal.access.basic_login import logged_in_konto
from portal.api.svarut.older_words import SIGNING_TYPES, letter_id, log_time, status_changed_at, status_of
from portal.api.svarut.soap.letter_reader import moment
from portal.api.svarut.soap.responses import Verdi
from portal.api.svarut.soap.xml_reader import Node
from portal.texts.svarut.ekspedering import ekspedert

MANY_IDS, MANY_SIGNINGS = 1_000, 10


def _start(operation: Node) -> Sequence[Verdi]:
    return [str(reserve_id(logged_in_konto(), actor=current_actor()))]


def _ids(operation: Node, most: int) -> list[UUID]:
    """The ids in the operation, whatever their elements are called: clients differ."""
    texts = [below.tekst for one in operation.barn for below in (one.barn or [one])]
    if len(texts) > most:
        raise refuse("FOR_MANGE_IDER", "forsendelseider", grense=most)
    return [letter_id(text) for text in texts]


def _only_id(operation: Node) -> UUID:
    found = _ids(operation, 1)
    if not found:
        raise refuse("FELT_MANGLER", "forsendelsesid")
    return found[0]


def _status(operation: Node) -> Sequence[Verdi]:
    found = status_queries.statuses(logged_in_konto(), [_only_id(operation)], actor=current_actor())
    if not found:
        raise IkkeFunnet("FINNES_IKKE")
    return [status_of(found[0])]


def _statuses(operation: Node) -> Sequence[Verdi]:
    found = status_queries.statuses(logged_in_konto(), _ids(operation, MANY_IDS), actor=current_actor())
    return [
        [
            ("forsendelseStatus", status_of(one)),
            ("forsendelsesid", str(one.id)),
            ("sisteStatusEndring", status_changed_at(one).isoformat(timespec="milliseconds")),
        ]
        for one in found
    ]


def _history(operation: Node) -> Sequence[Verdi]:
    events = status_queries.events(_only_id(operation), actor=current_actor())
    return [[("hendelsesLogg", _event(one)) for one in events]]


def _event(one: status_queries.Brevhendelse) -> Verdi:
    return [("hendelse", ekspedert(one.kode, one.detaljer)), ("tidspunkt", log_time(one.tid))]


def _by_reference(operation: Node) -> Sequence[Verdi]:
    reference = operation.text("eksternRef") or operation.text("eksternref")
    found = status_queries.letters_by_reference(logged_in_konto(), reference, actor=current_actor())
    return [str(one.id) for one in found]


def _read_elsewhere(operation: Node) -> Sequence[Verdi]:
    said = operation.first("lestAv") or operation
    at = said.text("datoLest").strip()
    try:
        tidspunkt = moment(at) if at else clock.now()
    except ValueError:
        raise refuse("FELT_UGYLDIG", "datoLest") from None
    actions.mark_read_externally(
        letter_id(operation.text("forsendelsesid")),
        fnr=said.text("lestAvFodselsnummer").strip(),
        tidspunkt=tidspunkt,
        systemnavn=said.text("navnPaEksterntSystem").strip(),
        actor=current_actor(),
    )
    return []


def _types(operation: Node) -> Sequence[Verdi]:
    return status_queries.letter_types()


def _receivers(operation: Node) -> Sequence[Verdi]:
    found = svarinn.receptions(orgnr=operation.text("organisasjonsnr").strip())
    return [
        [
            ("forsendelseType", one.type),
            ("mottakerid", str(one.system_id)),
            ("mottakersystem", one.navn),
            ("niva", str(one.niva)),
            ("orgnr", one.orgnr),
        ]
        for one in found
    ]


def _signing(operation: Node) -> Sequence[Verdi]:
    return [_signing_of(_only_id(operation))]


def _signings(operation: Node) -> Sequence[Verdi]:
    return [_signing_of(one) for one in _ids(operation, MANY_SIGNINGS)]


def _signing_of(letter: UUID) -> Verdi:
    events = status_queries.signing_events(letter, actor=current_actor())
    return [("forsendelseid", str(letter)), *(("logg", _signing_event(one)) for one in events)]


def _signing_event(one: status_queries.Signeringshendelse) -> Verdi:
    return [
        ("tidspunkt", log_time(one.tid)),
        ("type", SIGNING_TYPES[one.kode]),
        ("hendelse", ekspedert(one.kode, one.detaljer)),
    ]


def _documents(operation: Node) -> Sequence[Verdi]:
    found = status_queries.documents(_only_id(operation), actor=current_actor())
    return [
        [
            ("filnavn", one.filnavn),
            ("mimetype", one.mime_type),
            ("dokumentType", one.dokument_type),
            ("storrelse", str(one.storrelse)),
            ("sha256hash", one.sha256.hex()),
            ("kanSigneres", "true" if one.kan_signeres else "false"),
        ]
        for one in found
    ]


OPERASJONER: Mapping[str, Callable[[Node], Sequence[Verdi]]] = {
    "startNyForsendelse": _start,
    "retrieveForsendelseStatus": _status,
    "retrieveForsendelseStatuser": _statuses,
    "retrieveForsendelseHistorikk": _history,
    "retrieveForsendelseIdByEksternRef": _by_reference,
    "setForsendelseLestAvEksterntSystem": _read_elsewhere,
    "retreiveForsendelseTyper": _types,
    "retrieveMottakerSystemForOrgnr": _receivers,
    "retrieveSigneringshistorikk": _signing,
    "retrieveSigneringshistorikkForFlereForsendelser": _signings,
    # As V10 and V11 call them, and clients of theirs that come here.
    "retrieveForsendelsesStatus": _status,
    "retrieveForsendelsesStatuser": _statuses,
    "retrieveForsendelsesHistorikk": _history,
    "retrieveForsendelsesIderByEksternRef": _by_reference,
    "retrieveForsendelsesTyper": _types,
    "retreiveForsendelsesTyper": _types,
    "retrieveForsendelseTyper": _types,
    "retrieveDokumentMetadata": _documents,
}

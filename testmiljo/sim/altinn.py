"""Altinn 3: correspondence to one receiver, an event feed, and whom a person may act for.

Source: Altinn Correspondence (`correspondence/api/v1`), Altinn Events and Access Management.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from testmiljo.sim.altinn_feed import Feed
from testmiljo.sim.altinn_texts import is_markdown, is_plain
from testmiljo.sim.gate import guard, problem
from testmiljo.sim.store import Forsendelse, Hendelse, Lesing, Store, iso
from testmiljo.sim.switches import Switchboard, Switches

MAX_PAGE = 1000
PERSON, ORGANISATION = "urn:altinn:person:identifier-no:", "urn:altinn:organization:identifier-no:"
EVENTS = {
    "LEVERT": "no.altinn.correspondence.correspondencepublished",
    "LEST": "no.altinn.correspondence.correspondencereceiverread",
    "FEILET": "no.altinn.correspondence.correspondencepublishfailed",
}
LEADER_ROLES = ("DAGL", "A0236", "KOMAB")
POST_PACKAGE = "ordinaer-post-til-virksomheten"
CONFIDENTIAL_PACKAGE = "post-til-virksomheten-med-taushetsbelagt-innhold"
SERVICES = ("svarut", "svarut-taushetsbelagt")
RESOURCE = "urn:altinn:resource:"


class NotAccepted(Exception):
    """A message whose texts Altinn does not take; its words are the answer's title."""


def make(store: Store, board: Switchboard, wake_citizens: Callable[[], None]) -> Blueprint:
    """The system's routes, mounted at /altinn."""
    routes = Blueprint("altinn", __name__, url_prefix="/altinn")
    guard(routes, board)
    feed = Feed(store)

    @routes.post("/correspondence/api/v1/correspondence")
    def send() -> Response:
        try:
            letter, service, lenke = _letter(request.get_data())
        except NotAccepted as refused:
            return problem(400, str(refused))
        except (KeyError, ValueError, TypeError, IndexError):
            return problem(
                400, "Ugyldig melding", detail="one recipient, idempotentKey and content are needed"
            )
        feed.keep(letter, service)
        return _receive(store, board, letter, lenke, wake_citizens)

    @routes.get("/correspondence/api/v1/correspondence")
    def lookup() -> Response:
        referanse = request.args.get("sendersReference", "")
        row = store.find("altinn", referanse, lag_s=board.of("altinn").lookup_lag_s)
        return jsonify({"ids": [] if row is None else [row["leverandor_ref"]]})

    @routes.get("/correspondence/api/v1/correspondence/<korrespondanse>")
    def overview(korrespondanse: str) -> Response:
        row = feed.kept(korrespondanse)
        if row is None:
            return problem(404, "The requested correspondence was not found")
        said = {"correspondenceId": korrespondanse, "status": "Published"}
        return jsonify(said | {"resourceId": row["tjeneste"], "sendersReference": row["referanse"]})

    @routes.get("/events/api/v1/events")
    def receipts() -> Response:
        service = request.args.get("resource", "").removeprefix(RESOURCE)
        if "after" not in request.args or service not in SERVICES:
            return problem(400, "after and resource are needed")
        size = min(request.args.get("size", 50, int), MAX_PAGE)
        rows = feed.events(service, after=request.args.get("after", 0, int), limit=size)
        return jsonify([_cloud_event(row, service) for row in rows])

    @routes.post("/accessmanagement/api/v1/resourceowner/authorizedparties")
    def parties() -> Response:
        body = request.get_json(silent=True) or {}
        if body.get("type") != PERSON.rstrip(":") or not body.get("value"):
            return problem(400, "Ugyldig forespørsel")
        return jsonify(authorized_parties(store, str(body["value"])))

    return routes


def _letter(raw: bytes) -> tuple[Forsendelse, str, str | None]:
    """The letter, its service and the link in it."""
    body = json.loads(raw)
    correspondence = body["correspondence"]
    [recipient] = body["recipients"]
    kind, _, number = recipient.rpartition(":")
    if correspondence["resourceId"] not in SERVICES:
        raise ValueError("not a service")
    if f"{kind}:" not in (PERSON, ORGANISATION) or not correspondence["content"]["messageTitle"]:
        raise ValueError("not a receiver")
    _check_texts(correspondence["content"])
    options = correspondence.get("replyOptions") or []
    letter = Forsendelse(
        system="altinn",
        referanse=str(correspondence["sendersReference"]),
        noekkel=str(uuid.UUID(body["idempotentKey"])),
        leverandor_ref=str(uuid.uuid4()),
        mottaker=number,
        sha256=hashlib.sha256(raw).hexdigest(),
        storrelse=len(raw),
        varsles=_notified(correspondence.get("notification")),
    )
    return letter, correspondence["resourceId"], options[0]["linkURL"] if options else None


def _check_texts(content: dict[str, Any]) -> None:
    if not is_plain(content["messageTitle"]):
        raise NotAccepted("Message title must be plain text")
    if not is_markdown(content["messageBody"]):
        raise NotAccepted("Message body must be markdown")
    if not is_plain(content["messageSummary"]):
        raise NotAccepted("Message summary must be plain text")


def _notified(notification: dict[str, Any] | None) -> str | None:
    """When the receiver is notified; ValueError for a time without zone."""
    if notification is None:
        return None
    wanted = notification.get("requestedSendTime")
    if wanted is None:
        return "STRAKS"
    if datetime.fromisoformat(wanted).tzinfo is None:
        raise ValueError("a time without zone")
    return str(wanted)


def _receive(
    store: Store,
    board: Switchboard,
    letter: Forsendelse,
    lenke: str | None,
    wake_citizens: Callable[[], None],
) -> Response:
    switches = board.of("altinn")
    if switches.chosen("refuse", letter.referanse, switches.refuse):
        return problem(422, "Meldingen er avvist", detail="Simulert avvisning")
    reader, exists = _reader(store, letter.mottaker)
    if not exists:
        return problem(404, "Recipient not found")
    hendelse = _outcome(switches, letter)
    lesing = None
    if reader is not None and lenke and hendelse.art == "LEVERT":
        delay = board.of("innbyggere").delay_ms + switches.receipt_delay_ms
        lesing = Lesing(pid=reader, lenke=lenke, delay_s=delay / 1000)
    known = store.receive(
        letter, hendelse=hendelse, lesing=lesing, accept_duplicates=switches.accept_duplicates
    )
    g.stored = True
    if known is not None:
        return problem(409, "A correspondence with the provided idempotent key already exists")
    wake_citizens()
    sent = {"correspondenceId": letter.leverandor_ref, "status": "Published", "notifications": []}
    return jsonify({"correspondences": [sent], "attachmentIds": []})


def _outcome(switches: Switches, letter: Forsendelse) -> Hendelse:
    broken = switches.broken(letter.mottaker, letter.referanse)
    return Hendelse(
        art="FEILET" if broken else "LEVERT",
        melding="Meldingen kunne ikke publiseres" if broken else None,
        delay_s=switches.receipt_delay_ms / 1000,
        copies=1 + switches.duplicate_receipts,
    )


def _reader(store: Store, number: str) -> tuple[str | None, bool]:
    """Who will read a message to `number`, if anybody, and whether the receiver exists at all."""
    person = store.persons([number]).get(number)
    if person is not None:
        return (number if person["lesing"] == "INNEN_1_TIME" else None), True
    unit = store.organisations([number]).get(number)
    if unit is None:
        return None, False
    return (unit["leder"] if unit["lesing"] == "INNEN_1_TIME" else None), True


def _cloud_event(row: Any, service: str) -> dict[str, Any]:
    """An event as correspondence publishes it: which message it is about, and nothing of what its sender calls it.

    One of a message that nobody sent has a reference and no id: then that stands for it.
    """
    instance = row["referanse"] if row["korrespondanse"] is None else row["korrespondanse"]
    return {
        "id": str(row["nr"]),
        "specversion": "1.0",
        "type": EVENTS[row["art"]],
        "time": iso(row["tidspunkt"]),
        "source": f"{request.host_url}altinn/correspondence/api/v1/correspondence/{instance}",
        "subject": "/party/50000000",
        "alternativesubject": "/organisation/311990039",
        "resource": f"{RESOURCE}{service}",
        "resourceinstance": instance,
    }


def authorized_parties(store: Store, pid: str) -> list[dict[str, Any]]:
    """The person itself and every organisation the person leads or has been given rights for, subunits below theirs."""
    person = store.persons([pid]).get(pid)
    name = (
        " ".join(filter(None, json.loads(person["freg"])["navn"].values()))
        if person is not None
        else "Ukjent"
    )
    units: dict[str, dict[str, Any]] = {}
    for row in store.rows("SELECT * FROM virksomhet WHERE leder = ? ORDER BY orgnr", pid):
        unit = json.loads(row["enhet"])
        units[row["orgnr"]] = _party(
            "Organization",
            unit["navn"],
            organizationNumber=row["orgnr"],
            unitType=unit["organisasjonsform"],
            isDeleted=unit["status"] == "SLETTET",
            authorizedRoles=list(LEADER_ROLES),
            authorizedAccessPackages=[POST_PACKAGE, CONFIDENTIAL_PACKAGE],
        )
    for row in store.rows("SELECT * FROM fullmakt WHERE pid = ? ORDER BY orgnr", pid):
        roles = json.loads(row["roller"])
        units[row["orgnr"]] = _party(
            "Organization", row["navn"], organizationNumber=row["orgnr"], authorizedRoles=roles
        )
    oneself = _party("Person", name, personId=pid, authorizedRoles=["PRIV"])
    return [oneself, *_nested(store, units)]


def _nested(store: Store, units: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Subunits under their main units. One without rights in the main unit sees it only as the way to the subunit."""
    wanted = "SELECT * FROM tilhorighet WHERE orgnr IN (SELECT value FROM json_each(?)) ORDER BY orgnr"
    tops = dict(units)
    for row in store.rows(wanted, json.dumps(list(units))):
        unit, main = units[row["orgnr"]], row["hovedenhet"]
        unit["isDeleted"] = unit["isDeleted"] or bool(row["slettet"])
        if main is None:
            continue
        above = tops.setdefault(
            main,
            _party(
                "Organization",
                row["hovedenhet_navn"],
                organizationNumber=main,
                onlyHierarchyElementWithNoAccess=True,
            ),
        )
        above["subunits"].append({**unit, "parentId": above["partyUuid"], "unitType": "BEDR"})
        del tops[row["orgnr"]]
    return list(tops.values())


def _party(kind: str, name: str, **values: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "partyUuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}:{name}:{values.get('organizationNumber')}")),
        "name": name,
        "type": kind,
        "organizationNumber": None,
        "personId": None,
        "parentId": None,
        "unitType": None,
        "isDeleted": False,
        "onlyHierarchyElementWithNoAccess": False,
        "authorizedAccessPackages": [],
        "authorizedResources": [],
        "authorizedRoles": [],
        "subunits": [],
    }
    return {**empty, **values}

"""Parse a SOAP letter from the elements of V9 into an Innsending (svarut.md 3.5).

Elements may come in any order. Missing ones stay empty, so that the intake rules find all of them at once;
only values of the wrong form are refused here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from fiks.core.values.address import Adresse
from fiks.svarut.mottak import (
    Dokumentfakta,
    Ekstrametadata,
    Funn,
    Innsending,
    Lenke,
    Signatur,
    Signering,
    Svaradresse,
    UgyldigForsendelse,
)
from fiks.svarut.mottak.errors import refuse
from fiks.svarut.rules import Opphav
from portal.api.model import with_oslo_zone
from portal.api.svarut.older_words import digital_id_fault
from portal.api.svarut.soap.xml_reader import Node

T = TypeVar("T")
NUMBER = re.compile("[+-]?[0-9]{1,18}")
PERSON, ORGANISASJON = "personDigitalAdresse", "organisasjonDigitalAdresse"
NOARK_TEXTS = ("journalposttype", "journalstatus", "tittel", "saksbehandler")
NOARK_NUMBERS = ("saksaar", "sakssekvensnummer", "journalaar", "journalpostnummer", "journalsekvensnummer")
NOARK_TIMES = ("dokumentetsDato", "journaldato")


class Felt:
    """Reads elements of simple types and collects findings for values of the wrong form."""

    def __init__(self) -> None:
        self.funn: list[Funn] = []

    def value(self, node: Node, navn: str, read: Callable[[str], T], where: str = "") -> T | None:
        """The child `navn` parsed by `read`; None when missing, empty or wrong."""
        text = node.text(navn).strip()
        if not text:
            return None
        try:
            return read(text)
        except ValueError:
            self.wrong(where or navn)
            return None

    def yes(self, node: Node, navn: str) -> bool:
        """An xs:boolean; false when missing."""
        return bool(self.value(node, navn, boolean))

    def wrong(self, where: str, code: str = "FELT_UGYLDIG") -> None:
        self.funn.append(Funn(code, where))


def boolean(text: str) -> bool:
    """An xs:boolean."""
    if text.lower() not in ("true", "1", "false", "0"):
        raise ValueError("not a boolean")
    return text.lower() in ("true", "1")


def number(text: str) -> int:
    """An xs:int or xs:long."""
    if not NUMBER.fullmatch(text):
        raise ValueError("not a number, or not of this size")
    return int(text)


def moment(text: str) -> datetime:
    """An xs:dateTime; Norwegian time without a zone."""
    return with_oslo_zone(datetime.fromisoformat(text))


def read_letter(operation: Node) -> Innsending:
    """The letter of sendForsendelse and sendForsendelseMedId."""
    said = operation.first("forsendelse")
    if said is None:
        raise refuse("FORSENDELSE_MANGLER")
    to = said.first("mottaker")
    if to is None:
        raise refuse("MOTTAKER_MANGLER", "mottaker")
    felt = Felt()
    post = to.first("postAdresse")
    letter = Innsending(
        opphav=Opphav.SOAP,
        tittel=said.text("tittel"),
        navn=post.text("navn") if post else "",
        dokumenter=tuple(_document(one, felt) for one in said.all("dokumenter")),
        digital_id=_digital_id(to, "mottaker.digitalId", felt),
        adresse=_address(post) if post else None,
        avgivende_system=said.text("avgivendeSystem"),
        konteringskode=said.text("konteringskode"),
        ekstern_referanse=said.text("eksternref"),
        forsendelsestype=said.text("forsendelseType"),
        kun_digital=felt.yes(said, "kunDigitalLevering"),
        kryptert=felt.yes(said, "kryptert"),
        niva4=felt.yes(said, "krevNiva4Innlogging"),
        kan_svares=felt.yes(said, "svarPaForsendelseLink"),
        svar_pa=felt.value(said, "svarPaForsendelse", UUID),
        svar_sendes_til=_answers(said.first("svarSendesTil"), felt),
        lenker=tuple(_link(one) for one in said.all("lenker")),
        signering=_signing(said, felt),
        noark_fra=_noark(said.first("metadataFraAvleverendeSystem"), felt),
        noark_til=_noark(said.first("metadataForImport"), felt),
        **_print(said.first("printkonfigurasjon"), felt),
    )
    if felt.funn:
        raise UgyldigForsendelse(felt.funn)
    return letter


def _document(said: Node, felt: Felt) -> Dokumentfakta:
    pages = [_page(one, felt) for one in said.all("giroarkSider")]
    return Dokumentfakta(
        said.text("filnavn"),
        said.text("mimetype"),
        skal_signeres=felt.yes(said, "skalSigneres"),
        ekskluderes=felt.yes(said, "ekskluderesFraPrint"),
        giroark=tuple(sorted(set(pages))),
        dokument_type=said.text("dokumentType"),
    )


def _page(said: Node, felt: Felt) -> int:
    try:
        return number(said.tekst.strip())
    except ValueError:
        felt.wrong("dokumenter.giroarkSider")
        return 1


def _digital_id(to: Node, where: str, felt: Felt, without: str = "DIGITAL_ID_MANGLER") -> str:
    """The fnr or orgnr; empty when there is none, also for an empty digital address.

    `without`: the code for a digital address with other content, whose number we cannot find.
    """
    said = to.first("digitalAdresse")
    if said is None:
        return ""
    fnr, orgnr = said.text("fnr").strip(), said.text("orgnr").strip()
    kode = digital_id_fault(fnr, orgnr)
    if not (fnr or orgnr) and _holds_something_else(said):
        kode = without
    if not kode and ((fnr and said.type == ORGANISASJON) or (orgnr and said.type == PERSON)):
        kode = "IKKE_ORGANISASJON" if fnr else "IKKE_PERSON"
    if kode:
        felt.wrong(where, kode)
    return fnr or orgnr


def _holds_something_else(said: Node) -> bool:
    return bool(said.tekst.strip()) or any(one.navn not in ("fnr", "orgnr") for one in said.barn)


def _address(post: Node) -> Adresse:
    names = ("navn", "adresse1", "adresse2", "adresse3", "postnr", "poststed", "land")
    return Adresse(*(post.text(name) for name in names))


def _answers(said: Node | None, felt: Felt) -> Svaradresse | None:
    if said is None:
        return None
    post = said.first("postAdresse") or Node("postAdresse")
    number = _digital_id(said, "svarSendesTil.digitalId", felt, "SVARADRESSE_UGYLDIG")
    return Svaradresse(_address(post), number)


def _link(said: Node) -> Lenke:
    return Lenke(said.text("urlLenke").strip(), said.text("urlTekst"), said.text("ledetekst"))


def _signing(said: Node, felt: Felt) -> Signering | None:
    until = felt.value(said, "signeringUtloper", moment)
    kind = felt.value(said, "signaturtype", Signatur)
    return Signering(until, kind) if until or kind else None


def _print(said: Node | None, felt: Felt) -> dict[str, bool]:
    if said is None:
        return {}
    return {"tosidig": felt.yes(said, "tosidig"), "farger": felt.yes(said, "fargePrint")}


def _noark(said: Node | None, felt: Felt) -> dict[str, object]:
    """The given Noark facts, in v2's spelling, which is V9's too."""
    if said is None:
        return {}
    found: dict[str, object] = {name: text for name in NOARK_TEXTS if (text := said.text(name))}
    for name in NOARK_NUMBERS:
        if (given := felt.value(said, name, number)) is not None:
            found[name] = given
    for name in NOARK_TIMES:
        if (at := felt.value(said, name, moment)) is not None:
            found[name] = at.isoformat()
    extra = [Ekstrametadata(one.text("key"), one.text("value")) for one in said.all("ekstraMetadata")]
    if extra:
        found["ekstraMetadata"] = [{"key": one.key, "value": one.value} for one in extra]
    return found

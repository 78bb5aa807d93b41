"""The real clients `@vtfk/svarut` (REST v1) and `svarut` (SOAP V9) run their whole call lists against our intake."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from fiks.core.db import session
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak.rules import ROUTED_TYPES
from fiks.svarut.rules import Mottakertype
from tests.contract.intake_server import Mottak, running_intake
from tests.integration.api.fagsystem import letters
from tests.integration.databases import Database
from tests.submissions import FNR, ORGNR, PDF

pytestmark = pytest.mark.slow

UNKNOWN = "00000000-0000-4000-8000-000000000000"
HOUSES = "00000000-0000-5000-8000-000000000000"
"""An id of a kind that no sender may make."""
LOG = re.compile(r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d")
DATA = base64.b64encode(PDF).decode()
ADDRESS = {"navn": "Testperson Fjelltur", "adresse1": "Storgata 1"}
TOLD = [
    "Mottatt, og tildelt forsendelse-id",
    "Metadata er validert OK",
    "Orginaldokumenter er lagret (1 dokument)",
]
REFUSED = "Feil brukernavn eller passord"


@pytest.fixture(scope="module")
def mottak(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mottak]:
    with running_intake(database, tmp_path_factory.mktemp("mottak")) as running:
        yield running


def vtfk_letter(**changes: Any) -> dict[str, Any]:
    post = ADDRESS | {"postNummer": "4262", "postSted": "AVALDSNES"}
    return {
        "tittel": "Eiendomsskatt 2026",
        "eksternReferanse": "2026-118",
        "mottaker": {"postAdresse": post, "digitalAdresse": {"fodselsNummer": FNR}},
        "dokumenter": [{"filnavn": "brev.pdf", "mimeType": "application/pdf", "data": DATA}],
    } | changes


def values(results: list[dict[str, Any]]) -> list[Any]:
    assert not [one for one in results if "error" in one], results
    return [one["value"] for one in results]


def row(own: str) -> Forsendelse:
    session().rollback()
    return session().get_one(Forsendelse, own, populate_existing=True)


def content(own: str) -> list[bytes]:
    session().rollback()
    letter = load_letters([UUID(own)])[UUID(own)]
    return [read_checked(one) for one in letter.dokumenter]


def test_sv12_59_vtfk_svarut_runs_its_whole_call_list(mottak: Mottak) -> None:
    [sent] = values(mottak.vtfk(["sendForsendelse", vtfk_letter()]))
    own = sent.pop("id")
    assert sent == {} and content(own) == [PDF]
    assert (row(own).opphav, row(own).avgivende_system) == ("V1", "node-svarut")

    status, many, history, signing, documents, types, by_reference = values(
        mottak.vtfk(
            ["getStatus", own],
            ["getStatus", [own, UNKNOWN]],
            ["getForsendelseHistorikk", own],
            ["getSigneringHistorikk", own],
            ["getDokumentMetadata", own],
            ["getForsendelseTyper"],
            ["getForsendelseEksternref", "2026-118"],
        )
    )
    [one] = status["statuser"]
    assert one.pop("sisteStatusEndring") == round(row(own).status_endret.timestamp() * 1000)
    assert one == {"forsendelsesId": {"id": own}, "status": "MOTTATT"}
    assert [found["forsendelsesId"]["id"] for found in many["statuser"]] == [own]
    assert [found["hendelse"] for found in history["hendelsesLogger"]] == TOLD
    assert all(LOG.fullmatch(found["tidspunkt"]) for found in history["hendelsesLogger"])
    assert signing == {"forsendelsesId": {"id": own}, "logg": []}
    [document] = documents["dokumentMetadata"]
    assert len(document.pop("sha256hash")) == 64
    assert document == {
        "mimeType": "application/pdf",
        "filnavn": "brev.pdf",
        "kanSigneres": False,
        "sizeInBytes": len(PDF),
        "dokumentType": None,
        "nedlasningsUrl": f"{mottak.url}/forsendelse/{own}/1",
        "signeringsUrl": None,
        "ekstraMetadata": [],
        "inneholderPersonsensitivInformasjon": False,
    }
    assert types == {"forsendelseTyper": list(ROUTED_TYPES)}
    assert by_reference == {"forsendelseIder": [{"id": own}]}


def read_by(fnr: str) -> dict[str, Any]:
    return {"lestAvFodselsNummer": fnr, "navnPaEksterntSystem": "Websak", "datoLest": 1767225600000}


def test_sv12_59_vtfk_svarut_tells_that_a_letter_is_read(mottak: Mottak) -> None:
    [sent] = values(mottak.vtfk(["sendForsendelse", vtfk_letter()]))
    own = sent["id"]
    told, history, wrong, unknown = values(
        mottak.vtfk(
            ["setForsendelseLest", own, read_by(FNR)],
            ["getForsendelseHistorikk", own],
            ["setForsendelseLest", own, read_by("11111111111")],
            ["setForsendelseLest", UNKNOWN, read_by(FNR)],
        )
    )
    assert told is True
    assert len(history["hendelsesLogger"]) == len(TOLD) + 1
    assert FNR not in str(history)
    assert wrong["errorcode"] == "FNR_UGYLDIG" and "11111111111" not in wrong["message"]
    assert unknown == {"errorcode": None, "message": "Ikke funnet"}


def test_sv12_59_vtfk_svarut_is_told_what_is_wrong(mottak: Mottak) -> None:
    """The client returns the body of an error."""
    before = letters(mottak.hus)
    document = vtfk_letter()["dokumenter"][0]
    refused = mottak.vtfk(
        ["sendForsendelse", vtfk_letter(konteringsKode="a_b")],
        ["sendForsendelse", vtfk_letter(dokumenter=[document, document])],
        ["getForsendelseHistorikk", UNKNOWN],
        ["getDokumentMetadata", "ikke-en-id"],
        ["getStatus", ["ikke-en-id"]],
    )
    codes = ["KONTERINGSKODE_UGYLDIG", "FILNAVN_DUPLIKAT", None, None, "FELT_UGYLDIG"]
    assert [one["errorcode"] for one in values(refused)] == codes
    assert all(set(one) == {"errorcode", "message"} and one["message"] for one in values(refused))
    [wrong] = values(mottak.vtfk(["getForsendelseTyper"], password="feil"))
    assert wrong == {"errorcode": None, "message": REFUSED}
    [unsent] = mottak.vtfk(["sendForsendelse", vtfk_letter()], password="feil")
    assert unsent["value"] == {"errorcode": None, "message": REFUSED}
    assert letters(mottak.hus) == before


def telemark_letter(**changes: Any) -> dict[str, Any]:
    post = ADDRESS | {"postnr": "4262", "poststed": "AVALDSNES"}
    return {
        "tittel": "Eiendomsskatt 2026",
        "avgivendeSystem": "ESA",
        "eksternref": "2026-119",
        "krevNiva4Innlogging": False,
        "kryptert": False,
        "kunDigitalLevering": False,
        "konteringskode": "A.1",
        "printkonfigurasjon": {"brevtype": "BPOST", "fargePrint": True, "tosidig": False},
        "mottaker": post | {"fnr": FNR},
        "dokumenter": [{"filnavn": "brev.pdf", "mimetype": "application/pdf", "data": DATA}],
    } | changes


def test_sv12_59_svarut_sends_to_many_and_under_an_id_of_its_own(mottak: Mottak) -> None:
    post = ADDRESS | {"postnr": "4262", "poststed": "AVALDSNES"}
    two = {
        "filnavn": "vedlegg.pdf",
        "mimetype": "application/pdf",
        "data": base64.b64encode(PDF + b"2").decode(),
    }
    many = telemark_letter(mottaker=[post | {"fnr": FNR}, post | {"orgnr": ORGNR}])
    many["dokumenter"].append(two)
    [(person, organisation)] = values(mottak.telemark(["sendForsendelse", many]))
    for own in (person, organisation):
        assert content(own) == [PDF, PDF + b"2"]
        assert (row(own).opphav, row(own).farger, row(own).tosidig) == ("SOAP", True, False)
        assert (row(own).avgivende_system, row(own).konteringskode) == ("ESA", "A.1")
    assert row(person).mottakertype == Mottakertype.PERSON
    assert row(organisation).mottakertype == Mottakertype.INGEN  # the client leaves the orgnr out

    [started] = values(mottak.telemark(["startNyForsendelse", {}]))
    again = telemark_letter(forsendelsesid=started)
    before = letters(mottak.hus)
    sent = values(mottak.telemark(["sendForsendelseMedId", again], ["sendForsendelseMedId", again]))
    assert sent == [[started], [started]]
    assert letters(mottak.hus) == before + 1


def test_sv12_59_svarut_runs_its_whole_call_list(mottak: Mottak) -> None:
    [[own]] = values(mottak.telemark(["sendForsendelse", telemark_letter(eksternref="2026-120")]))
    ids = {"forsendelsesid": own}
    status, many, history, by_reference, types, same, signings, signing, systems, documents, read = values(
        mottak.telemark(
            ["retrieveForsendelsesStatus", ids],
            ["retrieveForsendelsesStatuser", {"forsendelseider": [own, UNKNOWN]}],
            ["retrieveForsendelsesHistorikk", ids],
            ["retrieveForsendelsesIderByEksternRef", {"eksternRef": "2026-120"}],
            ["retrieveForsendelsesTyper", {}],
            ["retreiveForsendelsesTyper", {}],
            ["retrieveSigneringshistorikkForFlereForsendelser", {"forsendelseider": [own]}],
            ["retrieveSigneringshistorikk", {"forsendelseid": own}],
            ["retrieveMottakerSystemForOrgnr", {"organisasjonsnr": ORGNR}],
            ["retrieveDokumentMetadata", ids],
            [
                "setForsendelseLestAvEksterntSystem",
                ids | {"lestAvFodselsnummer": FNR, "navnPaEksterntSystem": "ESA", "datoLest": ""},
            ],
        )
    )
    assert status == "MOTTATT"
    assert many.pop("sisteStatusEndring") == row(own).status_endret.isoformat(timespec="milliseconds")
    assert many == {"forsendelseStatus": "MOTTATT", "forsendelsesid": own}
    assert [one["hendelse"] for one in history["hendelsesLogg"]] == TOLD
    assert all(LOG.fullmatch(one["tidspunkt"]) for one in history["hendelsesLogg"])
    assert by_reference == own
    assert types == same == "".join(ROUTED_TYPES)  # the client runs the returns together
    assert signings == signing == {"forsendelseid": own}
    assert systems is read is True  # nothing was returned
    assert (documents["filnavn"], documents["mimetype"]) == ("brev.pdf", "application/pdf")
    assert int(documents["storrelse"]) == len(PDF)
    [after] = values(mottak.telemark(["retrieveForsendelsesHistorikk", ids]))
    assert len(after["hendelsesLogg"]) == len(TOLD) + 1 and FNR not in str(after)


def test_sv12_59_svarut_is_told_what_is_wrong(mottak: Mottak) -> None:
    before = letters(mottak.hus)
    document = telemark_letter()["dokumenter"][0]
    refused = mottak.telemark(
        ["sendForsendelse", telemark_letter(tittel="")],
        ["sendForsendelse", telemark_letter(dokumenter=[document, document])],
        [
            "sendForsendelse",
            telemark_letter(dokumenter=[document | {"data": base64.b64encode(b"hei").decode()}]),
        ],
        ["sendForsendelseMedId", telemark_letter(forsendelsesid=HOUSES)],
        ["retrieveForsendelsesStatus", {"forsendelsesid": UNKNOWN}],
        ["retrieveForsendelsesHistorikk", {"forsendelsesid": "ikke-en-id"}],
    )
    told = [one["error"] for one in refused]
    assert [one["status"] for one in told] == [500] * len(told)
    words = [
        "Ugyldig innhold",
        "Duplikat",
        "Ugyldig innhold",
        "Ugyldig innhold",
        "Ikke funnet",
        "Ikke funnet",
    ]
    assert all(word in one["message"] and one["message"] for word, one in zip(words, told, strict=True))
    [wrong] = mottak.telemark(["startNyForsendelse", {}], passord="feil")
    assert wrong == {"error": {"message": REFUSED, "status": 401}}
    assert letters(mottak.hus) == before

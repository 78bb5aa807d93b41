"""SOAP ForsendelsesServiceV9: both versions of envelope, both spellings, any order, and answers that fit the WSDL."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import select, update

from fiks.core import environment
from fiks.core.crypto import cms_writer
from fiks.core.crypto.cms_reader import load_pair
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import CATALOGUE
from fiks.svarut.rules import Mottakertype, Status
from fiks.svarut.sealed_content import unseal_content
from portal.api.svarut.soap.operations import OPERASJONER
from portal.api.svarut.soap.responses import fault_text
from portal.api.svarut.soap.routes import PATH
from portal.api.svarut.soap.xml_reader import SOAP_11, SOAP_12
from portal.http.api_errors import Sagt
from testmiljo.svarut_keys import svarut_pair
from tests.integration.api.fagsystem import Fagsystem, fault, letters, make_fagsystem, objects, returned
from tests.submissions import FNR, ORGNR, PDF
from tests.unit.svarut.soap import (
    POST,
    XSI,
    document,
    document_of,
    envelope,
    field,
    letter,
    operation,
    organisation,
    person,
)

WSDL = Path(__file__).parents[2] / "data" / "soap-v9" / "ForsendelsesServiceV9.wsdl"
XS = "{http://www.w3.org/2001/XMLSchema}"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
HOUSES = "00000000-0000-5000-8000-000000000000"
"""An id of a kind that the house makes itself."""


def schema() -> etree.XMLSchema:
    """The types of KS' own WSDL."""
    [found] = etree.parse(WSDL).iter(f"{XS}schema")
    for outside in found.findall(f"{XS}import"):
        found.remove(outside)
    return etree.XMLSchema(etree.fromstring(etree.tostring(found)))


TYPES = schema()


def fits(answer: Any) -> list[ET.Element]:
    """The returns of an answer, whose body must fit the WSDL's types."""
    found = returned(answer)
    [body] = etree.fromstring(answer.data)[0]
    TYPES.assertValid(etree.fromstring(etree.tostring(body)))
    assert "\n" not in answer.text
    return found


def send(fagsystem: Fagsystem, *documents: str, **fields: Any) -> str:
    body = letter(documents or [document("brev.pdf", PDF)], **({"to": person(FNR)} | fields))
    [found] = fits(fagsystem.soap(envelope(operation("sendForsendelse", body))))
    return str(found.text)


def refused(fagsystem: Fagsystem, inner: str, navn: str = "sendForsendelse") -> str:
    answer = fagsystem.soap(envelope(operation(navn, inner)))
    assert answer.status_code == 500
    return fault(answer)


def row_of(own: str) -> Forsendelse:
    return session().get_one(Forsendelse, own, populate_existing=True)


def test_a_letter_with_everything_arrives(fagsystem: Fagsystem) -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    answers = f"<svarSendesTil>{POST}{organisation(ORGNR)}</svarSendesTil>"
    noark = "<metadataForImport><sakssekvensnummer>118</sakssekvensnummer><saksaar>2026</saksaar>"
    noark += "<dokumentetsDato>2026-01-01T12:00:00+01:00</dokumentetsDato></metadataForImport>"
    noark += f"<signaturtype {xsi} xsi:nil='true'/><signeringUtloper {xsi} xsi:nil='true'/>"
    extra = "<lenker><urlLenke>https://kommune.example</urlLenke><urlTekst>Saken</urlTekst></lenker>"
    extra += "<printkonfigurasjon><brevtype>APOST</brevtype><fargePrint>1</fargePrint><tosidig>true</tosidig>"
    extra += "</printkonfigurasjon>"
    body = letter(
        [
            document("a.pdf", PDF, giroarkSider="2"),
            document("b.txt", b"hei", mimetype="text/plain", ekskluderesFraPrint="true"),
        ],
        to=person(FNR),
        eksternref="2026/118",
        konteringskode="A.1",
        svarPaForsendelseLink="true",
        avgivendeSystem="ESA",
    )
    body = body.replace("</forsendelse>", f"{answers}{noark}{extra}</forsendelse>")
    [found] = fits(fagsystem.soap(envelope(operation("sendForsendelse", body), room=SOAP_12)))

    row = row_of(str(found.text))
    loaded = load_letters([row.id])[row.id]
    assert [read_checked(one) for one in loaded.dokumenter] == [PDF, b"hei"]
    assert [one.filnavn for one in loaded.dokumenter] == ["a.pdf", "b.txt"]
    assert (row.opphav, row.avgivende_system, row.ekstern_referanse) == ("SOAP", "ESA", "2026/118")
    assert (row.tosidig, row.farger, row.kan_svares, row.kun_digital) == (True, True, True, False)
    sealed = unseal_content(row.innhold_kryptert)
    assert sealed["noarkTil"] == {
        "sakssekvensnummer": 118,
        "saksaar": 2026,
        "dokumentetsDato": "2026-01-01T12:00:00+01:00",
    }
    assert sealed["svarSendesTil"]["digitalId"] == ORGNR


def test_a_digital_address_that_is_empty_leads_to_paper(fagsystem: Fagsystem) -> None:
    """As npm `svarut` writes every organisation (svarut.md 10)."""
    row = row_of(send(fagsystem, to=organisation(None)))
    assert (row.mottakertype, row.mottaker_indeks) == (Mottakertype.INGEN, None)
    assert row_of(send(fagsystem, to=organisation(ORGNR))).mottakertype == Mottakertype.ORGANISASJON


@pytest.mark.parametrize("inner", ["", " ", "<fnr/>", f'<fnr {XSI} xsi:nil="true"/>'])
def test_a_digital_address_whose_number_is_empty_leads_to_paper_too(fagsystem: Fagsystem, inner: str) -> None:
    row = row_of(send(fagsystem, to=f"<digitalAdresse>{inner}</digitalAdresse>"))
    assert row.mottakertype == Mottakertype.INGEN


@pytest.mark.parametrize(
    "inner", [f"<fodselsnummer>{FNR}</fodselsnummer>", f"<FNR>{FNR}</FNR>", f"<a><fnr>{FNR}</fnr></a>", FNR]
)
def test_a_digital_address_that_holds_no_number_we_know_is_refused(fagsystem: Fagsystem, inner: str) -> None:
    """Not sent on paper: its sender has said a number."""
    to = f"<digitalAdresse>{inner}</digitalAdresse>"
    text = refused(fagsystem, letter([ONE], to=to))
    assert text.startswith("Ugyldig innhold: Nummeret til mottakeren mangler.")
    answers = f"<svarSendesTil>{POST}{to}</svarSendesTil></forsendelse>"
    text = refused(fagsystem, letter([ONE], to=person(FNR)).replace("</forsendelse>", answers))
    assert text.startswith("Ugyldig innhold: Adressen svar skal sendes til")
    assert letters(fagsystem.hus) == 0


def test_a_dash_of_cp1252_is_refused_where_the_letter_shows_it(fagsystem: Fagsystem) -> None:
    body = letter([document("brev.pdf", PDF)], to=person(FNR))
    for shown in ("Eiendomsskatt", "Testperson"):
        text = refused(fagsystem, body.replace(shown, f"{shown} \x96"))
        assert text.startswith("Ugyldig innhold: Teksten i "), text
    assert letters(fagsystem.hus) == 0


@pytest.mark.parametrize("room", [SOAP_11, SOAP_12])
@pytest.mark.parametrize("kind", ["text/xml; charset=utf-8", "application/soap+xml"])
def test_an_answer_is_in_the_namespace_of_its_question(fagsystem: Fagsystem, room: str, kind: str) -> None:
    answer = fagsystem.soap(envelope(operation("startNyForsendelse"), room=room), kind=kind)
    assert answer.text.startswith(
        f'<soap:Envelope xmlns:soap="{room}"><soap:Body><ns2:startNyForsendelseResponse'
    )
    assert len(fits(answer)) == 1
    wrong = fagsystem.soap(envelope(operation("noeAnnet"), room=room), kind=kind)
    assert wrong.status_code == 500
    found = ET.fromstring(wrong.data).find(f".//{{{room}}}Fault")
    assert found is not None
    text = found.find(f".//{{{SOAP_12}}}Text") if room == SOAP_12 else found.find("faultstring")
    assert text is not None and text.text


def test_the_reads_fit_the_wsdl(fagsystem: Fagsystem) -> None:
    own = send(fagsystem, eksternref="2026/1")

    def ask(navn: str, **fields: str) -> list[ET.Element]:
        return fits(fagsystem.soap(envelope(operation(navn, "".join(field(*one) for one in fields.items())))))

    assert [one.text for one in ask("retrieveForsendelseStatus", forsendelsesid=own)] == ["MOTTATT"]
    [status] = ask("retrieveForsendelseStatuser", forsendelseider=own)
    assert [one.tag for one in status] == ["forsendelseStatus", "forsendelsesid", "sisteStatusEndring"]
    assert (status[0].text, status[1].text) == ("MOTTATT", own)
    [history] = ask("retrieveForsendelseHistorikk", forsendelsesid=own)
    assert len(history) == 3
    assert [one.text for one in ask("retrieveForsendelseIdByEksternRef", eksternRef="2026/1")] == [own]
    assert "ks.edialog" in [one.text for one in ask("retreiveForsendelseTyper")]
    assert ask("retrieveMottakerSystemForOrgnr", organisasjonsnr=ORGNR) == []
    [signing] = ask("retrieveSigneringshistorikk", forsendelseid=own)
    assert [one.tag for one in signing] == ["forsendelseid"]
    assert len(ask("retrieveSigneringshistorikkForFlereForsendelser", forsendelseider=own)) == 1


@pytest.mark.parametrize("status", list(Status))
def test_sv12_25_no_status_is_shown_that_soap_does_not_know(fagsystem: Fagsystem, status: Status) -> None:
    own = send(fagsystem)
    values = {"status": status, "status_for_sletting": Status.PRINTET if status is Status.SLETTET else None}
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == own).values(**values))
    older = {"SENDT_ALTINN": "VARSLET", "LEVERT_ALTINN": "VARSLET", "FEILET_UNDER_MOTTAK": "AVVIST"}
    expected = (older | {"SLETTET": "PRINTET"}).get(status, status)
    one = envelope(operation("retrieveForsendelseStatus", field("forsendelsesid", own)))
    many = envelope(operation("retrieveForsendelseStatuser", field("forsendelseider", own)))
    assert [found.text for found in fits(fagsystem.soap(one))] == [expected]
    assert [found[0].text for found in fits(fagsystem.soap(many))] == [expected]


SAME = {
    "retrieveForsendelsesStatus": "retrieveForsendelseStatus",
    "retrieveForsendelsesStatuser": "retrieveForsendelseStatuser",
    "retrieveForsendelsesHistorikk": "retrieveForsendelseHistorikk",
    "retrieveForsendelsesIderByEksternRef": "retrieveForsendelseIdByEksternRef",
    "retrieveForsendelsesTyper": "retreiveForsendelseTyper",
    "retreiveForsendelsesTyper": "retreiveForsendelseTyper",
    "retrieveForsendelseTyper": "retreiveForsendelseTyper",
}


@pytest.mark.parametrize("navn", SAME)
def test_an_operation_may_be_spelled_as_in_later_versions(fagsystem: Fagsystem, navn: str) -> None:
    own = send(fagsystem, eksternref="2026/1")
    inner = field("eksternRef", "2026/1") if "Ref" in navn else field("forsendelsesid", own)
    inner = "" if navn.endswith("Typer") else inner
    found = [
        [ET.tostring(one) for one in returned(fagsystem.soap(envelope(operation(name, inner))))]
        for name in (navn, SAME[navn])
    ]
    assert found[0] == found[1] != []


def test_every_operation_of_the_wsdl_is_answered() -> None:
    named = {one.get("name") for one in etree.parse(WSDL).iter("{http://schemas.xmlsoap.org/wsdl/}operation")}
    assert named <= set(OPERASJONER) | {"sendForsendelse", "sendForsendelseMedId"}
    assert len(named) == 12


def test_the_wsdl_is_ks_own_with_our_address(app: Flask) -> None:
    answer = app.test_client().get(PATH + "?wsdl")
    assert (answer.status_code, answer.content_type) == (200, "text/xml;charset=UTF-8")
    ours, theirs = etree.fromstring(answer.data), etree.parse(WSDL).getroot()
    [where] = ours.iter("{http://schemas.xmlsoap.org/wsdl/soap12/}address")
    assert where.get("location") == f"http://localhost{PATH}"
    [there] = theirs.iter("{http://schemas.xmlsoap.org/wsdl/soap12/}address")
    there.set("location", where.get("location") or "")
    assert etree.tostring(ours, method="c14n") == etree.tostring(theirs, method="c14n")


def test_sv12_15_a_letter_sent_again_under_its_id_is_the_same_letter(fagsystem: Fagsystem) -> None:
    [started] = fits(fagsystem.soap(envelope(operation("startNyForsendelse"))))
    own = str(started.text)
    after = letter([document("brev.pdf", PDF)], to=person(FNR)) + field("forsendelsesid", own)
    inside = letter([document("brev.pdf", PDF)], to=person(FNR), forsendelsesid=own)
    for body in (after, after, inside):
        [found] = returned(fagsystem.soap(envelope(operation("sendForsendelseMedId", body))))
        assert found.text == own
    other = letter([document("brev.pdf", PDF)], to=person(FNR), tittel="Annet") + field("forsendelsesid", own)
    text = refused(fagsystem, other, "sendForsendelseMedId")
    assert "Duplikat" in text and "Forsendelse med samme mottaker" in text
    assert letters(fagsystem.hus) == 1
    assert "Ugyldig innhold" in refused(fagsystem, after.replace(own, HOUSES), "sendForsendelseMedId")
    without = letter([document("brev.pdf", PDF)], to=person(FNR))
    for body in (without, without + field("forsendelsesid", "sak-17")):
        assert "Ugyldig innhold" in refused(fagsystem, body, "sendForsendelseMedId")
    assert letters(fagsystem.hus) == 1


ONE = document("brev.pdf", PDF)
FAULTS: dict[str, tuple[str, str]] = {
    "the same name twice": (letter([ONE, ONE], to=person(FNR)), "Duplikat"),
    "an empty document": (
        letter([document("brev.pdf", b"")], to=person(FNR)),
        "Kan ikke lagre tomt dokument",
    ),
    "no title": (letter([ONE], to=person(FNR), tittel=""), "Ugyldig innhold"),
    "no PDF": (letter([document("brev.pdf", b"GIF89a")], to=person(FNR)), "Ugyldig innhold"),
    "no base64": (
        letter([document_of("brev.pdf", "<data>*</data>")], to=person(FNR)),
        "Feil under lesing av",
    ),
    "no document": (letter([document_of("brev.pdf", "")], to=person(FNR)), "Ugyldig innhold"),
    "two of one": (
        letter([document_of("a.pdf", "<data>QQ==</data>" * 2)], to=person(FNR)),
        "Feil under lesing av",
    ),
    "no such boolean": (letter([ONE], to=person(FNR), kryptert="kanskje"), "Ugyldig innhold"),
    "person as organisation": (
        letter([ONE], to=person(FNR).replace("person", "organisasjon")),
        "Ugyldig innhold",
    ),
    "no letter": ("", "Ugyldig innhold"),
    "two letters": (letter([ONE], to=person(FNR)) * 2, "Feil under lesing av"),
    "a document too many": (
        letter([document(f"{nr}.pdf", PDF) for nr in range(101)], to=person(FNR)),
        "Ugyldig innhold",
    ),
    "no receiver": ("<forsendelse><tittel>x</tittel></forsendelse>", "Ugyldig innhold"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_sv12_16_a_fault_has_the_words_that_known_clients_look_for_and_nothing_is_kept(
    fagsystem: Fagsystem, what: str
) -> None:
    body, words = FAULTS[what]
    before = objects()
    text = refused(fagsystem, body)
    assert words in text and "\n" not in text
    assert (letters(fagsystem.hus), objects()) == (0, before)


@pytest.mark.parametrize("kode", CATALOGUE)
def test_every_refusal_of_a_letter_has_words_that_end_the_trying_unless_it_passes(kode: str) -> None:
    """eFormidling sends again, without end, what is refused in other words."""
    stops = ("Duplikat", "Ugyldig innhold", "Feil under lesing av", "Kan ikke lagre tomt dokument")
    ends = any(word in fault_text(Sagt(400, kode, ("",), "")) for word in stops)
    later = CATALOGUE[kode].nummer >= 600
    assert ends != (kode in ("KONTO_IKKE_AKTIV", "TJENESTE_IKKE_AKTIV", "OVERFORING_UGYLDIG") or later)


def test_sv12_60_a_fault_names_no_number_of_a_person(fagsystem: Fagsystem) -> None:
    for body in (letter([ONE], to=organisation(FNR)), letter([ONE], to=person("17912099998"))):
        assert "17912099" not in refused(fagsystem, body)


HOSTILE = {
    "file": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    "laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY f "&a;&a;&a;&a;&a;">]>',
    "external": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_message_with_entities_of_its_own_is_refused(fagsystem: Fagsystem, kind: str) -> None:
    body = letter([ONE], to=person(FNR)).replace("Eiendomsskatt", "&f;")
    answer = fagsystem.soap(envelope(operation("sendForsendelse", body), before=HOSTILE[kind]))
    assert (answer.status_code, letters(fagsystem.hus)) == (500, 0)
    assert "root:" not in answer.text and "Feil under lesing av" in fault(answer)


def test_sv12_19_a_letter_of_another_konto_is_none(app: Flask, fagsystem: Fagsystem) -> None:
    own, other = send(fagsystem), make_fagsystem(app)
    for navn in (
        "retrieveForsendelseStatus",
        "retrieveForsendelseHistorikk",
        "retrieveSigneringshistorikk",
        "retrieveDokumentMetadata",
    ):
        theirs, none, odd = (
            refused(other, field("forsendelsesid", one), navn) for one in (own, UNKNOWN, "noe")
        )
        assert theirs == none == odd
    many = envelope(operation("retrieveForsendelseStatuser", field("forsendelseider", own)))
    assert returned(other.soap(many)) == []
    assert len(returned(fagsystem.soap(many))) == 1


def test_too_many_ids_are_refused(fagsystem: Fagsystem) -> None:
    many = field("forsendelseider", UNKNOWN) * 11
    assert refused(fagsystem, many, "retrieveSigneringshistorikkForFlereForsendelser")
    assert refused(fagsystem, field("forsendelsesid", UNKNOWN) * 2, "retrieveForsendelseStatus")
    assert refused(fagsystem, "", "retrieveForsendelseStatus")


def mtom(*parts: tuple[str, bytes]) -> bytes:
    made = b"".join(
        b"--grense\r\nContent-ID: <"
        + name.encode()
        + b">\r\nContent-Type: application/xop+xml\r\n\r\n"
        + content
        + b"\r\n"
        for name, content in parts
    )
    return made + b"--grense--"


def include(name: str) -> str:
    return f'<data><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{name}"/></data>'


RELATED = 'multipart/related; boundary=grense; type="application/xop+xml"; start="<rot@ks>"'


def test_documents_may_come_beside_the_message_in_any_order(fagsystem: Fagsystem) -> None:
    documents = [
        document_of("a.pdf", include("en%40ks")),
        document("b.pdf", PDF + b"b"),
        document_of("c.pdf", include("to@ks")),
    ]
    root = envelope(operation("sendForsendelse", letter(documents, to=person(FNR))), room=SOAP_12)
    body = mtom(("rot@ks", root), ("to@ks", PDF + b"c"), ("ukjent", b"x"), ("en@ks", PDF + b"a"))
    [found] = fits(fagsystem.soap(body, kind=RELATED))
    row = row_of(str(found.text))
    loaded = load_letters([row.id])[row.id]
    assert [read_checked(one) for one in loaded.dokumenter] == [PDF + b"a", PDF + b"b", PDF + b"c"]


@pytest.mark.parametrize(
    ("encoding", "sent"), [("binary", b"<soknad/>"), ("base64", base64.encodebytes(b"<soknad/>"))]
)
def test_a_document_beside_the_message_is_stored_as_it_was_before_it_was_coded(
    fagsystem: Fagsystem, encoding: str, sent: bytes
) -> None:
    xml = document_of("soknad.xml", include("en@ks"), mimetype="application/xml")
    said = letter([xml], to=person(FNR), kunDigitalLevering="true")
    body = mtom(("rot@ks", envelope(operation("sendForsendelse", said))), ("en@ks", sent))
    head, last = body.rsplit(b"Content-Type", 1)
    told = f"Content-Transfer-Encoding: {encoding}\r\nContent-Type".encode()
    [found] = returned(fagsystem.soap(head + told + last, kind=RELATED))
    row = row_of(str(found.text))
    assert [read_checked(one) for one in load_letters([row.id])[row.id].dokumenter] == [b"<soknad/>"]


def test_sv12_15_eformidling_sends_again_under_its_own_id_what_it_has_encrypted_again(
    fagsystem: Fagsystem, tmp_path: Path
) -> None:
    """It asks for no id, keeps its documents in a set and encrypts them at each try (svarut.md 2.5)."""
    pair = load_pair(svarut_pair(tmp_path).read_bytes())
    own, clear = str(uuid4()), {"brev.pdf": PDF, "vedlegg.pdf": PDF * 9}

    def tried(*names: str) -> str:
        said = [document_of(name, include(name)) for name in names]
        inner = letter(said, to=organisation(ORGNR), kryptert="true") + field("forsendelsesid", own)
        root = envelope(operation("sendForsendelseMedId", inner), room=SOAP_12)
        files = [(name, b"".join(cms_writer.encrypt([clear[name]], pair.certificate))) for name in names]
        [found] = fits(fagsystem.soap(mtom(("rot@ks", root), *files), kind=RELATED))
        return str(found.text)

    earlier = current()
    environment.install(replace(earlier, svarut_keys=(pair,)))
    try:
        assert [tried("brev.pdf", "vedlegg.pdf"), tried("vedlegg.pdf", "brev.pdf")] == [own, own]
    finally:
        environment.install(earlier)
    row = row_of(own)
    assert [one.filnavn for one in load_letters([row.id])[row.id].dokumenter] == ["brev.pdf", "vedlegg.pdf"]
    assert letters(fagsystem.hus) == 1


def test_a_document_that_does_not_come_beside_the_message_is_missed_by_name(fagsystem: Fagsystem) -> None:
    before = objects()
    documents = [document_of("a.pdf", include("en@ks")), document_of("b.pdf", include("to@ks"))]
    root = envelope(operation("sendForsendelse", letter(documents, to=person(FNR))))
    answer = fagsystem.soap(mtom(("rot@ks", root), ("to@ks", PDF)), kind=RELATED)
    assert "a.pdf" in fault(answer)
    late = fagsystem.soap(mtom(("annet", root), ("to@ks", PDF)), kind=RELATED)
    assert "Feil under lesing av" in fault(late)
    assert (letters(fagsystem.hus), objects()) == (0, before)


def test_a_letter_of_many_documents_keeps_their_order(fagsystem: Fagsystem) -> None:
    own = send(fagsystem, *(document(f"{nr}.pdf", PDF + str(nr).encode()) for nr in range(20)))
    row = row_of(own)
    loaded = load_letters([row.id])[row.id]
    assert [read_checked(one)[-2:].decode() for one in loaded.dokumenter] == [
        (PDF + str(nr).encode())[-2:].decode() for nr in range(20)
    ]
    assert base64.b64encode(PDF).decode() not in str(session().scalars(select(Forsendelse.tittel)).all())


def test_a_letter_that_was_read_elsewhere_is_read_now_when_no_time_is_told(fagsystem: Fagsystem) -> None:
    own = send(fagsystem)
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == own).values(status=Status.SENDT_ALTINN))
    reader = field("lestAvFodselsnummer", FNR) + field("navnPaEksterntSystem", "ESA")
    navn, told = "setForsendelseLestAvEksterntSystem", field("forsendelsesid", own)
    for wrong in (reader.replace(FNR, "17912099998"), reader + field("datoLest", "i g\u00e5r")):
        assert "17912099998" not in refused(fagsystem, told + wrong, navn)
    assert row_of(own).status == Status.SENDT_ALTINN
    assert fits(fagsystem.soap(envelope(operation(navn, told + reader + field("datoLest", ""))))) == []
    assert row_of(own).status == Status.LEST
    later = field("lestAv", "").replace("><", f">{reader}{field('datoLest', '2026-01-01T12:00:00')}<")
    assert returned(fagsystem.soap(envelope(operation(navn, told + later)))) == []


def test_an_operation_there_is_not_is_told_by_its_name(app: Flask) -> None:
    answer = make_fagsystem(app).soap(envelope(operation("sendForsendelseV11")))
    assert answer.status_code == 500
    assert fault(answer).startswith("Ugyldig innhold: Operasjonen sendForsendelseV11 finnes ikke her.")
    assert "<kode>OPERASJON_UKJENT</kode>" in answer.text

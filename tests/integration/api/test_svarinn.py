"""SvarInn v1 and v2: what waits is listed until it is acknowledged, fetched encrypted, and answered once."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core import clock, environment
from fiks.core.audit import Audit
from fiks.core.crypto import cms_writer
from fiks.core.crypto.cms_reader import load_pair
from fiks.core.crypto.encryption import KeyRing, NokkelUkjent
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, FiksError
from fiks.core.values.address import Adresse
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.rules import Forside
from fiks.svarinn import credentials
from fiks.svarut.models import Dokument, Forsendelse, SvarinnFeil, SvarinnMottak
from fiks.svarut.mottak.innsending import Ekstrametadata, Lenke, Svaradresse
from fiks.svarut.rules import Slettetype, Status
from fiks.svarut.sender import status_queries
from fiks.svarut.sender.actions import delete_documents
from fiks.svarut.svarinn import queue
from portal.texts.svarut.ekspedering import ekspedert
from testmiljo.svarut_keys import svarut_pair
from tests.integration.api.mottak import V1, V2, Avsending, Mottaker, opened, opens, unpacked
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, new_orgnr
from tests.integration.svarut.letters import codes, hand_over, letter, leveringer, make_letters
from tests.integration.svarut.submitted import PAGE
from tests.integration.systems import certified, make_system
from tests.submissions import FNR, document, submission


@pytest.fixture
def receiver(app: Flask, sender: Avsending) -> Mottaker:
    """A mottakersystem with one organisation; `orgnr` is on the object."""
    orgnr = sender.receiver()
    made = Mottaker(app, make_system(orgnr))
    made.orgnr = orgnr  # type: ignore[attr-defined]
    return made


def orgnr_of(receiver: Mottaker) -> str:
    return str(receiver.orgnr)  # type: ignore[attr-defined]


def sent(sender: Avsending, receiver: Mottaker, *contents: bytes, **changes: Any) -> UUID:
    return sender.send(orgnr_of(receiver), *contents, new=submission(**changes))


def test_sv12_37_nothing_is_an_empty_list_and_a_letter_comes_again_until_it_is_acknowledged(
    sender: Avsending, receiver: Mottaker
) -> None:
    assert receiver.letters() == []
    first, second = sent(sender, receiver), sent(sender, receiver)
    for _ in range(2):
        assert receiver.ids() == [first, second]
        assert receiver.download(first).status_code == 200
    assert receiver.confirm(first).status_code == 200
    assert receiver.ids() == [second]


@pytest.mark.slow
def test_sv12_37_at_most_two_hundred_are_told_of_and_the_oldest_first(
    app: Flask, sender: Avsending, receiver: Mottaker
) -> None:
    made = make_letters(sender.hus, [orgnr_of(receiver)] * 203)
    hand_over(sender.eier, sender.world)
    now = clock.now()
    with transaction() as tx:
        for nr, letter_id in enumerate(made):
            late = update(SvarinnMottak).where(SvarinnMottak.forsendelse_id == letter_id)
            tx.execute(late.values(klar=now - timedelta(minutes=nr)))
    oldest = made[::-1]
    assert receiver.ids() == oldest[:200]
    assert receiver.confirm(oldest[0]).status_code == 200
    assert receiver.ids() == oldest[1:201]


def test_sv12_38_the_download_is_a_zip_that_opens_with_openssl_and_the_receivers_key(
    sender: Avsending, receiver: Mottaker
) -> None:
    """sv12_39: and says that it is one."""
    names = ("Søknad om båtplass.pdf", "kart 1-500.png")
    said = [document(names[0]), document(names[1], "image/png", ekskluderes=True)]
    made = sender.send(orgnr_of(receiver), PAGE, b"\x89PNG" * 50_000, new=submission(*said))
    [told] = receiver.letters()
    answer = receiver.download(made)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="dokumenter-{made.hex[:8]}.zip"'
    files = unpacked(opened(answer.data, receiver.system.nokler))
    assert list(files) == list(names) == [one["filnavn"] for one in told["filmetadata"]]
    assert {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} == {
        one["filnavn"]: one["sha256hash"] for one in told["filmetadata"]
    }
    assert [one["size"] for one in told["filmetadata"]] == [len(files[name]) for name in names]
    other = certified(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert opens(answer.data, receiver.system.nokler) and not opens(answer.data, other)
    with_v2 = receiver.call("GET", f"{V2}/forsendelser/{made}")
    assert unpacked(opened(with_v2.data, receiver.system.nokler)) == files


def test_sv12_38_a_new_certificate_is_used_from_the_next_download_on(
    sender: Avsending, receiver: Mottaker
) -> None:
    made = sent(sender, receiver)
    new = certified(rsa.generate_private_key(public_exponent=65537, key_size=2048), "Nytt")
    credentials.set_certificate(receiver.system.id, new.certificate, actor=HOUSE)
    message = receiver.download(made).data
    assert unpacked(opened(message, new)) == {"skatteseddel.pdf": PAGE}
    assert opens(message, new) and not opens(message, receiver.system.nokler)


def test_sv12_38_a_level_four_letter_leaves_its_own_encryption_only_inside_the_receivers(
    sender: Avsending, receiver: Mottaker, tmp_path: Path
) -> None:
    pair = load_pair(svarut_pair(tmp_path).read_bytes())
    earlier = current()
    environment.install(replace(earlier, svarut_keys=(pair,)))
    try:
        message = b"".join(cms_writer.encrypt([PAGE], pair.certificate))
        made = sent(sender, receiver, message, niva4=True, kryptert=True)
        [told] = receiver.letters()
        assert told["niva"] == "4"
        [file] = told["filmetadata"]
        assert (file["sha256hash"], file["size"]) == (hashlib.sha256(PAGE).hexdigest(), len(PAGE))
        download = receiver.download(made).data
    finally:
        environment.install(earlier)
    assert PAGE not in download
    assert unpacked(opened(download, receiver.system.nokler)) == {"skatteseddel.pdf": PAGE}


def test_a_stored_file_that_is_not_what_was_sent_breaks_the_download_off(
    sender: Avsending, receiver: Mottaker
) -> None:
    made = sent(sender, receiver)
    with transaction() as tx:
        tx.execute(update(Dokument).where(Dokument.forsendelse_id == made).values(sha256=b"\0" * 32))
    with pytest.raises(FiksError, match="DOKUMENT_ENDRET"):
        _ = receiver.download(made).data


def test_without_a_certificate_in_force_nothing_is_downloaded_and_it_is_said_why(
    app: Flask, sender: Avsending, receiver: Mottaker
) -> None:
    made = sent(sender, receiver)
    with transaction() as tx:
        row = tx.get_one(credentials.Mottakersystem, receiver.system.id)
        row.sertifikat_utloper = clock.now() - timedelta(seconds=1)
    answer = receiver.download(made)
    assert (answer.status_code, answer.json["errorcode"]) == (409, "SERTIFIKAT_ER_UTLOPT")
    credentials.remove_certificate(receiver.system.id, actor=HOUSE)
    answer = receiver.download(made)
    assert (answer.status_code, answer.json["errorcode"]) == (409, "SERTIFIKAT_MANGLER")
    assert "Last opp sertifikatet" in answer.json["message"]
    assert receiver.ids() == [made]


@pytest.mark.parametrize("column", ["mottaker_kryptert", "innhold_kryptert"])
@pytest.mark.parametrize(
    "sealed",
    [b"skadet", KeyRing([("tapt", bytes(32))]).seal(b"{}", "forsendelse.innhold")],
    ids=["damaged", "under a lost key"],
)
def test_letters_that_do_not_open_hide_none_of_those_after_them(
    sender: Avsending,
    receiver: Mottaker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    column: str,
    sealed: bytes,
) -> None:
    monkeypatch.setattr(queue, "MOST", 2)
    damaged, whole = [sent(sender, receiver) for _ in range(3)], [sent(sender, receiver) for _ in range(2)]
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id.in_(damaged)).values({column: sealed}))
    assert receiver.ids() == whole
    assert [UUID(one["id"]) for one in receiver.call("GET", f"{V2}/forsendelser").json] == whole
    logged = [one.__dict__ for one in caplog.records if one.msg == "letter_not_opened"]
    assert [(one["forsendelse"], one["antall"]) for one in logged] == [(str(damaged[0]), 3)] * 2, (
        "once a poll"
    )
    assert {letter(one).status for one in damaged} == {Status.KLAR_FOR_MOTTAK}


def test_that_no_letter_opens_for_want_of_a_key_is_no_empty_list(
    sender: Avsending, receiver: Mottaker
) -> None:
    damaged, lost = sent(sender, receiver), sent(sender, receiver)
    other = KeyRing([("tapt", bytes(32))]).seal(b"{}", "forsendelse.innhold")
    with transaction() as tx:
        for made, sealed in ((damaged, b"skadet"), (lost, other)):
            tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(innhold_kryptert=sealed))
    with pytest.raises(NokkelUkjent):
        queue.waiting_letters(receiver.system.id, actor=HOUSE)
    whole = sent(sender, receiver)
    assert receiver.ids() == [whole]


SAID = {
    "saksaar": 2026,
    "sakssekvensnummer": 118,
    "journalposttype": "U",
    "dokumentetsDato": "2026-02-24T09:12:00+01:00",
    "saksbehandler": "Kari Saksbehandler",
}


def test_sv12_40_v1_tells_every_field_with_its_types(sender: Avsending, receiver: Mottaker) -> None:
    answers = Svaradresse(Adresse("Testvik kommune", "Postboks 1", postnr="4262", poststed="AVALDSNES"), FNR)
    said = submission(
        document("a.pdf", dokument_type="Vedtak", ekstra=(Ekstrametadata("nr", "1"),)),
        noark_fra=SAID,
        noark_til={"mappeId": "118", "tittel": "Byggesak"},
        lenker=(Lenke("https://kommune.example", "Se saken", "Mer:"),),
        svar_sendes_til=answers,
        ekstern_referanse="2026/118-4",
        avgivende_system="Websak",
        forsendelsestype="ks.byggesøknad",
    )
    made = sender.send(orgnr_of(receiver), new=said)
    [told] = receiver.letters()
    moment = datetime.fromisoformat(SAID["dokumentetsDato"]).timestamp() * 1000
    assert told == {
        "id": str(made),
        "tittel": "Eiendomsskatt 2026",
        "date": round(letter(made).opprettet.timestamp() * 1000),
        "status": "Klar for mottak",
        "niva": "3",
        "avsender": {
            "navn": "Lillevik kommune",
            "adresselinje1": None,
            "adresselinje2": None,
            "adresselinje3": None,
            "postnr": None,
            "poststed": None,
        },
        "mottaker": {
            "navn": "Havvik kommune",
            "adresse1": "Øvre Testveg 7",
            "adresse2": None,
            "adresse3": None,
            "postnr": "4262",
            "poststed": "AVALDSNES",
            "land": None,
            "orgnr": orgnr_of(receiver),
            "fnr": None,
        },
        "svarSendesTil": {
            "navn": "Testvik kommune",
            "adresse1": "Postboks 1",
            "adresse2": None,
            "adresse3": None,
            "postnr": "4262",
            "poststed": "AVALDSNES",
            "land": None,
            "orgnr": None,
            "fnr": FNR,
        },
        "svarPaForsendelse": None,
        "metadataFraAvleverendeSystem": {
            "sakssekvensnummer": 118,
            "saksaar": 2026,
            "journalaar": 0,
            "journalsekvensnummer": 0,
            "journalpostnummer": 0,
            "journalposttype": "U",
            "journalstatus": None,
            "journaldato": None,
            "dokumentetsDato": moment,
            "tittel": None,
            "saksBehandler": "Kari Saksbehandler",
            "ekstraMetadata": [],
        },
        "metadataForImport": {
            "sakssekvensnummer": 0,
            "saksaar": 0,
            "journalposttype": None,
            "journalstatus": None,
            "dokumentetsDato": None,
            "tittel": "Byggesak",
            "mappeId": "118",
            "systemId": None,
            "registreringsId": None,
        },
        "filmetadata": [
            {
                "filnavn": "a.pdf",
                "mimetype": "application/pdf",
                "sha256hash": hashlib.sha256(PAGE).hexdigest(),
                "size": len(PAGE),
                "dokumentType": "Vedtak",
                "ekstraMetadata": [{"key": "nr", "value": "1"}],
            }
        ],
        "lenker": [{"urlLenke": "https://kommune.example", "urlTekst": "Se saken", "ledetekst": "Mer:"}],
        "forsendelseType": "ks.byggesøknad",
        "eksternRef": "2026/118-4",
        "avgivendeSystem": "Websak",
        "taushetsbelagtPost": False,
        "downloadUrl": f"http://localhost{V1}/forsendelse/{made}",
    }


def test_sv12_40_v2_has_names_of_its_own_and_iso_dates(sender: Avsending, receiver: Mottaker) -> None:
    said = submission(document("a.pdf"), noark_fra=SAID, noark_til={"mappeId": "118", "saksaar": 2026})
    made = sender.send(orgnr_of(receiver), new=said)
    [told] = receiver.call("GET", f"{V2}/forsendelser").json
    assert datetime.fromisoformat(told["dato"]).tzinfo is not None
    assert (told["id"], told["sikkerhetsniva"], told["status"]) == (
        str(made),
        "BETYDELIG",
        "KLAR_FOR_MOTTAK",
    )
    assert told["mottaker"]["organisasjonsnummer"] == orgnr_of(receiver)
    assert told["mottaker"]["postadresse"]["postnummer"] == "4262"
    assert told["metadataForImport"]["mappeId"] == {"mappeId": "118", "saksaar": 2026}
    assert told["metadataFraAvleverendeSystem"]["dokumentetsDato"] == "2026-02-24T09:12:00.000+01:00"
    [file] = told["filer"]
    assert (file["hash"], file["mimeType"]) == (hashlib.sha256(PAGE).hexdigest(), "application/pdf")
    assert told["nedlastingslenke"].endswith(f"{V2}/forsendelser/{made}")


def test_a_letter_that_does_not_say_where_answers_go_is_answered_to_its_sender(
    sender: Avsending, receiver: Mottaker
) -> None:
    """eFormidling reads the sender's orgnr from there, and never lets go of a letter without it."""
    own = Forside("987654325", "Lillevik byggesak", "Kaien 2", "5003", "BERGEN", adresselinje2="Postboks 1")
    settings.set_forside(sender.hus.konto_id, own, actor=HOUSE)
    sent(sender, receiver)
    [v1], [v2] = receiver.letters(), receiver.call("GET", f"{V2}/forsendelser").json
    assert v1["svarSendesTil"] == {
        "navn": "Lillevik byggesak",
        "adresse1": "Kaien 2",
        "adresse2": "Postboks 1",
        "adresse3": None,
        "postnr": "5003",
        "poststed": "BERGEN",
        "land": None,
        "orgnr": "987654325",
        "fnr": None,
    }
    assert v2["svarSendesTil"] == v2["avsender"]
    assert v2["svarSendesTil"]["organisasjonsnummer"] == "987654325"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_sv12_31_a_receipt_makes_the_letter_read_once_and_may_be_repeated(
    sender: Avsending, receiver: Mottaker, version: str
) -> None:
    made = sent(sender, receiver)

    def confirm() -> tuple[int, bytes]:
        body = {"status": "MOTTATT"}
        path = f"{V2}/forsendelser/{made}/status"
        answer = receiver.confirm(made) if version == "v1" else receiver.call("PATCH", path, json=body)
        return answer.status_code, answer.data

    assert [confirm() for _ in range(3)] == [(200, b"")] * 3
    assert letter(made).status == Status.LEST
    assert codes(made).count("KVITTERT") == 1
    assert receiver.letters() == []
    assert len(leveringer(made)) == 1
    told = [ekspedert(one.kode, one.detaljer) for one in status_queries.events(letter(made).id, actor=HOUSE)]
    assert told[-1] == "Mottatt i mottakerens system"


def test_sv12_30_a_passing_failure_leaves_the_letter_waiting_and_tells_the_sender_why(
    sender: Avsending, receiver: Mottaker, database: Database
) -> None:
    made = sent(sender, receiver)
    text = f"Arkivet er nede for {FNR}"
    assert receiver.fail(made, text, permanent=False).status_code == 200
    assert letter(made).status == Status.KLAR_FOR_MOTTAK
    assert receiver.ids() == [made]
    assert "Arkivet er nede" not in database.dump().decode("latin-1")
    last = status_queries.events(letter(made).id, actor=HOUSE)[-1]
    line = ekspedert(last.kode, last.detaljer)
    assert "Arkivet er nede for" in line and FNR not in line
    assert receiver.confirm(made).status_code == 200


def test_letters_that_cannot_be_taken_hide_none_of_those_after_them(
    sender: Avsending, receiver: Mottaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST", 3)
    made = [sent(sender, receiver) for _ in range(4)]

    def poll() -> list[UUID]:
        """What is told of, both ways, and cannot be taken."""
        told = [one.id for one in queue.waiting_letters(receiver.system.id, actor=HOUSE)]
        assert receiver.ids() == told
        assert [UUID(one["id"]) for one in receiver.call("GET", f"{V2}/forsendelser").json] == told
        for one in told:
            assert receiver.fail(one, "Finner ikke saken", permanent=False).status_code == 200
        return told

    assert poll() == made[:3]
    assert poll() == [made[3], *made[:2]]
    new = sent(sender, receiver)
    assert poll() == [new, made[0], made[1]], "the same failure told again within a day is no new one"
    clock.move(timedelta(hours=25))
    assert poll() == made[:3]
    assert poll() == [made[3], new, made[0]]
    for one in made:
        assert receiver.confirm(one).status_code == 200
    assert receiver.ids() == [new]


def test_a_letter_is_untried_by_the_system_it_is_moved_to(sender: Avsending, receiver: Mottaker) -> None:
    moved, newer = sent(sender, receiver), sent(sender, receiver)
    receiver.fail(moved, "Finner ikke saken", permanent=False)
    assert receiver.ids() == [newer, moved]
    clock.move(timedelta(minutes=1))
    with transaction() as tx:
        row = tx.get_one(SvarinnMottak, moved)
        row.klar = clock.now()
        tx.flush()
        other = update(SvarinnMottak).where(SvarinnMottak.forsendelse_id == newer)
        tx.execute(other.values(klar=row.klar + timedelta(seconds=1)))
    assert receiver.ids() == [moved, newer]


def test_a_report_that_does_not_open_hides_nothing_else_of_what_has_happened(
    sender: Avsending, receiver: Mottaker, caplog: pytest.LogCaptureFixture
) -> None:
    made = sent(sender, receiver)
    for text in ("Nede", "Full disk"):
        receiver.fail(made, text, permanent=False)
    with transaction() as tx:
        first = select(func.min(SvarinnFeil.lopenr)).scalar_subquery()
        damage = update(SvarinnFeil).where(SvarinnFeil.lopenr == first)
        tx.execute(damage.values(feilmelding_kryptert=b"skadet"))
    lines = [ekspedert(one.kode, one.detaljer) for one in status_queries.events(made, actor=HOUSE)][-2:]
    said = "Mottakerens system meldte feil, og prøver igjen"
    assert lines == [f"{said} (Meldingen kan ikke leses.)", f"{said} (Full disk)"]
    told = [one.__dict__ for one in caplog.records if one.msg == "reports_not_opened"]
    assert [(one["forsendelse"], one["antall"]) for one in told] == [(str(made), 1)]


def test_a_failure_told_at_every_poll_is_told_to_the_sender_once_a_day(
    sender: Avsending, receiver: Mottaker
) -> None:
    made = sent(sender, receiver)

    def told() -> list[str]:
        found = [one for one in status_queries.events(made, actor=HOUSE) if one.kode == "MOTTAK_FEILET"]
        return [one.detaljer["feilmelding"] for one in found]

    def fail(*texts: str) -> None:
        for text in texts:
            assert receiver.fail(made, text, permanent=False).status_code == 200

    fail("Nede", "Nede ", "Nede")
    assert told() == ["Nede"]
    fail("Full disk", "Nede")
    assert told() == ["Nede", "Full disk", "Nede"]
    clock.move(timedelta(hours=25))
    fail("Nede", "Nede")
    assert told() == ["Nede", "Full disk", "Nede", "Nede"]
    acts = select(func.count()).where(Audit.objekt_id == str(made), Audit.handling == "BREV_MOTTAK_FEILET")
    assert session().scalar(acts) == 7
    with transaction() as tx:
        tx.execute(update(SvarinnFeil).values(feilmelding_kryptert=b"skadet"))
    assert receiver.fail(made, "Nede", permanent=False).status_code == 200
    assert codes(made).count("MOTTAK_FEILET") == 5
    assert receiver.fail(made, "Nede", permanent=True).status_code == 200
    assert codes(made).count("FEILET_SVARINN") == 1


@pytest.mark.parametrize(("digital", "ends"), [(False, Status.SENDT_PRINT), (True, Status.IKKE_LEVERT)])
def test_sv12_30_a_permanent_failure_leads_to_the_next_channel_and_only_digital_never_to_paper(
    sender: Avsending, receiver: Mottaker, digital: bool, ends: Status
) -> None:
    made = sent(sender, receiver, kun_digital=digital)
    for _ in range(2):
        assert receiver.fail(made, "Ukjent sak", permanent=True).status_code == 200
    assert receiver.letters() == []
    assert codes(made).count("FEILET_SVARINN") == 1
    assert [row.kanal for row in leveringer(made)] == ["SVARINN", "ALTINN"]
    sender.world.altinn.svar = [Avvist("MOTTAKER_UKJENT")]
    hand_over(sender.eier, sender.world)
    assert letter(made).status == ends
    assert sender.world.print.ordrer().count(letter(made).id) == (0 if digital else 1)


def test_after_a_permanent_failure_the_letter_is_none_of_the_systems_any_more(
    sender: Avsending, receiver: Mottaker
) -> None:
    made = sent(sender, receiver)
    assert receiver.fail(made, "Ukjent sak", permanent=True).status_code == 200
    for answer in (
        receiver.confirm(made),
        receiver.download(made),
        receiver.fail(made, "Igjen", permanent=False),
    ):
        assert answer.status_code == 404
    assert letter(made).status == Status.KLAR_FOR_MOTTAK
    hand_over(sender.eier, sender.world)
    assert letter(made).status == Status.SENDT_ALTINN


def test_another_systems_letter_and_none_are_answered_alike(
    app: Flask, sender: Avsending, receiver: Mottaker
) -> None:
    made = sent(sender, receiver)
    other = Mottaker(app, make_system(new_orgnr()))
    assert other.letters() == []
    for letter_id in (made, "11111111-1111-4111-8111-111111111111"):
        answers = [
            other.download(letter_id),
            other.confirm(letter_id),
            other.fail(letter_id, "x", permanent=True),
        ]
        assert {one.status_code for one in answers} == {404}
        assert len({one.json["message"] for one in answers}) == 1
        v2 = other.call("PATCH", f"{V2}/forsendelser/{letter_id}/status", json={"status": "MOTTATT"})
        assert (v2.status_code, v2.json["status"]) == (404, 404)
    assert letter(made).status == Status.KLAR_FOR_MOTTAK


@pytest.mark.parametrize("path", [f"{V1}/mottaker/hentNyeForsendelser", f"{V2}/forsendelser"])
def test_who_does_not_prove_itself_is_told_only_that(app: Flask, receiver: Mottaker, path: str) -> None:
    system = receiver.system
    wrong = [(str(system.id), "feil"), ("11111111-1111-4111-8111-111111111111", system.passord), ("x", "y")]
    texts = set()
    for auth in wrong:
        answer = app.test_client().get(path, auth=auth)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith('Basic realm="SvarInn"')
        texts.add(answer.json["message"])
    assert texts == {"Feil brukernavn eller passord"}
    assert app.test_client().get(path).status_code == 401
    acts = session().scalar(
        select(func.count())
        .select_from(Audit)
        .where(Audit.handling == "MOTTAKERSYSTEM_AUTENTISERING_FEILET", Audit.objekt_id == str(system.id))
    )
    assert acts


def test_a_kontos_password_opens_nothing_here_and_a_systems_nothing_there(
    app: Flask, receiver: Mottaker
) -> None:
    assert receiver.call("GET", "/tjenester/api/forsendelse/v1/forsendelseTyper").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"permanent": true}',
        '{"feilmelding": "x"}',
        '{"feilmelding":" ","permanent":true}',
    ],
)
def test_a_report_without_its_fields_changes_nothing(
    sender: Avsending, receiver: Mottaker, body: str
) -> None:
    made = sent(sender, receiver)
    answer = receiver.call("POST", f"{V1}/mottakFeilet/forsendelse/{made}", data=body)
    assert answer.status_code == 400 and answer.json["message"]
    assert "FEILET_SVARINN" not in codes(made)


@pytest.mark.parametrize(
    "body", [{}, {"status": "LEST"}, {"status": "FEILET"}, {"status": "FEILET", "feil": {}}]
)
def test_v2_says_what_is_wrong_with_an_answer(
    sender: Avsending, receiver: Mottaker, body: dict[str, object]
) -> None:
    made = sent(sender, receiver)
    answer = receiver.call("PATCH", f"{V2}/forsendelser/{made}/status", json=body)
    assert answer.status_code == 400
    assert set(answer.json) >= {"timestamp", "errorId", "message", "errorCode", "path"}
    assert letter(made).status == Status.KLAR_FOR_MOTTAK


def test_a_report_longer_than_is_kept_is_cut_and_goes_with_the_letters_content(
    sender: Avsending, receiver: Mottaker
) -> None:
    made = sent(sender, receiver)
    assert receiver.fail(made, "linje\n" * 5_000, permanent=False).status_code == 200
    own = letter(made).id
    assert len(status_queries.events(own, actor=HOUSE)[-1].detaljer["feilmelding"]) == 1_000
    delete_documents(own, alt=Slettetype.ALLE, actor=HOUSE)
    assert session().scalar(select(func.count()).select_from(SvarinnFeil)) is not None
    assert not session().scalars(select(SvarinnFeil).where(SvarinnFeil.forsendelse_id == own)).all()
    assert receiver.letters() == [] and receiver.confirm(made).status_code == 404

"""The receiver's letter: whole or not read, for its receiver or not there."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from fiks.core.audit import Audit
from fiks.core.crypto.encryption import blind_index
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.svarut.inbox import access
from fiks.svarut.letters import Dokumentref
from fiks.svarut.models import Dokument, Eksponering, Forsendelse
from fiks.svarut.rules import Status
from portal.minside import letter_download
from tests.integration.houses import new_fnr, new_orgnr
from tests.integration.utsending.browser import citizen
from tests.integration.utsending.kommuner import (
    FakeAltinn,
    Postkasser,
    make_kommune,
    make_mailing,
    send_all,
)

pytestmark = pytest.mark.usefixtures("house")


def one_letter(owner: Owner, **changes: object) -> tuple[UUID, str]:
    """A letter in Altinn; returns its id and its receiver's number."""
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1)
    [pid] = mailing.fnr.values()
    send_all(kommune, mailing, owner, Postkasser(altinn={pid}))
    with transaction() as tx:
        letter = tx.scalars(select(Forsendelse.id).where(Forsendelse.utsending_id == mailing.id)).one()
        if changes:
            tx.execute(update(Forsendelse).where(Forsendelse.id == letter).values(**changes))
    return letter, pid


def status_of(letter: UUID) -> Status:
    session().rollback()
    return Status(session().execute(select(Forsendelse.status).where(Forsendelse.id == letter)).scalar_one())


def to_organisation(letter: UUID, orgnr: str) -> None:
    index = blind_index(current().index_key, "mottaker", orgnr)
    with transaction() as tx:
        tx.execute(
            update(Forsendelse)
            .where(Forsendelse.id == letter)
            .values(mottakertype="ORGANISASJON", mottaker_indeks=index)
        )


def test_a_whole_download_is_read_and_audited(app: Flask, owner: Owner) -> None:
    letter, pid = one_letter(owner)
    answer = citizen(app, pid).get(f"/forsendelse/{letter}/1")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Disposition"] == "attachment; filename=brev.pdf"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert status_of(letter) is Status.LEST
    assert acts_on(letter) == ["BREV_NEDLASTING_BEGYNT", "BREV_LASTET_NED"]


def acts_on(letter: UUID) -> list[str]:
    """What the audit says has been done with the letter."""
    session().rollback()
    acts = select(Audit.handling).where(Audit.objekt_id == str(letter)).order_by(Audit.id)
    return list(session().scalars(acts))


def test_a_download_that_breaks_off_is_not_read_and_leaves_its_trace(app: Flask, owner: Owner) -> None:
    letter, pid = one_letter(owner)
    citizen(app, pid).break_off(f"/forsendelse/{letter}/1")
    assert status_of(letter) is Status.SENDT_ALTINN
    assert acts_on(letter) == ["BREV_NEDLASTING_BEGYNT"]


def test_not_a_byte_is_handed_over_before_the_audit_tells_of_it(
    app: Flask, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter, pid = one_letter(owner)
    browser, told = citizen(app, pid), list[list[str]]()

    def first_byte(document: Dokumentref) -> Iterator[bytes]:
        told.append(acts_on(letter))
        yield b"%PDF"

    monkeypatch.setattr(letter_download, "stream_checked", first_byte)
    assert browser.get(f"/forsendelse/{letter}/1").data == b"%PDF"
    assert told == [["BREV_NEDLASTING_BEGYNT"]]

    def full(*args: object, **more: object) -> None:
        raise OperationalError("INSERT", {}, ConnectionError("borte"))

    monkeypatch.setattr(access, "record_view", full)
    answer = browser.get(f"/forsendelse/{letter}/1")
    assert (answer.status_code, b"%PDF" in answer.data, len(told)) == (503, False, 1)


def test_a_head_is_not_read(app: Flask, owner: Owner) -> None:
    letter, pid = one_letter(owner)
    answer = citizen(app, pid).head(f"/forsendelse/{letter}/1")
    assert (answer.status_code, int(answer.headers["Content-Length"]) > 0) == (200, True)
    assert status_of(letter) is Status.SENDT_ALTINN
    assert acts_on(letter) == []


def test_a_document_that_is_not_what_was_sent_is_not_marked_read(app: Flask, owner: Owner) -> None:
    letter, pid = one_letter(owner)
    with transaction() as tx:
        tx.execute(update(Dokument).where(Dokument.forsendelse_id == letter).values(sha256=b"0" * 32))
    _ = citizen(app, pid).get(f"/forsendelse/{letter}/1").data
    assert status_of(letter) is Status.SENDT_ALTINN


def test_another_persons_letter_is_as_one_that_is_not_there(app: Flask, owner: Owner) -> None:
    letter, pid = one_letter(owner)
    stranger = citizen(app, new_fnr(), acr=4)
    assert stranger.get(f"/forsendelse/{letter}/1").status_code == 404
    assert citizen(app, pid).get(f"/forsendelse/{letter}/2").status_code == 404
    assert citizen(app, pid).get(f"/forsendelse/{UUID(int=5)}/1").status_code == 404
    assert status_of(letter) is Status.SENDT_ALTINN


def test_a_stranger_is_sent_to_log_in_and_back(app: Flask, owner: Owner) -> None:
    letter, _ = one_letter(owner)
    answer = app.test_client().get(f"/forsendelse/{letter}/1")
    assert answer.location == f"/innlogging/start?neste=/forsendelse/{letter}/1&nivaa=3"


def test_a_letter_at_the_highest_level_asks_for_level_four(app: Flask, owner: Owner) -> None:
    letter, pid = one_letter(owner, sikkerhetsniva="HOYESTE")
    answer = citizen(app, pid).get(f"/forsendelse/{letter}/1")
    assert answer.location == f"/innlogging/start?neste=/forsendelse/{letter}/1&nivaa=4"
    assert citizen(app, new_fnr()).get(f"/forsendelse/{letter}/1").status_code == 404
    assert citizen(app, pid, acr=4).get(f"/forsendelse/{letter}/1").status_code == 200


def altinn(app: Flask) -> FakeAltinn:
    fake = app.extensions["fiks_altinn"]
    assert isinstance(fake, FakeAltinn)
    return fake


def test_post_for_an_organisation_needs_post_arkiv(app: Flask, owner: Owner) -> None:
    letter, _ = one_letter(owner)
    orgnr, may, may_not = new_orgnr(), new_fnr(), new_fnr()
    to_organisation(letter, orgnr)
    altinn(app).parter = {
        may: [Altinnpart(orgnr, "Firma", frozenset({("ROLLE", "A0236")}))],
        may_not: [Altinnpart(orgnr, "Firma", frozenset({("ROLLE", "DAGL")}))],
    }
    assert citizen(app, may_not).get(f"/forsendelse/{letter}/1").status_code == 404
    assert citizen(app, may).get(f"/forsendelse/{letter}/1").status_code == 200


def test_altinn_is_asked_only_about_post_for_organisations(app: Flask, owner: Owner) -> None:
    letter, pid = one_letter(owner)
    citizen(app, pid).get(f"/forsendelse/{letter}/1")
    assert pid not in altinn(app).spurt


def test_when_altinn_does_not_answer_the_page_says_try_later(app: Flask, owner: Owner) -> None:
    letter, _ = one_letter(owner)
    to_organisation(letter, new_orgnr())
    altinn(app).feil = ProvIgjen("IKKE_NAADD")
    try:
        answer = citizen(app, new_fnr()).get(f"/forsendelse/{letter}/1")
    finally:
        altinn(app).feil = None
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_a_letter_read_twice_is_read_once(app: Flask, owner: Owner) -> None:
    letter, pid = one_letter(owner)
    for _ in range(2):
        assert citizen(app, pid).get(f"/forsendelse/{letter}/1").data
    assert status_of(letter) is Status.LEST


def expose(letter: UUID, number: str) -> None:
    with transaction() as tx:
        index = blind_index(current().index_key, "mottaker", number)
        tx.add(Eksponering(forsendelse_id=letter, indeks=index))


def test_sv12_23_confidential_post_needs_the_right_of_its_own(app: Flask, owner: Owner) -> None:
    letter, _ = one_letter(owner, taushetsbelagt=True)
    orgnr, may, ordinary = new_orgnr(), new_fnr(), new_fnr()
    to_organisation(letter, orgnr)
    package = ("TILGANGSPAKKE", "post-til-virksomheten-med-taushetsbelagt-innhold")
    altinn(app).parter = {
        may: [Altinnpart(orgnr, "Firma", frozenset({package}))],
        ordinary: [Altinnpart(orgnr, "Firma", frozenset({("ROLLE", "A0236")}))],
    }
    assert citizen(app, ordinary).get(f"/forsendelse/{letter}/1").status_code == 404
    assert citizen(app, may).get(f"/forsendelse/{letter}/1").status_code == 200


def test_sv12_23_whom_a_letter_is_exposed_to_may_download_it_and_it_stays_unread(
    app: Flask, owner: Owner
) -> None:
    letter, pid = one_letter(owner)
    reader, orgnr, member = new_fnr(), new_orgnr(), new_fnr()
    expose(letter, reader)
    expose(letter, orgnr)
    altinn(app).parter = {member: [Altinnpart(orgnr, "Firma", frozenset({("ROLLE", "A0236")}))]}
    for who in (reader, member):
        assert citizen(app, who).get(f"/forsendelse/{letter}/1").data.startswith(b"%PDF")
    assert status_of(letter) is Status.SENDT_ALTINN
    assert acts_on(letter) == ["BREV_NEDLASTING_BEGYNT", "BREV_LASTET_NED"] * 2
    assert citizen(app, new_fnr()).get(f"/forsendelse/{letter}/1").status_code == 404
    assert citizen(app, pid).get(f"/forsendelse/{letter}/1").data
    assert status_of(letter) is Status.LEST


def test_sv12_23_an_exposed_letter_of_the_highest_level_asks_for_level_four(app: Flask, owner: Owner) -> None:
    letter, _ = one_letter(owner, sikkerhetsniva="HOYESTE")
    expose(letter, reader := new_fnr())
    answer = citizen(app, reader).get(f"/forsendelse/{letter}/1")
    assert answer.location == f"/innlogging/start?neste=/forsendelse/{letter}/1&nivaa=4"

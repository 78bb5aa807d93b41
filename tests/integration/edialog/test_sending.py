"""From what a citizen writes to a letter of SvarUt: what it is, where it goes, who pays, what the citizen gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.crypto.encryption import NokkelUkjent, VerdiOdelagt
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang, Konflikt, ProvIgjen
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.edialog import queries, service, work
from fiks.edialog.content import seal, unseal
from fiks.edialog.models import EdialogFil, EdialogHendelse, EdialogSkjema
from fiks.edialog.rules import MAX_SENT_A_DAY, Status, letter_id
from fiks.konfigurasjon.models import Konto
from fiks.pdf import Pdfleser
from fiks.registeroppslag.rules import Kontaktinformasjon
from fiks.svarut.inbox import queries as inbox_queries
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Eksponering, Forsendelse
from fiks.svarut.rules import Status as Brevstatus
from tests.integration.edialog.sent import mails, send
from tests.integration.edialog.skjemaer import (
    KARI,
    PDF,
    WRITTEN,
    Innbygger,
    Penn,
    attach,
    damage,
    draft,
    letters,
    open_edialog,
    row_of,
)
from tests.integration.houses import Hus, make_hus, new_fnr, new_orgnr
from tests.integration.keys import newer_key
from tests.integration.worlds import FakeRegister

AWAY = ProvIgjen("KRR_NEDE")
WITHOUT_EMAIL = replace(WRITTEN, avsender=replace(KARI, epost=""))


def test_what_is_written_becomes_a_letter_from_the_citizen_to_the_kommune(
    hus: Hus, penn: Penn, register: FakeRegister, leser: Pdfleser
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    attach(made, who, leser)
    send(made, who, penn, register)
    (letter,) = letters()
    assert letter.id == letter_id(made) == row_of(made).forsendelse_id
    assert (letter.opphav, letter.avgivende_system, letter.forsendelsestype) == (
        "EDIALOG",
        "EDIALOG",
        "ks.edialog",
    )
    assert (letter.konto_id, letter.tittel, letter.mottakertype) == (
        hus.konto_id,
        WRITTEN.tittel,
        "ORGANISASJON",
    )
    assert (letter.sikkerhetsniva, letter.status, letter.svar_pa_id) == ("BETYDELIG", "MOTTATT", None)
    brev = load_letters([letter.id])[letter.id]
    assert brev.mottaker.digital_id == hus.orgnr
    assert brev.svar_sendes_til == KARI.adresse
    assert [d.filnavn for d in brev.dokumenter] == ["Henvendelse.pdf", "vedlegg.pdf"]
    assert read_checked(brev.dokumenter[1]) == PDF
    assert b"Se vedlegg." in read_checked(brev.dokumenter[0])
    assert row_of(made).status == Status.INNSENDT


def test_the_sender_can_fetch_it_again_and_it_is_no_post_from_the_kommune(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    send(made, who, penn, register)
    with transaction() as tx:
        tx.execute(update(Forsendelse).values(status=Brevstatus.SENDT_ALTINN))
    exposed = select(Eksponering.forsendelse_id)
    assert session().scalars(exposed).all() == [letter_id(made)]
    assert (
        inbox_queries.list_letters(inbox_queries.postboks_of_person(who.pid, 4), inbox_queries.Utvalg()) == []
    )
    assert [
        one.id
        for one in inbox_queries.list_letters(
            inbox_queries.postboks_of_organisation(hus.orgnr, frozenset({"SVARUT"}), 3),
            inbox_queries.Utvalg(),
        )
    ]


def test_what_is_sensitive_needs_level_4_and_goes_at_level_4(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    weak = Innbygger()
    strong = Innbygger(weak.pid, acr=4)
    made = draft(hus, weak)
    with pytest.raises(IkkeTilgang, match="HOYERE_NIVA"):
        service.save(made, WRITTEN, sensitivt=True, actor=weak.actor)
    service.save(made, WRITTEN, sensitivt=True, actor=strong.actor)
    for act in (
        lambda: queries.skjema(made, actor=weak.actor),
        lambda: service.send(made, spraak="nb", actor=weak.actor),
        lambda: service.discard_draft(made, actor=weak.actor),
    ):
        with pytest.raises(IkkeTilgang, match="HOYERE_NIVA"):
            act()
    assert (queries.own_rows(actor=weak.actor), queries.count_hidden(actor=weak.actor)) == ((), 1)
    assert [one.id for one in queries.own_rows(actor=strong.actor)] == [made]
    send(made, strong, penn, register)
    (letter,) = letters()
    assert (letter.sikkerhetsniva, letter.kryptert) == ("HOYESTE", False)


def test_an_organisation_writes_by_whom_acts_for_it(hus: Hus, penn: Penn, register: FakeRegister) -> None:
    who = Innbygger(orgnr=new_orgnr())
    made = draft(hus, who)
    with pytest.raises(IkkeFunnet):
        queries.skjema(made, actor=Innbygger(who.pid).actor)
    send(made, who, penn, register)
    assert penn.tegnet[0].orgnr == who.orgnr
    acts = select(Audit.handling, Audit.paa_vegne_av).where(Audit.handling == "EDIALOG_SENDT")
    assert session().execute(acts).all() == [("EDIALOG_SENDT", who.orgnr)]


def test_the_receipt_speaks_the_citizens_language_and_finds_them_in_krr(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    register.contacts[who.pid] = Kontaktinformasjon(who.pid, True, epost="fra-krr@eksempel.no")
    made = draft(hus, who, WITHOUT_EMAIL)
    send(made, who, penn, register, "nn")
    assert [mail[:3] for mail in mails()] == [("EDIALOG_KVITTERING", "nn", "fra-krr@eksempel.no")]
    assert penn.tegnet[0].spraak == "nn"


def test_what_krr_has_that_is_no_address_gets_no_receipt(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    register.contacts[who.pid] = Kontaktinformasjon(who.pid, True, epost="kari@[eksempel.no")
    send(draft(hus, who, WITHOUT_EMAIL), who, penn, register)
    assert (len(letters()), mails()) == (1, [])


LONG_AGO = datetime.now(UTC) - timedelta(days=600)
UNCONFIRMED = [
    {"registrert": True, "passiv": True},
    {"registrert": False},
    {"registrert": True, "reservert": True},
    {"registrert": True, "reservert": True, "epost_bekreftet": LONG_AGO},
    {"registrert": True, "epost_bekreftet": LONG_AGO, "mobil_bekreftet": datetime.now(UTC)},
]
"""What KRR says of somebody whose address may be somebody else's by now."""


@pytest.mark.parametrize("krr", UNCONFIRMED)
@pytest.mark.parametrize("feil", [[], [FiksError("TEGN_UTEN_SKRIFT")]])
def test_neither_receipt_nor_failure_goes_to_an_address_that_is_not_confirmed(
    hus: Hus, penn: Penn, register: FakeRegister, krr: dict[str, Any], feil: list[FiksError]
) -> None:
    who, penn.feil = Innbygger(), [*feil]
    register.contacts[who.pid] = Kontaktinformasjon(who.pid, **krr, epost="gammel@eksempel.no")
    send(draft(hus, who, WITHOUT_EMAIL), who, penn, register)
    assert (len(letters()), mails()) == (0 if feil else 1, [])


def test_an_address_that_an_older_rule_let_in_is_told_of_at_its_field(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    loose = replace(WRITTEN, avsender=replace(KARI, epost="kari@[eksempel.no"))
    with transaction():
        row = row_of(made)
        row.innhold_kryptert = seal(replace(unseal(row.innhold_kryptert), utkast=loose))
    with pytest.raises(service.UgyldigSkjema) as refused:
        service.send(made, spraak="nb", actor=who.actor)
    assert [(one.felt, one.kode) for one in refused.value.feil] == [("epost", "EDIALOG_EPOST")]
    assert row_of(made).status == Status.IKKE_INNSENDT


def test_a_letter_waits_a_little_for_krr_and_then_goes_without_a_receipt(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    register.nede = AWAY
    service.send(draft(hus, who, WITHOUT_EMAIL), spraak="nb", actor=who.actor)
    tries = 0
    while not letters() and tries < 10:
        hurry()
        tries += work.send_next(penn, register)
    assert (tries, len(letters()), mails()) == (work.ASK_FOR_ADDRESS, 1, [])


def hurry() -> None:
    """As if every wait were over."""
    with transaction() as tx:
        tx.execute(text("UPDATE edialog_skjema SET neste_forsok = now() - interval '1 s'"))


def test_sending_twice_makes_one_letter(hus: Hus, penn: Penn, register: FakeRegister) -> None:
    who = Innbygger()
    made = draft(hus, who)
    for _ in range(2):
        service.send(made, spraak="nb", actor=who.actor)
        work.send_next(penn, register)
    assert (len(letters()), len(mails())) == (1, 1)
    with pytest.raises(Konflikt, match="EDIALOG_ER_SENDT"):
        service.save(made, WRITTEN, sensitivt=False, actor=who.actor)
    with pytest.raises(Konflikt, match="EDIALOG_ER_SENDT"):
        service.discard_draft(made, actor=who.actor)
    said = (
        select(EdialogHendelse.til).where(EdialogHendelse.skjema_id == made).order_by(EdialogHendelse.lopenr)
    )
    assert session().scalars(said).all() == ["IKKE_INNSENDT", "UNDER_INNSENDING", "INNSENDT"]


def test_what_cannot_be_drawn_comes_back_to_the_citizen_whole_and_can_be_mended(
    hus: Hus, penn: Penn, register: FakeRegister, leser: Pdfleser
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    attach(made, who, leser)
    penn.feil = [FiksError("TEGN_UTEN_SKRIFT")]
    send(made, who, penn, register)
    skjema = queries.skjema(made, actor=who.actor)
    assert (skjema.status, skjema.feilkode) == (Status.INNSENDING_FEILET, "EDIALOG_KAN_IKKE_TEGNES")
    assert (skjema.utkast, len(skjema.filer), letters()) == (WRITTEN, 1, [])
    assert [(m[0], m[2]) for m in mails()] == [("EDIALOG_FEILET", "kari@eksempel.no")]
    service.save(made, replace(WRITTEN, melding="Bedre."), sensitivt=False, actor=who.actor)
    assert row_of(made).status == Status.IKKE_INNSENDT
    send(made, who, penn, register)
    assert len(letters()) == 1


def test_what_cannot_be_sent_is_told_where_the_receipt_would_have_gone(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    register.contacts[who.pid] = Kontaktinformasjon(who.pid, True, epost="fra-krr@eksempel.no")
    penn.feil = [FiksError("TEGN_UTEN_SKRIFT")]
    made = draft(hus, who, WITHOUT_EMAIL)
    send(made, who, penn, register)
    assert row_of(made).status == Status.INNSENDING_FEILET
    assert [(m[0], m[2]) for m in mails()] == [("EDIALOG_FEILET", "fra-krr@eksempel.no")]


@pytest.mark.parametrize("trouble", [AWAY, ValueError("an answer nobody had thought of")])
def test_what_cannot_be_sent_ends_whatever_krr_does(
    hus: Hus, penn: Penn, register: FakeRegister, trouble: Exception
) -> None:
    who = Innbygger()
    made = draft(hus, who, WITHOUT_EMAIL)
    service.send(made, spraak="nb", actor=who.actor)
    register.nede = trouble  # type: ignore[assignment]
    with transaction() as tx:
        tx.execute(update(EdialogSkjema).values(forsok=work.MAX_TRIES))
    assert work.send_next(penn, register) == 1
    assert (row_of(made).status, row_of(made).feilkode) == (Status.INNSENDING_FEILET, "EDIALOG_MISLYKTES")
    assert mails() == []


def test_what_is_damaged_is_given_up_and_told_to_operations_and_goes_when_its_time_is_over(
    hus: Hus, penn: Penn, register: FakeRegister, caplog: pytest.LogCaptureFixture
) -> None:
    who, other = Innbygger(), Innbygger()
    made, whole = draft(hus, who), draft(hus, other)
    for skjema_id, writer in ((made, who), (whole, other)):
        service.send(skjema_id, spraak="nb", actor=writer.actor)
    damage(made)
    for _ in range(work.MAX_TRIES + 2):
        hurry()
        while work.send_next(penn, register):
            pass
    assert (row_of(made).status, row_of(made).feilkode) == (Status.INNSENDING_FEILET, "EDIALOG_MISLYKTES")
    assert (row_of(whole).status, len(letters()), len(mails())) == (Status.INNSENDT, 1, 1)
    logged = [one.msg for one in caplog.records]
    assert (logged.count("edialog_unreadable"), logged.count("edialog_failed")) == (1, 1)
    clock.move(timedelta(days=366))
    assert service.delete_old() == 2


def test_what_has_failed_too_often_waits_for_whoever_has_its_key_to_tell_its_citizen(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    with newer_key():
        made = draft(hus, who)
        service.send(made, spraak="nb", actor=who.actor)
    with transaction() as tx:
        tx.execute(update(EdialogSkjema).values(forsok=work.MAX_TRIES))
    for _ in range(2):
        assert work.send_next(penn, register) == 1
        assert (row_of(made).status, row_of(made).forsok) == (Status.UNDER_INNSENDING, work.MAX_TRIES)
        hurry()
    with newer_key():
        work.send_next(penn, register)
        assert row_of(made).status == Status.INNSENDING_FEILET
        assert [(m[0], m[2]) for m in mails()] == [("EDIALOG_FEILET", "kari@eksempel.no")]


def test_what_this_process_lacks_the_key_of_is_not_called_damaged(hus: Hus) -> None:
    """Its citizen would be asked to delete what is whole."""
    who = Innbygger()
    with newer_key():
        made = draft(hus, who)
    for ask in (
        lambda: queries.own_rows(actor=who.actor),
        lambda: queries.own_skjemaer(limit=10, actor=who.actor),
        lambda: queries.own_row(made, actor=who.actor),
    ):
        with pytest.raises(NokkelUkjent):
            ask()


def test_one_that_cannot_be_read_hides_no_other_of_its_citizens(
    hus: Hus, caplog: pytest.LogCaptureFixture
) -> None:
    who, house = Innbygger(), make_hus()
    open_edialog(house)
    damaged, whole = draft(hus, who), draft(house, who)
    damage(damaged)
    rows = queries.own_rows(actor=who.actor)
    assert [(one.id, one.lesbar, one.tittel) for one in rows] == [
        (whole, True, WRITTEN.tittel),
        (damaged, False, ""),
    ]
    assert [one.id for one in queries.own_skjemaer(limit=10, actor=who.actor)] == [whole]
    assert [one.msg for one in caplog.records if one.levelname == "ERROR"] == ["edialog_unreadable"] * 2
    with pytest.raises(VerdiOdelagt):
        queries.skjema(damaged, actor=who.actor)
    assert not queries.own_row(damaged, actor=who.actor).lesbar


def test_what_fails_for_no_fault_of_its_own_is_tried_again_and_in_the_end_given_back(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    service.send(made, spraak="nb", actor=who.actor)
    penn.feil = [FiksError("TEGNING_FEILET")] * 20
    tries = 0
    while row_of(made).status == Status.UNDER_INNSENDING and tries < 20:
        hurry()
        tries += work.send_next(penn, register)
    assert (tries, row_of(made).feilkode) == (work.MAX_TRIES + 1, "EDIALOG_MISLYKTES")
    penn.feil = []
    send(made, who, penn, register)
    assert len(letters()) == 1


@pytest.mark.parametrize(
    "away", [LagerUtilgjengelig("LAGER_UTILGJENGELIG"), NokkelUkjent("NOKKEL_UKJENT", nokkel_id="ny")]
)
def test_what_waits_for_the_store_or_a_key_of_ours_waits_for_as_long_as_it_takes(
    hus: Hus, penn: Penn, register: FakeRegister, away: FiksError
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    service.send(made, spraak="nb", actor=who.actor)
    penn.feil = [away] * (work.MAX_TRIES + 2)
    for _ in range(work.MAX_TRIES + 2):
        hurry()
        assert work.send_next(penn, register) == 1
        assert row_of(made).status == Status.UNDER_INNSENDING
    hurry()
    work.send_next(penn, register)
    assert (row_of(made).status, len(letters())) == (Status.INNSENDT, 1)


def test_what_was_written_waits_for_whoever_has_its_key(hus: Hus, penn: Penn, register: FakeRegister) -> None:
    who = Innbygger()
    with newer_key():
        made = draft(hus, who)
        service.send(made, spraak="nb", actor=who.actor)
    for _ in range(work.MAX_TRIES + 2):
        hurry()
        assert work.send_next(penn, register) == 1
    assert (row_of(made).status, row_of(made).forsok) == (Status.UNDER_INNSENDING, 0)
    hurry()
    with newer_key():
        work.send_next(penn, register)
        assert (row_of(made).status, len(letters())) == (Status.INNSENDT, 1)


def test_a_konto_that_is_closed_takes_nothing_in_and_loses_nothing(
    hus: Hus, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger()
    made = draft(hus, who)
    service.send(made, spraak="nb", actor=who.actor)
    late = Innbygger()
    draft_of_late = draft(hus, late)
    with transaction() as tx:
        tx.execute(update(Konto).values(aktivert=False))
    assert (work.send_next(penn, register), len(letters())) == (1, 1)
    with pytest.raises(Konflikt, match="EDIALOG_TAR_IKKE_IMOT"):
        service.send(draft_of_late, spraak="nb", actor=late.actor)
    with pytest.raises(Konflikt, match="EDIALOG_TAR_IKKE_IMOT"):
        service.begin(hus.orgnr, KARI, actor=Innbygger().actor)
    assert row_of(draft_of_late).status == Status.IKKE_INNSENDT


def test_eDialog_that_is_switched_off_is_as_if_it_were_not_there(hus: Hus) -> None:
    who = Innbygger()
    made, short = draft(hus, who), open_edialog(hus, aktiv=False)
    for ident in (hus.orgnr, short):
        with pytest.raises(IkkeFunnet):
            service.begin(ident, KARI, actor=who.actor)
    with pytest.raises(Konflikt, match="EDIALOG_TAR_IKKE_IMOT"):
        service.send(made, spraak="nb", actor=who.actor)
    assert queries.mottakere() == []
    assert open_edialog(hus) == short
    assert service.begin(short.lower(), KARI, actor=who.actor) == made


def test_nobody_sends_more_in_a_day_than_a_person_can(hus: Hus, monkeypatch: pytest.MonkeyPatch) -> None:
    who = Innbygger()
    monkeypatch.setattr("fiks.edialog.rules.MAX_SENT_A_DAY", 2)
    assert MAX_SENT_A_DAY == 50
    for _ in range(2):
        service.send(draft(hus, who), spraak="nb", actor=who.actor)
    made = draft(hus, who)
    with pytest.raises(service.ForMange, match="EDIALOG_FOR_MANGE_SENDT"):
        service.send(made, spraak="nb", actor=who.actor)
    clock.move(timedelta(days=1, minutes=1))
    service.send(made, spraak="nb", actor=who.actor)


def test_drafts_go_after_thirty_days_with_their_files_and_what_was_sent_stays(
    hus: Hus, penn: Penn, register: FakeRegister, leser: Pdfleser
) -> None:
    who, other = Innbygger(), Innbygger()
    sent = draft(hus, other)
    send(sent, other, penn, register)
    made = draft(hus, who)
    attach(made, who, leser)
    objekt = session().scalars(select(EdialogFil.objekt)).one()
    keys, key = current().keys, session().scalars(select(EdialogFil.nokkel)).one()
    clock.move(timedelta(days=29))
    assert service.delete_old() == 0
    clock.move(timedelta(days=30, minutes=5))
    assert service.delete_old() == 1
    assert [row.id for row in session().scalars(select(EdialogSkjema))] == [sent]
    with pytest.raises(IkkeFunnet):
        next(current().store.read_document(objekt, key, keys))


def test_what_could_not_be_sent_is_kept_as_what_was_sent_and_once_it_is_mended_as_a_draft(
    hus: Hus, penn: Penn, register: FakeRegister, leser: Pdfleser
) -> None:
    who, other = Innbygger(), Innbygger()
    made, mended = draft(hus, who), draft(hus, other)
    attach(made, who, leser)
    penn.feil = [FiksError("TEGN_UTEN_SKRIFT")] * 2
    send(made, who, penn, register)
    send(mended, other, penn, register)
    service.save(mended, WRITTEN, sensitivt=False, actor=other.actor)
    clock.move(timedelta(days=31))
    assert service.delete_old() == 1
    skjema = queries.skjema(made, actor=who.actor)
    assert (skjema.utkast, len(skjema.filer)) == (WRITTEN, 1)
    clock.move(timedelta(days=333))
    assert service.delete_old() == 0
    clock.move(timedelta(days=2))
    assert service.delete_old() == 1


def test_nothing_personal_lies_in_clear(
    hus: Hus, database: object, penn: Penn, register: FakeRegister
) -> None:
    who = Innbygger(new_fnr())
    made = draft(hus, who, replace(WRITTEN, melding="Hemmelighet", avsender=KARI))
    rows = session().execute(text("SELECT edialog_skjema::text FROM edialog_skjema")).scalars().all()
    seen = "".join(rows)
    assert all(word not in seen for word in (who.pid, "Fjellstad", "Hemmelighet", "tillegg"))
    send(made, who, penn, register)
    kept = queries.skjema(made, actor=who.actor)
    assert (kept.utkast.melding, kept.utkast.tittel) == ("", WRITTEN.tittel)

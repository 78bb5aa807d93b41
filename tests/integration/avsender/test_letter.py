"""One letter for its sender: what is known of it, why it went the way it did, and what can be done with it now."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon import grant_usage
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.history import Event, append_events
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, Levering, SvarinnFeil
from fiks.svarut.rules import Status
from fiks.svarut.sender import letter_page, status_queries
from portal.svarut.letter import channel_reasons
from tests.integration.avsender.senders import Ansatt, browser_of, make_ansatt, put, second_konto, send, used
from tests.integration.houses import HOUSE, Hus, make_hus
from tests.integration.konfigurasjon.portals import operator
from tests.integration.utsending.browser import Browser, post, text_of, token_of
from tests.pagecheck import faults
from tests.submissions import FNR, ORGNR, PDF, document


def hand_over(letter_id: UUID, kanal: str | None, status: str, **columns: object) -> UUID:
    """A hand-over of the letter, behind the use cases."""
    with transaction() as tx:
        row = Levering(forsendelse_id=letter_id, kanal=kanal, status=status, bane="enkelt", **columns)
        tx.add(row)
        tx.flush()
        return row.id


def reader(hus: Hus) -> Ansatt:
    return make_ansatt(hus, P.LESE)


def sender(app: Flask, hus: Hus) -> Browser:
    """The browser of somebody who may send and stop."""
    return browser_of(app, hus, make_ansatt(hus, P.SENDE, P.STOPPE, P.LESE))


def status_of(letter_id: UUID) -> str:
    session().rollback()
    return session().execute(select(Forsendelse.status).where(Forsendelse.id == letter_id)).scalar_one()


def audited(handling: str, letter_id: UUID) -> int:
    return len(
        session()
        .scalars(
            select(Audit)
            .where(Audit.handling == handling, Audit.objekt_id == str(letter_id))
            .order_by(Audit.id)
        )
        .all()
    )


def test_the_page_tells_what_is_known_of_the_letter_and_hides_the_number(app: Flask) -> None:
    hus = make_hus()
    letter = send(
        hus,
        tittel="Vedtak om barnehageplass",
        dokumenter=(document("vedtak.pdf"), document("bilde.png", "image/png", ekskluderes=True)),
        ekstern_referanse="sak 2026/1",
        konteringskode="EISK-2027",
        avgivende_system="Visma",
    )
    page = browser_of(app, hus, reader(hus)).get(f"/forsendelser/{letter}").text
    assert faults(page) == []
    shown = text_of(page)
    for known in ("Vedtak om barnehageplass", "Testperson Fjelltur", "sak 2026/1", "EISK-2027", "Visma"):
        assert known in shown, known
    for known in ("vedtak.pdf", "bilde.png", "Skrives ikke ut", "Fagsystem (REST v2)", str(letter)):
        assert known in shown, known
    assert "Mottatt, og tildelt forsendelse-id" in shown
    assert f"Privatperson, {FNR[:6]}*****" in shown
    assert FNR not in page
    assert "Øvre Testveg" not in page


def test_how_a_long_history_ended_is_shown(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    with transaction():
        append_events([Event(letter, "MERKNAD", "MOTTAK_FEILET", "t")] * status_queries.MOST)
        append_events([Event(letter, "MERKNAD", "LEST_EKSTERNT", "t")])
    actor = reader(hus).aktor
    told = [one.kode for one in letter_page.letter_for_sender(letter, actor=actor).hendelser]
    assert (len(told), told[0], told[-1]) == (status_queries.MOST, "MOTTATT", "LEST_EKSTERNT")


def test_what_a_receiver_wrote_that_does_not_open_hides_nothing_else_of_the_letter(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus, tittel="Vedtak om barnehageplass")
    with transaction() as tx:
        append_events([Event(letter, "MERKNAD", "MOTTAK_FEILET", "t")])
        number = tx.get_one(Forsendelse, letter, populate_existing=True).siste_lopenr
        tx.add(SvarinnFeil(forsendelse_id=letter, lopenr=number, feilmelding_kryptert=b"skadet"))
    shown = browser_of(app, hus, reader(hus)).get(f"/forsendelser/{letter}")
    assert shown.status_code == 200 and faults(shown.text) == []
    assert ": Meldingen kan ikke leses" in text_of(shown.text)
    assert "Vedtak om barnehageplass" in text_of(shown.text)


def test_the_orgnr_of_a_company_is_shown_whole(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus, digital_id=ORGNR, navn="Testvik Båtforening")
    assert f"Virksomhet, {ORGNR}" in text_of(
        browser_of(app, hus, reader(hus)).get(f"/forsendelser/{letter}").text
    )


def who_looks(app: Flask, hus: Hus) -> dict[str, Browser]:
    """Everybody who may see that the letter was sent, and who runs the platform."""
    admin = make_ansatt(hus, P.ADMIN, ressurs=hus.organisasjon_id)
    everything = make_ansatt(hus, P.SENDE, P.LESE, P.STOPPE, P.GODKJENNE, P.SE_SPERRET)
    return {
        "avsender": browser_of(app, hus, everything),
        "administrator": browser_of(app, hus, admin),
        "plattformens drift": operator(app),
    }


@pytest.mark.parametrize("who", ["avsender", "administrator", "plattformens drift"])
def test_sv12_22_neither_sender_nor_super_administrator_opens_a_letter_at_level_four(
    app: Flask, who: str
) -> None:
    """svarut.md 1.6: nobody but the receiver opens it; no page has a link to the file either."""
    hus = make_hus()
    letter = send(hus)
    put(letter, sikkerhetsniva="HOYESTE", kryptert=True)
    client = who_looks(app, hus)[who]
    page = client.get(f"/forsendelser/{letter}")
    assert page.status_code == (302 if who == "plattformens drift" else 200)
    assert f"/forsendelse/{letter}" not in page.text
    assert ("Nivå 4" in text_of(page.text)) == (page.status_code == 200)
    for path in (
        f"/forsendelse/{letter}/1",
        f"/minside/post/{letter}",
        f"/forsendelser/{letter}/1",
        f"/forsendelser/{letter}/dokument/1",
    ):
        answer = client.get(path)
        assert (answer.status_code, PDF in answer.data) == (404, False), path


def test_a_letter_of_another_konto_or_kommune_is_as_one_that_is_not_there(app: Flask) -> None:
    hus, stranger = make_hus(), make_hus("Fjordvik kommune")
    other = second_konto(hus)
    letter = send(hus)
    for who in (
        make_ansatt(other, P.LESE, P.SENDE, P.STOPPE),
        make_ansatt(hus, P.GODKJENNE),
        make_ansatt(stranger, P.ADMIN, ressurs=stranger.organisasjon_id),
    ):
        with pytest.raises(IkkeFunnet):
            letter_page.letter_for_sender(letter, actor=who.aktor)
    with pytest.raises(IkkeFunnet):
        letter_page.letter_for_sender(uuid4(), actor=reader(hus).aktor)
    client = browser_of(app, other, make_ansatt(other, P.LESE, P.SENDE, P.STOPPE))
    for path in ("", "/prov-igjen", "/handtert", "/slett"):
        assert client.get(f"/forsendelser/{letter}{path}").status_code == 404
        assert client.get(f"/forsendelser/{uuid4()}{path}").status_code == 404


def test_a_letter_is_seen_only_while_its_own_organisation_is_chosen() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    letter = send(hus)
    both = make_ansatt(other, P.LESE)
    assert both.aktor.person_id is not None
    konfigurasjon.grant_privilegium(both.aktor.person_id, P.LESE, hus.konto_id, actor=HOUSE)
    with pytest.raises(IkkeFunnet):
        letter_page.letter_for_sender(letter, actor=both.aktor)


@pytest.mark.parametrize(
    ("regel", "kanal", "told"),
    [
        ("1", "SVARINN", "eget system"),
        ("2a", "DPI", "digital postkasse"),
        ("2b", "ALTINN", "går det til Altinn"),
        ("3", "PRINT", "Det går på papir."),
        ("4", "ALTINN", "Da går brevet til Altinn."),
        ("5", "PRINT", "Det går på papir."),
    ],
)
def test_why_the_channel_was_chosen_is_said_in_a_sentence(regel: str, kanal: str, told: str) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, kanalregel=regel, kanal=kanal)
    hand_over(letter, kanal, "OVERLEVERT", kanalregel=regel)
    assert told in " ".join(channel_reasons(letter_page.letter_for_sender(letter, actor=reader(hus).aktor)))


def test_each_way_a_letter_goes_on_is_said_in_its_order() -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, kanalregel="2a", kanal="PRINT")
    hand_over(letter, "DPI", "AVVIST", kanalregel="2a", feilkode="POSTKASSE_AVVISTE")
    hand_over(letter, "ALTINN", "OVERLEVERT", kanalregel="NESTE")
    hand_over(letter, "PRINT", "OVERLEVERT", kanalregel="NESTE")
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == letter).values(siste_lopenr=4))
        tx.add(
            Hendelse(
                forsendelse_id=letter, lopenr=4, art="MERKNAD", kode="LESEFRIST_UTLOPT", aktor="system:test"
            )
        )
    assert channel_reasons(letter_page.letter_for_sender(letter, actor=reader(hus).aktor))[1:] == [
        "Digital postkasse tok ikke imot brevet, så det gikk videre til Altinn.",
        "Brevet var ikke lest da fristen gikk ut, så det gikk videre fra Altinn til Papirpost.",
    ]


def test_before_a_channel_is_chosen_it_is_said_when_it_will_be() -> None:
    hus = make_hus()
    assert channel_reasons(letter_page.letter_for_sender(send(hus), actor=reader(hus).aktor)) == [
        "Kanalen velges når brevet skal overleveres."
    ]


def test_what_only_a_few_may_know_is_hidden_from_the_others() -> None:
    """The lane of protected addresses: why a letter stands there is for SE_SPERRET."""
    hus = make_hus()
    letter = send(hus)
    put(letter, status=Status.AKSEPTERT)
    with transaction() as tx:
        tx.add(
            Levering(
                forsendelse_id=letter,
                kanal="PRINT",
                status="TIL_BEHANDLING",
                bane="sperret",
                feilkode="ADRESSE_SPERRET",
            )
        )
    seen = letter_page.letter_for_sender(letter, actor=make_ansatt(hus, P.LESE, P.SENDE).aktor)
    assert [(one.status, one.feilkode) for one in seen.leveringer] == [("KLAR", None)]
    assert seen.feilet is None
    few = letter_page.letter_for_sender(letter, actor=make_ansatt(hus, P.LESE, P.SE_SPERRET).aktor)
    assert [one.feilkode for one in few.leveringer] == ["ADRESSE_SPERRET"]


def test_a_letter_that_waits_for_a_person_is_sent_once_more_after_a_question(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, status=Status.AKSEPTERT)
    levering = hand_over(letter, "PRINT", "TIL_BEHANDLING", feilkode="FOR_MANGE_FORSOK", forsok=8)
    client, page = sender(app, hus), f"/forsendelser/{letter}/prov-igjen"
    assert page in client.get(f"/forsendelser/{letter}").text
    question = client.get(page).text
    assert faults(question) == []
    assert "kan det ikke trekkes tilbake" in question
    assert post(client, page, page).status_code == 303
    session().rollback()
    assert session().get_one(Levering, levering).status == "KLAR"
    assert audited("PROVES_IGJEN", levering) == 1
    assert client.get(page).status_code == 303
    assert "kan ikke prøves på nytt" in client.get(f"/forsendelser/{letter}").text


def test_a_letter_is_closed_by_hand_after_a_question_that_says_it_is_final(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, status=Status.LEVERT_ALTINN, kanal="ALTINN")
    client, page = sender(app, hus), f"/forsendelser/{letter}/handtert"
    question = client.get(page).text
    assert faults(question) == []
    assert "kan ikke angres" in question
    assert status_of(letter) == Status.LEVERT_ALTINN
    assert post(client, page, page).status_code == 303
    assert status_of(letter) == Status.MANUELT_HANDTERT
    assert audited("BREV_HANDTERT", letter) == 1


def test_while_nobody_knows_whether_a_channel_got_it_the_page_says_so_and_offers_no_end(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, status=Status.AKSEPTERT)
    hand_over(letter, "DPI", "UAVKLART", feilkode="TIDSAVBRUDD", forsok=1)
    client, page = sender(app, hus), f"/forsendelser/{letter}"
    shown = client.get(page).text
    assert faults(shown) == []
    assert "Vi vet ikke om kanalen fikk brevet" in shown
    assert not [act for act in ("handtert", "slett") if f"{page}/{act}" in shown]
    answer = post(client, page, f"{page}/handtert")
    assert (answer.status_code, status_of(letter)) == (303, Status.AKSEPTERT)
    assert "kan så lenge ikke settes som håndtert eller slettes" in client.get(answer.location).text


@pytest.mark.parametrize("status", [Status.SENDT_SDP, Status.LEVERT_SDP, Status.LEST])
def test_what_has_reached_its_receiver_cannot_be_closed_by_hand(app: Flask, status: Status) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, status=status)
    client = sender(app, hus)
    assert f"/forsendelser/{letter}/handtert" not in client.get(f"/forsendelser/{letter}").text
    answer = post(client, f"/forsendelser/{letter}/slett", f"/forsendelser/{letter}/handtert")
    assert answer.status_code == 303
    assert status_of(letter) == status
    assert "kan ikke settes som håndtert" in client.get(answer.location).text


@pytest.mark.parametrize("bane", ["enkelt", "sperret"])
def test_what_its_mailbox_failed_with_and_waits_for_a_person_can_be_closed_by_hand(
    app: Flask, bane: str
) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, status=Status.SENDT_SDP, kanal="DPI")
    waiting = hand_over(letter, "ALTINN", "KLAR")
    few = make_ansatt(hus, P.LESE, P.STOPPE, P.SE_SPERRET)
    client, page = browser_of(app, hus, few), f"/forsendelser/{letter}/handtert"
    assert page not in client.get(f"/forsendelser/{letter}").text
    put_hand_over(waiting, status="TIL_BEHANDLING", bane=bane)
    assert page in client.get(f"/forsendelser/{letter}").text
    assert post(client, page, page).status_code == 303
    assert status_of(letter) == Status.MANUELT_HANDTERT


def put_hand_over(levering: UUID, **columns: object) -> None:
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.id == levering).values(**columns))


def test_the_documents_are_deleted_after_a_question_that_says_what_is_lost(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, status=Status.LEST)
    client, page = sender(app, hus), f"/forsendelser/{letter}/slett"
    question = client.get(page).text
    assert faults(question) == []
    assert "kan ikke hentes tilbake" in question
    assert "Mottakeren kan ikke lenger åpne brevet" in question
    assert post(client, page, page).status_code == 303
    assert status_of(letter) == Status.SLETTET
    left = session().scalars(select(Dokument.objekt).where(Dokument.forsendelse_id == letter))
    assert left.all() == [None]
    assert f"{letter}/slett" not in client.get(f"/forsendelser/{letter}").text


def test_who_deletes_what_is_deleted_already_is_told_that_it_is_done(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, status=Status.LEST)
    client, page = sender(app, hus), f"/forsendelser/{letter}/slett"
    form = {"csrf_token": token_of(client.get(page).text)}
    for _ in range(2):
        answer = client.post(page, data=form)
        assert answer.status_code == 303
        assert "Dokumentene er slettet." in text_of(client.get(answer.location).text)
    assert "Dokumentene er alt slettet." in text_of(client.get(client.get(page).location).text)


def test_what_is_not_sent_is_not_said_to_be_deleted(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    client, page = sender(app, hus), f"/forsendelser/{letter}/slett"
    assert "Brevet er ikke sendt ennå." in text_of(client.get(client.get(page).location).text)


def test_who_may_only_read_is_offered_and_allowed_nothing(app: Flask) -> None:
    hus = make_hus()
    letter = send(hus)
    put(letter, status=Status.LEVERT_ALTINN)
    hand_over(letter, "PRINT", "TIL_BEHANDLING")
    client = browser_of(app, hus, reader(hus))
    assert "Hva du kan gjøre" not in client.get(f"/forsendelser/{letter}").text
    for act in ("prov-igjen", "handtert", "slett"):
        assert client.get(f"/forsendelser/{letter}/{act}").status_code == 403
    only_send = browser_of(app, hus, make_ansatt(hus, P.SENDE))
    assert only_send.get(f"/forsendelser/{letter}/handtert").status_code == 403
    assert only_send.get(f"/forsendelser/{letter}/slett").status_code == 200


def test_reading_a_letter_is_a_use_of_one_right_and_seeing_what_is_restricted_of_the_one_for_that() -> None:
    hus = make_hus()
    grant_usage.write_noted_uses()
    ordinary, restricted = send(hus), send(hus)
    for letter in (ordinary, restricted):
        hand_over(letter, "PRINT", "TIL_BEHANDLING", feilkode="FEIL")
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == restricted).values(bane="sperret"))
    ansatt = make_ansatt(hus, P.LESE, P.SENDE, P.STOPPE, P.SE_SPERRET)
    assert P.SE_SPERRET in letter_page.letter_for_sender(ordinary, actor=ansatt.aktor).rett
    assert used(ansatt) == {(P.LESE, hus.konto_id)}
    letter_page.letter_for_sender(restricted, actor=ansatt.aktor)
    assert used(ansatt) == {(P.LESE, hus.konto_id), (P.SE_SPERRET, hus.konto_id)}

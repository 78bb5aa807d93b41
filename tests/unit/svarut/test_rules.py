"""SvarUt's rules: transitions as svarut.md 2.2 has them, the channel of 2.3, and what is never printed."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from fiks.core.queue.retry_policy import retry_delay
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Kontaktinformasjon,
    Person,
    Personstatus,
    Virksomhet,
)
from fiks.svarut.lifecycle.channel_choice import choose_channel, goes_on_paper_after_deadline, next_channel
from fiks.svarut.rules import (
    FINAL,
    HANDED_OVER,
    LEVERINGSOVERGANGER,
    OPEN,
    OVERGANGER,
    UNREAD_ALTINN,
    Kanal,
    Kanalvalg,
    Leveringsstatus,
    Mottakertype,
    Status,
    may_be_closed,
)

FNR = "17912099997"

# svarut.md 2.2, word for word but for the remarks.
TABLE_2_2 = """
MOTTATT -> AKSEPTERT | AVVIST | FEILET_UNDER_MOTTAK
AKSEPTERT -> KLAR_FOR_MOTTAK | SENDT_SDP | VARSLET | SENDT_PRINT | IKKE_LEVERT | MANUELT_HANDTERT
KLAR_FOR_MOTTAK -> LEST | VARSLET | SENDT_PRINT | IKKE_LEVERT | MANUELT_HANDTERT
SENDT_SDP -> LEVERT_SDP | VARSLET | SENDT_PRINT | LEST
LEVERT_SDP -> LEST
VARSLET -> LEST | SENDT_PRINT | SENDT_DIGITALT | MANUELT_HANDTERT
SENDT_DIGITALT -> LEST
SENDT_PRINT -> PRINTET | LEST | MANUELT_HANDTERT
PRINTET -> LEST
"""

# What the table leaves open and a letter can meet: kun digital where every channel refuses, at once or afterwards.
KUN_DIGITAL_REFUSED = {
    (Status.AKSEPTERT, Status.AVVIST),
    (Status.SENDT_SDP, Status.IKKE_LEVERT),
    (Status.SENDT_ALTINN, Status.IKKE_LEVERT),
    (Status.LEVERT_ALTINN, Status.IKKE_LEVERT),
    (Status.SENDT_DIGITALT, Status.IKKE_LEVERT),
}
# What a mailbox failed with is not sent, and a person may close it when no channel takes it.
FAILED_IN_MAILBOX = {(Status.SENDT_SDP, Status.MANUELT_HANDTERT)}
NOT_DELETED_WHILE_UNDER_WAY = {Status.MOTTATT, Status.AKSEPTERT}
REJECTED = {Status.AVVIST, Status.FEILET_UNDER_MOTTAK}


def table_2_2() -> set[tuple[Status, Status]]:
    """The pairs of the table, with VARSLET read as the two Altinn states, the first leading to the second."""
    pairs = {(Status.SENDT_ALTINN, Status.LEVERT_ALTINN)}
    for line in TABLE_2_2.strip().splitlines():
        fra, _, targets = line.partition(" -> ")
        sources = UNREAD_ALTINN if fra == "VARSLET" else (Status(fra),)
        for til in targets.split(" | "):
            target = Status.SENDT_ALTINN if til == "VARSLET" else Status(til)
            pairs |= {(source, target) for source in sources}
    return pairs


def our_pairs() -> set[tuple[Status, Status]]:
    return {(fra, til) for fra, targets in OVERGANGER.items() for til in targets}


def test_the_transitions_are_those_of_the_table_and_the_named_additions() -> None:
    ours = {pair for pair in our_pairs() if pair[1] is not Status.SLETTET}
    assert ours - KUN_DIGITAL_REFUSED - FAILED_IN_MAILBOX == table_2_2()


def test_every_letter_that_was_not_rejected_can_be_deleted_once_it_is_not_under_way() -> None:
    deletable = {fra for fra, til in our_pairs() if til is Status.SLETTET}
    assert deletable == set(Status) - REJECTED - NOT_DELETED_WHILE_UNDER_WAY - {Status.SLETTET}


def test_every_status_has_its_row_in_both_tables() -> None:
    assert set(OVERGANGER) == set(Status)
    assert set(LEVERINGSOVERGANGER) == set(Leveringsstatus)


def test_what_is_handed_over_is_what_can_be_read() -> None:
    assert set(HANDED_OVER) == {fra for fra, til in our_pairs() if til is Status.LEST}


def test_a_letter_that_is_sent_digitally_or_read_cannot_be_recalled() -> None:
    for status in (Status.SENDT_SDP, Status.LEVERT_SDP, Status.LEST):
        assert not may_be_closed(status, waits_for_person=False)
    for status in (Status.LEVERT_SDP, Status.LEST):
        assert Status.MANUELT_HANDTERT not in OVERGANGER[status]


def test_what_its_mailbox_failed_with_can_be_closed_when_only_a_person_can_do_more() -> None:
    assert may_be_closed(Status.SENDT_SDP, waits_for_person=True)
    for status in (Status.LEVERT_SDP, Status.LEST):
        assert not may_be_closed(status, waits_for_person=True)
    assert may_be_closed(Status.SENDT_ALTINN, waits_for_person=False)


def test_a_letter_in_a_mailbox_never_goes_on_paper() -> None:
    assert Status.SENDT_PRINT not in OVERGANGER[Status.LEVERT_SDP]


def test_what_is_final_waits_for_nothing_of_ours() -> None:
    waiting = {Status.MOTTATT, Status.AKSEPTERT, Status.SENDT_SDP, *UNREAD_ALTINN, Status.SENDT_PRINT}
    assert set(Status) - waiting == FINAL


def test_a_hand_over_that_is_not_open_is_over_for_good() -> None:
    closed = {status for status, targets in LEVERINGSOVERGANGER.items() if not targets}
    assert closed == set(Leveringsstatus) - set(OPEN)


def test_an_unknown_outcome_is_never_stopped_only_settled() -> None:
    assert Leveringsstatus.STOPPET not in LEVERINGSOVERGANGER[Leveringsstatus.UAVKLART]


def kontakt(**changes: object) -> Kontaktinformasjon:
    return Kontaktinformasjon(FNR, **({"registrert": True, "postkasse": "DIGIPOST"} | changes))  # type: ignore[arg-type]


def person(status: Personstatus = Personstatus.BOSATT) -> Person:
    return Person(FNR, "Kari", None, "Fjellstad", status, Adressebeskyttelse.UGRADERT)


def unit(status: Enhetstatus = Enhetstatus.FUNNET) -> Virksomhet:
    return Virksomhet("311990039", "Lillevik Bruk AS", status)


def choose(kind: Mottakertype, **changes: object) -> Kanalvalg:
    given: dict[str, object] = {
        "kontakt": None,
        "person": None,
        "virksomhet": None,
        "svarinn": False,
        "sdp_aktiv": True,
        "kun_digital": False,
    }
    return choose_channel(kind, **(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "kanal", "regel", "grunn"),
    [
        ({"kontakt": kontakt()}, Kanal.DPI, "2a", "POSTKASSE"),
        ({"kontakt": kontakt(postkasse="EBOKS")}, Kanal.DPI, "2a", "POSTKASSE"),
        ({"kontakt": kontakt(), "sdp_aktiv": False}, Kanal.ALTINN, "2b", "UTEN_SDP"),
        ({"kontakt": kontakt(postkasse=None)}, Kanal.ALTINN, "2b", "ALTINN"),
        ({"kontakt": kontakt(reservert=True)}, Kanal.PRINT, "3", "RESERVERT"),
        ({"kontakt": kontakt(passiv=True)}, Kanal.PRINT, "3", "PASSIV"),
        ({"kontakt": kontakt(registrert=False)}, Kanal.PRINT, "3", "IKKE_I_KRR"),
        ({"kontakt": None}, Kanal.PRINT, "3", "IKKE_I_KRR"),
        ({"kontakt": kontakt(), "person": person(Personstatus.DOED)}, Kanal.PRINT, "3", "DOED"),
        ({"kontakt": kontakt(), "person": person(Personstatus.UTFLYTTET)}, Kanal.DPI, "2a", "POSTKASSE"),
    ],
)
def test_a_person_gets_the_letter_by(
    changes: dict[str, object], kanal: Kanal, regel: str, grunn: str
) -> None:
    valg = choose(Mottakertype.PERSON, **changes)
    assert (valg.kanal, valg.regel, valg.grunn) == (kanal, regel, grunn)


@pytest.mark.parametrize(
    ("changes", "kanal", "regel"),
    [
        ({"virksomhet": unit(), "svarinn": True}, Kanal.SVARINN, "1"),
        ({"virksomhet": unit()}, Kanal.ALTINN, "4"),
        ({"virksomhet": None}, Kanal.ALTINN, "4"),
        ({"virksomhet": unit(Enhetstatus.SLETTET)}, Kanal.PRINT, "5"),
        ({"virksomhet": unit(Enhetstatus.IKKE_FUNNET)}, Kanal.PRINT, "5"),
        ({"virksomhet": unit(Enhetstatus.SLETTET), "svarinn": True}, Kanal.SVARINN, "1"),
        ({"virksomhet": unit(Enhetstatus.IKKE_FUNNET), "svarinn": True}, Kanal.SVARINN, "1"),
    ],
)
def test_an_organisation_gets_the_letter_by(changes: dict[str, object], kanal: Kanal, regel: str) -> None:
    valg = choose(Mottakertype.ORGANISASJON, **changes)
    assert (valg.kanal, valg.regel) == (kanal, regel)


def test_nobody_without_an_id_can_be_reached_but_on_paper() -> None:
    assert choose(Mottakertype.INGEN).kanal is Kanal.PRINT
    only_digital = choose(Mottakertype.INGEN, kun_digital=True)
    assert (only_digital.kanal, only_digital.avvist) == (None, True)


CONTACTS = [
    None,
    *(
        kontakt(registrert=r, reservert=v, passiv=p, postkasse=k)
        for r, v, p, k in itertools.product((True, False), (True, False), (True, False), ("EBOKS", None))
    ),
]
PEOPLE = [None, *(person(status) for status in Personstatus)]
UNITS = [None, *(unit(status) for status in Enhetstatus)]


def test_kun_digital_is_never_printed_whatever_the_registers_say() -> None:
    for kind, kontakt_, person_, unit_, svarinn, sdp in itertools.product(
        Mottakertype, CONTACTS, PEOPLE, UNITS, (True, False), (True, False)
    ):
        valg = choose(
            kind,
            kontakt=kontakt_,
            person=person_,
            virksomhet=unit_,
            svarinn=svarinn,
            sdp_aktiv=sdp,
            kun_digital=True,
        )
        assert valg.kanal is not Kanal.PRINT
    for kanal, kind in itertools.product(Kanal, Mottakertype):
        assert next_channel(kanal, kun_digital=True, mottakertype=kind) is not Kanal.PRINT
    for kind, ettersending in itertools.product(Mottakertype, (True, False)):
        assert not goes_on_paper_after_deadline(kind, kun_digital=True, ettersending=ettersending)


def test_everybody_can_be_reached_when_paper_is_allowed() -> None:
    for kind, kontakt_, person_, unit_, svarinn, sdp in itertools.product(
        Mottakertype, CONTACTS, PEOPLE, UNITS, (True, False), (True, False)
    ):
        assert (
            choose(
                kind, kontakt=kontakt_, person=person_, virksomhet=unit_, svarinn=svarinn, sdp_aktiv=sdp
            ).kanal
            is not None
        )


def test_a_reserved_or_passive_person_gets_nothing_digital() -> None:
    for sdp, postkasse in itertools.product((True, False), ("EBOKS", None)):
        for changes in ({"reservert": True}, {"passiv": True}):
            valg = choose(Mottakertype.PERSON, kontakt=kontakt(postkasse=postkasse, **changes), sdp_aktiv=sdp)
            assert valg.kanal is Kanal.PRINT


@pytest.mark.parametrize(
    ("failed", "kind", "kun_digital", "following"),
    [
        (Kanal.DPI, Mottakertype.PERSON, False, Kanal.ALTINN),
        (Kanal.DPI, Mottakertype.PERSON, True, Kanal.ALTINN),
        (Kanal.ALTINN, Mottakertype.PERSON, False, Kanal.PRINT),
        (Kanal.ALTINN, Mottakertype.PERSON, True, None),
        (Kanal.ALTINN, Mottakertype.ORGANISASJON, False, Kanal.PRINT),
        (Kanal.SVARINN, Mottakertype.ORGANISASJON, False, Kanal.ALTINN),
        (Kanal.PRINT, Mottakertype.PERSON, False, None),
    ],
)
def test_a_channel_that_refuses_is_followed_by(
    failed: Kanal, kind: Mottakertype, kun_digital: bool, following: Kanal | None
) -> None:
    assert next_channel(failed, kun_digital=kun_digital, mottakertype=kind) is following


@pytest.mark.parametrize(
    ("kind", "kun_digital", "ettersending", "papir"),
    [
        (Mottakertype.PERSON, False, False, True),
        (Mottakertype.PERSON, True, True, False),
        (Mottakertype.ORGANISASJON, False, False, False),
        (Mottakertype.ORGANISASJON, False, True, True),
        (Mottakertype.ORGANISASJON, True, True, False),
    ],
)
def test_unread_altinn_post_goes_on_paper(
    kind: Mottakertype, kun_digital: bool, ettersending: bool, papir: bool
) -> None:
    assert goes_on_paper_after_deadline(kind, kun_digital=kun_digital, ettersending=ettersending) is papir


def test_the_waits_grow_and_after_the_last_a_person_is_asked() -> None:
    waits = [retry_delay(n) for n in range(1, 8)]
    minutes = (1, 5, 15, 60, 240, 720, 1440)
    assert waits == [timedelta(minutes=m) for m in minutes]
    assert retry_delay(8) is None

"""What a sender may ask of its letters, and that a letter of another konto is not told apart from none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.konfigurasjon.rules import P
from fiks.svarinn import queries as svarinn
from fiks.svarinn.rules import Koblingsfakta
from fiks.svarut.history import Event, append_events, remark
from fiks.svarut.models import Dokument, Forsendelse, Hendelse, Signeringsoppdrag
from fiks.svarut.mottak import (
    Ekstrametadata,
    Innlasting,
    Innsending,
    Signatur,
    Signering,
    Svaradresse,
    UgyldigForsendelse,
)
from fiks.svarut.retention import deletion
from fiks.svarut.rules import (
    COVER,
    FORSENDELSESFIL,
    Bane,
    Leveringsstatus,
    Signeringsstatus,
    Status,
    status_before_v3,
)
from fiks.svarut.sealed_content import reference_index
from fiks.svarut.sender import status_queries
from fiks.svarut.transitions import move_levering, open_levering
from tests.integration.databases import QuickProcess
from tests.integration.houses import HOUSE, Hus, make_hus, new_orgnr, staff_of
from tests.integration.svarut.in_between import before_statement
from tests.integration.svarut.letters import make_letters
from tests.integration.systems import make_system
from tests.submissions import ADDRESS, FNR, ORGNR, PDF, document, submission


def send(hus: Hus, new: Innsending | None = None) -> UUID:
    new = new or submission()
    with Innlasting(hus.konto_id, actor=HOUSE, innsending=new) as loading:
        for said in new.dokumenter:
            loading.take(said.filnavn, [PDF])
        return loading.register()


def konto_actor(hus: Hus) -> Aktor:
    return Aktor(Aktortype.INTEGRASJON, "konto", konto_id=hus.konto_id, kanal="API")


def test_status_is_told_for_the_letters_that_are_there_in_the_order_asked(hus: Hus) -> None:
    first, second = send(hus), send(hus)
    found = status_queries.statuses(hus.konto_id, [second, uuid4(), first, second], actor=HOUSE)
    assert [one.id for one in found] == [second, first]
    assert {one.status for one in found} == {Status.MOTTATT}
    assert all(abs(one.endret - clock.now()) < timedelta(minutes=1) for one in found)


def test_no_more_than_a_thousand_letters_are_looked_up(hus: Hus) -> None:
    letter = send(hus)
    many = [uuid4() for _ in range(status_queries.MOST)]
    assert status_queries.statuses(hus.konto_id, [*many, letter], actor=HOUSE) == []
    assert len(status_queries.statuses(hus.konto_id, [*many[1:], letter], actor=HOUSE)) == 1


@pytest.mark.parametrize("privilege", [P.LESE, P.SENDE])
def test_whoever_may_read_or_send_sees_the_kontos_letters(hus: Hus, privilege: P) -> None:
    letter, actor = send(hus), staff_of(hus, privilege)
    assert len(status_queries.statuses(hus.konto_id, [letter], actor=actor)) == 1
    assert status_queries.events(letter, actor=actor)
    assert status_queries.documents(letter, actor=actor)
    assert status_queries.signing_events(letter, actor=actor) == []


READS: dict[str, Callable[[Hus, UUID, Aktor], Any]] = {
    "statuses": lambda hus, letter, actor: status_queries.statuses(hus.konto_id, [letter], actor=actor),
    "events": lambda hus, letter, actor: status_queries.events(letter, actor=actor),
    "signing": lambda hus, letter, actor: status_queries.signing_events(letter, actor=actor),
    "documents": lambda hus, letter, actor: status_queries.documents(letter, actor=actor),
    "reference": lambda hus, letter, actor: status_queries.letters_by_reference(
        hus.konto_id, "A-1", actor=actor
    ),
}


@pytest.mark.parametrize("name", list(READS))
def test_sv12_19_a_letter_of_one_konto_is_invisible_to_another(hus: Hus, name: str) -> None:
    letter, other = send(hus, submission(ekstern_referanse="A-1")), make_hus("Fjordvik kommune")
    strangers = [staff_of(other, P.LESE, P.SENDE), konto_actor(other), staff_of(hus, P.GODKJENNE)]
    for stranger in strangers:
        with pytest.raises(IkkeFunnet) as refused:
            READS[name](hus, letter, stranger)
        assert refused.value.kode == "FINNES_IKKE"
    own = konto_actor(hus)
    assert READS[name](hus, letter, own) is not None
    assert status_queries.statuses(other.konto_id, [letter], actor=HOUSE) == []
    assert status_queries.letters_by_reference(other.konto_id, "A-1", actor=HOUSE) == []


def test_an_unknown_letter_is_refused_as_a_strangers_is(hus: Hus) -> None:
    for read in (status_queries.events, status_queries.signing_events, status_queries.documents):
        with pytest.raises(IkkeFunnet) as refused:
            read(uuid4(), actor=staff_of(hus, P.LESE))
        assert refused.value.kode == "FINNES_IKKE"


def test_the_history_is_told_without_our_own_machinery(hus: Hus) -> None:
    letter = send(hus)
    with transaction():
        row = open_levering(letter, utsending_id=None, bane=Bane.ENKELT, kanal=None, aktor="t", kode="KLAR")
        move_levering(
            row,
            fra=Leveringsstatus.KLAR,
            til=Leveringsstatus.TIL_BEHANDLING,
            kode="FOR_MANGE_FORSOK",
            aktor="t",
        )
    told = status_queries.events(letter, actor=HOUSE)
    codes = ["MOTTATT", "METADATA_VALIDERT", "DOKUMENTER_LAGRET", "FOR_MANGE_FORSOK"]
    assert [one.kode for one in told] == codes
    assert told[2].detaljer == {"antall": 1}


def test_of_a_long_history_its_beginning_and_its_end_are_told(hus: Hus) -> None:
    letter = send(hus)
    with transaction():
        again = Event(letter, "MERKNAD", "MOTTAK_FEILET", "t")
        append_events([again] * status_queries.MOST)
        append_events([Event(letter, "MERKNAD", "LEST_EKSTERNT", "t")])
    told = status_queries.events(letter, actor=HOUSE)
    assert len(told) == status_queries.MOST
    assert [one.kode for one in told[:3]] == ["MOTTATT", "METADATA_VALIDERT", "DOKUMENTER_LAGRET"]
    assert [one.kode for one in told[-2:]] == ["MOTTAK_FEILET", "LEST_EKSTERNT"]
    assert [one.tid for one in told] == sorted(one.tid for one in told)


def test_documents_are_told_of_with_their_extra_metadata(hus: Hus) -> None:
    extra = (Ekstrametadata("arkivdel", "BYGG"), Ekstrametadata("merknad", "æøå"))
    new = submission(
        document("brev.pdf"),
        document(
            "bilde.png", "image/png", ekskluderes=True, ekstra=extra, dokument_type="FOTO", sensitiv=True
        ),
    )
    letter = send(hus, new)
    first, second = status_queries.documents(letter, actor=HOUSE)
    assert (first.filnavn, first.mime_type, first.storrelse) == ("brev.pdf", "application/pdf", len(PDF))
    assert (first.ekstra, first.kan_signeres, first.slettet) == ((), False, False)
    assert second.ekstra == (("arkivdel", "BYGG"), ("merknad", "æøå"))
    assert (second.dokument_type, second.sensitiv) == ("FOTO", True)


def test_the_documents_told_of_are_those_the_receiver_is_offered_by_the_same_numbers(hus: Hus) -> None:
    new = submission(
        document("a.pdf", dokument_type="VEDTAK"),
        document("b.pdf"),
        document("c.png", "image/png", ekskluderes=True),
    )
    letter = send(hus, new)
    stored = current().store.put_document([PDF], current().keys)
    where = {"objekt": stored.objekt, "nokkel": stored.nokkel}
    file = {"filnavn": "brev.pdf", "storrelse": stored.storrelse, "sha256": stored.sha256, **where}
    with transaction() as tx:
        tx.add(Dokument(forsendelse_id=letter, nr=COVER, **file | {"filnavn": "forside.pdf"}))
    before = status_queries.documents(letter, actor=HOUSE)
    assert [(d.nr, d.filnavn) for d in before] == [(1, "a.pdf"), (2, "b.pdf"), (3, "c.png")]
    with transaction() as tx:
        tx.add(Dokument(forsendelse_id=letter, nr=FORSENDELSESFIL, **file))
        deletion.destroy_documents(letter, [COVER, FORSENDELSESFIL])
    told = status_queries.documents(letter, actor=HOUSE)
    assert [(d.nr, d.filnavn, d.slettet) for d in told] == [(1, "brev.pdf", False), (3, "c.png", True)]
    assert (told[0].sha256, told[0].dokument_type) == (stored.sha256, "")


@pytest.mark.parametrize(("number", "told"), [(0, True), (1, False)])
def test_a_file_that_is_put_together_while_the_documents_are_told_of_is_told_of_or_not_yet(
    hus: Hus, process: QuickProcess, number: int, told: bool
) -> None:
    letter = send(hus, submission(document("a.pdf"), document("b.pdf")))
    stored = current().store.put_document([PDF], current().keys)

    def put_together() -> None:
        with transaction() as tx:
            tx.add(
                Dokument(
                    forsendelse_id=letter,
                    nr=FORSENDELSESFIL,
                    filnavn="brev.pdf",
                    storrelse=stored.storrelse,
                    sha256=stored.sha256,
                    objekt=stored.objekt,
                    nokkel=stored.nokkel,
                )
            )
            deletion.destroy_documents(letter, [FORSENDELSESFIL])

    with before_statement("FROM dokument", process, put_together, number=number):
        found = status_queries.documents(letter, actor=HOUSE)
    assert [(d.nr, d.filnavn, d.slettet) for d in found] == (
        [(1, "brev.pdf", False)] if told else [(1, "a.pdf", False), (2, "b.pdf", False)]
    )


def test_the_signing_is_told_from_its_order_to_its_end(hus: Hus) -> None:
    ends = clock.now() + timedelta(days=8)
    letter = send(
        hus,
        submission(
            document("avtale.pdf", skal_signeres=True),
            signering=Signering(ends, Signatur.AVANSERT),
            svar_sendes_til=Svaradresse(ADDRESS, ORGNR),
        ),
    )
    assert status_queries.signing_events(letter, actor=HOUSE) == [], "nobody has been asked to sign yet"
    until = ends.isoformat(timespec="seconds")
    with transaction():
        remark(letter, "SIGNERING_REGISTRERT", aktor="system:test", type="AVANSERT_SIGNATUR", utloper=until)
    [ordered] = status_queries.signing_events(letter, actor=HOUSE)
    assert (ordered.kode, ordered.status) == ("SIGNERING_REGISTRERT", Signeringsstatus.VENTER_SIGNERING)
    assert ordered.detaljer == {"type": "AVANSERT_SIGNATUR", "utloper": until}
    assert [d.kan_signeres for d in status_queries.documents(letter, actor=HOUSE)] == [True]

    with transaction() as tx:
        remark(letter, "SIGNERING_FULLFORT", aktor="system:test", svar_id=str(letter))
        tx.execute(
            update(Signeringsoppdrag)
            .where(Signeringsoppdrag.forsendelse_id == letter)
            .values(status=Signeringsstatus.SIGNERT_AV_MOTTAKER)
        )
    done = status_queries.signing_events(letter, actor=HOUSE)[-1]
    assert (done.kode, done.status) == ("SIGNERING_FULLFORT", Signeringsstatus.SIGNERT_AV_MOTTAKER)
    assert [d.kan_signeres for d in status_queries.documents(letter, actor=HOUSE)] == [False]


def test_letters_are_found_by_the_senders_reference_newest_first(hus: Hus) -> None:
    sent = [send(hus, submission(ekstern_referanse="sak 2026/17", avgivende_system="360")) for _ in range(3)]
    send(hus, submission(ekstern_referanse="sak 2026/18"))
    found = status_queries.letters_by_reference(hus.konto_id, "sak 2026/17", actor=HOUSE)
    assert [one.id for one in found] == sent[::-1]
    assert {one.avgivende_system for one in found} == {"360"}


def test_all_letters_of_a_reference_are_told_of_or_none(hus: Hus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that compares takes what it is not told of for never taken in, and sends it again."""
    many = status_queries.MOST + 1
    made = make_letters(hus, [FNR] * many)
    with transaction() as tx:
        tx.execute(update(Forsendelse).values(ekstern_indeks=reference_index("Ref1")))
    found = status_queries.letters_by_reference(hus.konto_id, "Ref1", actor=HOUSE)
    assert {one.id for one in found} == set(made)
    monkeypatch.setattr(status_queries, "MOST_BY_REFERENCE", many - 1)
    with pytest.raises(UgyldigForsendelse, match="FOR_MANGE_TREFF"):
        status_queries.letters_by_reference(hus.konto_id, "Ref1", actor=HOUSE)


def test_sv12_25_older_interfaces_never_show_a_status_of_v3(hus: Hus) -> None:
    letter = send(hus)
    with transaction() as tx:
        deleted = {"status": Status.SLETTET, "status_for_sletting": Status.LEVERT_ALTINN}
        tx.execute(update(Forsendelse).where(Forsendelse.id == letter).values(**deleted))
        move = ("FORSENDELSE", "SLETTET", "system:test", "LEVERT_ALTINN", "SLETTET")
        append_events([Event(letter, "FORSENDELSE", "AKSEPTERT", "t", "MOTTATT", "AKSEPTERT")])
        append_events([Event(letter, "FORSENDELSE", "SENDT_ALTINN", "t", "AKSEPTERT", "SENDT_ALTINN")])
        append_events([Event(letter, "FORSENDELSE", "LEVERT_ALTINN", "t", "SENDT_ALTINN", "LEVERT_ALTINN")])
        append_events([Event(letter, *move)])
    [found] = status_queries.statuses(hus.konto_id, [letter], actor=HOUSE)
    told = select(Hendelse.tid).where(Hendelse.forsendelse_id == letter, Hendelse.til == "LEVERT_ALTINN")
    assert (found.status, found.for_sletting) == (Status.SLETTET, Status.LEVERT_ALTINN)
    assert found.endret_for_sletting == session().execute(told).scalar_one()
    assert status_before_v3(found.status, found.for_sletting) == "VARSLET"


@pytest.fixture
def receivers(hus: Hus) -> str:
    """An organisation whose archive takes everything, and whose fagsystem takes byggesøknader at level 3."""
    orgnr = new_orgnr()
    bygg = Koblingsfakta(orgnr, ("ks.byggesøknad", "Byggesøknad"), "BETYDELIG")
    make_system(orgnr, navn="Arkiv")
    make_system(bygg, navn="Bygg")
    make_system(orgnr, navn="Stengt", aktiv=False)
    return orgnr


def test_what_mottakersystemer_receive_is_found_by_what_is_asked_about(
    receivers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(**asked: Any) -> set[tuple[str, str, int]]:
        rows = svarinn.receptions(orgnr=receivers, **asked)
        assert {row.orgnr for row in rows} <= {receivers}
        return {(row.navn, row.type, row.niva) for row in rows}

    archive = {("Arkiv", "", 3), ("Arkiv", "", 4)}
    assert found() == archive | {("Bygg", "ks.byggesøknad", 3), ("Bygg", "Byggesøknad", 3)}
    assert found(niva=4) == {("Arkiv", "", 4)}
    assert found(type="Byggesøknad", niva=3) == {("Arkiv", "", 3), ("Bygg", "Byggesøknad", 3)}
    assert found(niva=9) == set()
    assert svarinn.receptions(orgnr=new_orgnr()) == []
    monkeypatch.setattr(svarinn, "MOST", 1)
    with pytest.raises(UgyldigInndata, match="FOR_MANGE_TREFF"):
        found()

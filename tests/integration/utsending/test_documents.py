"""Letters made elsewhere: what follows each row's cover sheet, how it is proved, priced, sent, taken over, cleaned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.svarut.models import Dokument, Forsendelse
from fiks.utsending.approval import sample, service
from fiks.utsending.cost import estimate
from fiks.utsending.deletion import cleanup
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.letters.documents import distinct_names, documents_of, missing_documents
from fiks.utsending.letters.inputs import letter_inputs
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rows import queries
from fiks.utsending.rules import Art, Utsendingstatus
from fiks.utsending.sending.copy_unsent import new_from_unsent
from tests.integration.utsending.kommuner import Kommune, Mailing, feed, make_mailing, release

pytestmark = pytest.mark.usefixtures("house")
LETTER, GIRO = b"%PDF-1.7 letter", b"%PDF-1.7 giro"


def with_files(kommune: Kommune, *names: Sequence[str], status: str = "TIL_GODKJENNING") -> Mailing:
    """A mailing whose row 2, 3 … sends the files of these names; the second file of a row is a giro page."""
    mailing = make_mailing(kommune, len(names))
    env, nr = current(), 0
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(art=Art.ETT_DOKUMENT_PER_RAD))
        # The cover sheet is one page.
        tx.execute(update(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id).values(sider=1))
        for radnr, own in enumerate(names, 2):
            for place, navn in enumerate(own, 1):
                nr += 1
                [piece] = env.store.put_segment([(GIRO if place == 2 else LETTER) + navn.encode()], env.keys)
                file = Brevfil(
                    id=uuid4(),
                    utsending_id=mailing.id,
                    nr=nr,
                    vist_navn=navn,
                    storrelse=piece.storrelse,
                    sha256=piece.sha256,
                    objekt=piece.objekt,
                    fra=piece.fra,
                    lengde=piece.lengde,
                    nokkel=piece.nokkel,
                    sider=1 if place == 2 else 2,
                    giroark=[1] if place == 2 else [],
                    status="LEST",
                )
                tx.add(file)
                tx.flush()
                tx.add(Radfil(utsending_id=mailing.id, radnr=radnr, nr=place, brevfil_id=file.id))
        tx.flush()
        digest = service.compute_digest(mailing.id)
        tx.execute(
            update(Utsending)
            .where(Utsending.id == mailing.id)
            .values(innhold_digest=digest, status=Utsendingstatus(status))
        )
    return mailing


@pytest.mark.parametrize("art", Art)
def test_every_cover_sheet_has_the_kontos_own_sender_and_text_and_a_merged_letter_the_organisations(
    kommune: Kommune, art: Art
) -> None:
    mailing = make_mailing(kommune, 1)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(art=art))
        tx.add(
            Kontooppsett(
                konto_id=kommune.konto_id,
                forside_navn="Kemneren i Lillevik",
                forside_adresselinje1="Kaia 1",
                forside_postnr="4262",
                forside_poststed="AVALDSNES",
                forside_tekst="Ring oss om du lurer.",
            )
        )
    made_of = letter_inputs(mailing.id)
    sender = made_of.kontekst.avsender
    told = ["Ring oss om du lurer." in (made_of.mal.source(malform)[1]) for malform in ("nb", "nn")]
    if art == Art.FLETTEBREV:
        assert (sender.navn, told) == ("Lillevik kommune", [False, False])
    else:
        assert (sender.navn, sender.adresselinjer) == ("Kemneren i Lillevik", ("Kaia 1",))
        assert (sender.postnr, sender.poststed, told) == ("4262", "AVALDSNES", [True, True])


def digest_of(mailing: Mailing) -> bytes:
    session().rollback()
    return service.compute_digest(mailing.id)


def sent_documents(mailing: Mailing) -> dict[int, list[tuple[int, str, list[int]]]]:
    session().rollback()
    found = session().execute(
        select(Forsendelse.radnr, Dokument.nr, Dokument.filnavn, Dokument.giroark)
        .join(Dokument, Dokument.forsendelse_id == Forsendelse.id)
        .where(Forsendelse.utsending_id == mailing.id)
        .order_by(Forsendelse.radnr, Dokument.nr)
    )
    told: dict[int, list[tuple[int, str, list[int]]]] = {}
    for radnr, nr, filnavn, giroark in found:
        told.setdefault(radnr, []).append((nr, filnavn, list(giroark)))
    return told


def test_each_letter_has_its_cover_sheet_and_its_own_documents_in_order(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["vedtak.pdf", "giro.pdf"], ["vedtak 2.pdf"])
    release(kommune, mailing)
    assert feed(mailing) == 2
    assert sent_documents(mailing) == {
        2: [(0, "forside.pdf", []), (1, "vedtak.pdf", []), (2, "giro.pdf", [1])],
        3: [(0, "forside.pdf", []), (1, "vedtak 2.pdf", [])],
    }


def test_a_protected_persons_own_documents_are_called_what_tells_nothing(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["Fjellveien 12.pdf", "Fjellveien 12 giro.pdf"], ["Fjellveien 14.pdf"])
    with transaction() as tx:
        one = Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == 2
        tx.execute(update(Utsendingsrad).where(*one).values(skjermet=True))
    release(kommune, mailing)
    assert feed(mailing) == 2
    assert sent_documents(mailing) == {
        2: [(0, "forside.pdf", []), (1, "brev.pdf", []), (2, "brev-2.pdf", [1])],
        3: [(0, "forside.pdf", []), (1, "Fjellveien 14.pdf", [])],
    }


def test_what_is_cut_from_the_big_pdf_is_called_as_the_mailing_whoever_gets_it(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["Skatt 2027.pdf"])
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(art=Art.EN_STOR_PDF))
        of_mailing = Utsendingsrad.utsending_id == mailing.id
        tx.execute(update(Utsendingsrad).where(of_mailing).values(skjermet=True))
    [found] = documents_of(session().get_one(Utsending, mailing.id), [2])[2]
    assert found.filnavn == "Skatt 2027.pdf"


def test_a_row_that_lost_its_documents_stops_the_mailing(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["a.pdf"], ["b.pdf"])
    release(kommune, mailing)
    with transaction() as tx:
        tx.execute(delete(Radfil).where(Radfil.utsending_id == mailing.id, Radfil.radnr == 3))
    assert feed(mailing) == 0
    session().rollback()
    assert session().get_one(Utsending, mailing.id).status == Utsendingstatus.STOPPET
    assert sent_documents(mailing) == {}


@pytest.mark.parametrize("lost", [{"objekt": None}, {"nokkel": None}])
def test_a_document_without_content_stops_the_mailing(kommune: Kommune, lost: dict[str, None]) -> None:
    mailing = with_files(kommune, ["a.pdf"], ["b.pdf"])
    release(kommune, mailing)
    with transaction() as tx:
        tx.execute(update(Brevfil).where(Brevfil.utsending_id == mailing.id, Brevfil.nr == 2).values(**lost))
    assert feed(mailing) == 0
    session().rollback()
    assert session().get_one(Utsending, mailing.id).status == Utsendingstatus.STOPPET
    assert sent_documents(mailing) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": b"\1" * 32},
        {"vist_navn": "annet.pdf"},
        {"giroark": [2]},
        {"sider": 3},
    ],
)
def test_what_is_approved_is_every_document_of_every_row(kommune: Kommune, change: dict[str, object]) -> None:
    mailing = with_files(kommune, ["a.pdf"], ["b.pdf"])
    before = digest_of(mailing)
    assert digest_of(mailing) == before
    with transaction() as tx:
        tx.execute(
            update(Brevfil).where(Brevfil.utsending_id == mailing.id, Brevfil.nr == 2).values(**change)
        )
    assert digest_of(mailing) != before
    with pytest.raises(Konflikt, match="INNHOLD_ENDRET"):
        service.approve(mailing.id, before, actor=kommune.aktor("godkjenner"))


def test_two_rows_that_change_documents_are_another_mailing(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["a.pdf"], ["b.pdf"])
    before = digest_of(mailing)
    with transaction() as tx:
        links = list(
            tx.scalars(select(Radfil).where(Radfil.utsending_id == mailing.id).order_by(Radfil.radnr))
        )
        links[0].brevfil_id, links[1].brevfil_id = links[1].brevfil_id, links[0].brevfil_id
    assert digest_of(mailing) != before


def test_the_approver_sees_the_pages_of_the_whole_letter(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["a.pdf", "giro.pdf"], ["b.pdf"], ["c.pdf"])
    approver = kommune.aktor("godkjenner")
    shown = [one.rad for one in sample.sample(mailing.id, actor=approver)]
    assert {row.radnr: row.sider for row in shown} == {2: 1 + 2 + 1, 3: 1 + 2, 4: 1 + 2}
    forecast = queries.forecast_counts(mailing.id, actor=approver)
    assert sorted((row.sider, row.antall) for row in forecast) == [(3, 2), (4, 1)]


def test_the_approver_sees_the_pages_of_the_document_that_goes_to_all(kommune: Kommune) -> None:
    mailing = make_mailing(kommune, 2)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(art=Art.SAMME_DOKUMENT))
        tx.execute(update(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id).values(sider=1))
        facts = {"filnavn": "brev.pdf", "storrelse": 10, "sha256": b"", "sider": 20, "status": "LEST"}
        maker = kommune.aktor("saksbehandler").person_id
        tx.add(Opplasting(utsending_id=mailing.id, art="DOKUMENT", opprettet_av=maker, **facts))
    approver = kommune.aktor("godkjenner")
    assert {one.rad.sider for one in sample.sample(mailing.id, actor=approver)} == {1 + 20}
    [kind] = queries.forecast_counts(mailing.id, actor=approver)
    assert (kind.sider, kind.antall) == (21, 2)


@pytest.mark.parametrize(
    ("art", "sider"),
    [(Art.FLETTEBREV, 1), (Art.SAMME_DOKUMENT, 1 + 20), (Art.ETT_DOKUMENT_PER_RAD, 1 + 2)],
)
def test_what_lies_there_from_another_way_of_sending_is_not_counted(
    kommune: Kommune, art: Art, sider: int
) -> None:
    mailing = with_files(kommune, ["a.pdf"])
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(art=art))
        facts = {"filnavn": "brev.pdf", "storrelse": 10, "sha256": b"", "sider": 20, "status": "LEST"}
        maker = kommune.aktor("saksbehandler").person_id
        tx.add(Opplasting(utsending_id=mailing.id, art="DOKUMENT", opprettet_av=maker, **facts))
    approver = kommune.aktor("godkjenner")
    [kind] = queries.forecast_counts(mailing.id, actor=approver)
    assert kind.sider == sider
    assert {one.rad.sider for one in sample.sample(mailing.id, actor=approver)} == {sider}


def test_paper_is_priced_by_each_rows_own_pages(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["a.pdf", "giro.pdf"], ["b.pdf"], ["c.pdf"])
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad)
            .where(Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr < 4)
            .values(kanal="PRINT")
        )
    cost = estimate.estimate_cost(mailing.id, actor=kommune.aktor("saksbehandler"))
    # Printed on both sides: cover, letter and giro take a sheet each.
    assert (cost.ark, cost.antatt) == (3 + 2, False)


def test_the_unsent_rows_take_their_documents_with_them(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["a.pdf"], ["b.pdf", "giro.pdf"])
    release(kommune, mailing)
    feed(mailing, 1)
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    new = new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))
    session().rollback()
    documents = documents_of(session().get_one(Utsending, new), [2, 3])
    old = documents_of(session().get_one(Utsending, mailing.id), [2, 3])
    assert documents[2] == old[2] and documents[3] == old[3]
    assert [d.filnavn for d in documents[3]] == ["b.pdf", "giro.pdf"]


def test_the_documents_of_letters_that_left_stay_behind(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["a.pdf"], ["b.pdf"])
    release(kommune, mailing)
    feed(mailing)
    with transaction() as tx:
        row = tx.scalars(
            select(Forsendelse).where(Forsendelse.utsending_id == mailing.id, Forsendelse.radnr == 2)
        ).one()
        row.status, row.overlevert = "LEST", clock.now()
    service.stop(mailing.id, actor=kommune.aktor("stopper"))
    new = new_from_unsent(mailing.id, actor=kommune.aktor("saksbehandler"))
    session().rollback()
    names = session().scalars(select(Brevfil.vist_navn).where(Brevfil.utsending_id == new)).all()
    assert names == ["b.pdf"]


def test_cleaning_takes_names_and_files_and_leaves_the_hashes(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["Kari Vik.pdf"])
    with transaction() as tx:
        tx.execute(
            update(Utsending)
            .where(Utsending.id == mailing.id)
            .values(status=Utsendingstatus.STOPPET, stoppet=clock.now() - timedelta(days=4000))
        )
    [objekt] = session().scalars(select(Brevfil.objekt).where(Brevfil.utsending_id == mailing.id))
    assert cleanup.clean_all(limit=500) >= 1
    session().rollback()
    [file] = session().scalars(select(Brevfil).where(Brevfil.utsending_id == mailing.id))
    assert (file.vist_navn, file.objekt, file.nokkel, len(file.sha256)) == ("", None, None, 32)
    assert objekt is not None
    day = objekt.split("/", 1)[0]
    assert objekt not in {found.navn for found in current().store.made_on(day)}


def test_nothing_is_made_while_a_file_is_unread_or_none_can_be_sent(kommune: Kommune) -> None:
    mailing = with_files(kommune, ["a.pdf"])
    row = session().get_one(Utsending, mailing.id)
    assert missing_documents(row) is None
    for change, code in (
        ({"status": "MOTTATT"}, "DOKUMENTER_KONTROLLERES"),
        ({"status": "FEILET"}, "BREVFILER_MANGLER"),
    ):
        with transaction() as tx:
            tx.execute(update(Brevfil).where(Brevfil.utsending_id == mailing.id).values(**change))
        assert missing_documents(row) == code
    with transaction() as tx:
        tx.add(Arbeidsdel(utsending_id=mailing.id, art="FIL", nr=1, fra=1, til=1))
    assert missing_documents(row) == "DOKUMENTER_KONTROLLERES"


def test_documents_of_a_letter_never_share_a_name_and_are_not_too_long() -> None:
    long = "a" * 120 + ".pdf"
    names = distinct_names(["Brev.pdf", "brev.pdf", "", long, long])
    assert names[:3] == ["Brev.pdf", "brev-2.pdf", "brev-3.pdf"]
    assert len({name.casefold() for name in names}) == 5
    assert max(len(name) for name in names) == 96 and all(name.endswith(".pdf") for name in names)

"""Whom Folkeregisteret protects at hand-over, though not when the list was controlled: masked from then on, everywhere.

Whatever becomes of the letter, the row is as its control would have made it, and neither the letter's title nor its
documents' names tell where the receiver lives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import Select, select, update

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, IkkeFunnet, IkkeTilgang, KanalFeil, ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon import grant_usage
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Adressebeskyttelse, Person
from fiks.svarut.delivery import deliver
from fiks.svarut.delivery.address_protection import mask_if_protected
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Bane, Status
from fiks.svarut.sender import log
from fiks.utsending.approval import sample, service
from fiks.utsending.jobs import queue
from fiks.utsending.letters import preview, test_letter
from fiks.utsending.models import Arbeidsdel, Malversjon, Utsending, Utsendingsrad
from fiks.utsending.rows.address_protection import mask_row
from fiks.utsending.rows.queries import MASKED, rows
from fiks.utsending.rules import Delart, Delstatus
from fiks.utsending.sending.copy_unsent import new_from_unsent
from fiks.utsending.sending.progress import letters, timeline
from tests.integration.printers import FakePages, FakePrinter
from tests.integration.svarut.letters import codes
from tests.integration.utsending.kommuner import (
    ROOT,
    Kommune,
    Mailing,
    feed,
    make_mailing,
    release,
)
from tests.integration.utsending.test_documents import sent_documents, with_files
from tests.integration.worlds import FakeRegister, World

pytestmark = pytest.mark.usefixtures("house")
NEUTRAL = "Eiendomsskatt 2027"
FILLED = "Skatt for Storgata 1"
UGRADERT, FORTROLIG, STRENGT = Adressebeskyttelse
ONE, OTHER = 2, 3
"""The row whose receiver is protected since, and the one beside it."""


@dataclass
class Scene:
    """A released mailing of two letters, both titled by where their receivers live, and what the registers say."""

    kommune: Kommune
    mailing: Mailing
    world: World
    owner: Owner

    def aktor(self, rolle: str = "saksbehandler") -> Aktor:
        return self.kommune.aktor(rolle)

    def protect(self, grad: Adressebeskyttelse, *, postkasse: str | None = "DIGIPOST") -> None:
        for radnr, fnr in self.mailing.fnr.items():
            of = {"postkasse": postkasse, "registrert": postkasse is not None}
            self.world.register.add_person(fnr, **of, beskyttelse=grad if radnr == ONE else UGRADERT)

    def hand_over(self) -> None:
        while deliver.deliver(Bane.MASSE, self.owner, self.world.verden):
            session().rollback()
        session().rollback()

    def flags(self, utsending_id: UUID | None = None) -> dict[int, tuple[bool, bool]]:
        session().rollback()
        which = Utsendingsrad.utsending_id == (utsending_id or self.mailing.id)
        chosen = select(Utsendingsrad.radnr, Utsendingsrad.skjermet, Utsendingsrad.sperret).where(which)
        return {row.radnr: (row.skjermet, row.sperret) for row in session().execute(chosen)}

    def letters(self) -> dict[int, Forsendelse]:
        session().rollback()
        found = select(Forsendelse).where(Forsendelse.utsending_id == self.mailing.id)
        return {one.radnr or 0: one for one in session().scalars(found)}

    def titles(self) -> dict[int, str]:
        return {radnr: one.tittel for radnr, one in self.letters().items()}

    def draw(self, radnr: int = ONE) -> int:
        """The actor's preview of a row, drawn."""
        del_id = preview.order_preview(self.mailing.id, radnr, actor=self.aktor())
        part = queue.claim_piece([Delart.FORHANDSVISNING], self.owner.ensure())
        assert part is not None and part.id == del_id
        preview.make_preview(part, FakePrinter(), FakePages())
        return del_id


def scene_of(kommune: Kommune, mailing: Mailing, owner: Owner) -> Scene:
    release(kommune, mailing)
    feed(mailing)
    return Scene(kommune, mailing, World(), owner)


@pytest.fixture
def scene(kommune: Kommune, owner: Owner) -> Scene:
    mailing = make_mailing(kommune, 2)
    with transaction() as tx:
        template = select(Utsending.malversjon_id).where(Utsending.id == mailing.id).scalar_subquery()
        tx.execute(
            update(Malversjon)
            .where(Malversjon.id == template)
            .values(tittel_nb="Skatt for ((adresselinje1))")
        )
    made = scene_of(kommune, mailing, owner)
    assert made.titles() == {ONE: FILLED, OTHER: FILLED}
    return made


@pytest.mark.parametrize("postkasse", ["DIGIPOST", None], ids=["digitalt", "papir"])
@pytest.mark.parametrize("grad", [FORTROLIG, STRENGT])
def test_the_row_is_masked_and_its_letter_called_as_its_control_would_have_had_it(
    scene: Scene, grad: Adressebeskyttelse, postkasse: str | None
) -> None:
    scene.protect(grad, postkasse=postkasse)
    scene.hand_over()
    assert scene.flags() == {ONE: (True, grad is STRENGT), OTHER: (False, False)}
    assert scene.titles() == {ONE: NEUTRAL, OTHER: FILLED}
    shown = {row.radnr: row.verdier["adresselinje1"] for row in rows(scene.mailing.id, actor=scene.aktor())}
    assert shown == {ONE: MASKED, OTHER: "Storgata 1"}


def test_the_letters_are_a_use_of_the_right_to_the_restricted_ones_only_when_one_is_among_them(
    scene: Scene,
) -> None:
    actor = scene.aktor()
    assert actor.person_id is not None
    konfigurasjon.grant_privilegium(actor.person_id, P.SE_SPERRET, scene.kommune.konto_id, actor=ROOT)
    theirs = Tilgang.person_id == actor.person_id, Tilgang.privilegium == P.SE_SPERRET

    def used() -> bool:
        letters(scene.mailing.id, actor=actor)
        sample.sample(scene.mailing.id, actor=actor)
        grant_usage.write_noted_uses()
        return session().scalars(select(Tilgang.sist_brukt).where(*theirs)).one() is not None

    assert not used()
    scene.protect(STRENGT, postkasse=None)
    scene.hand_over()
    assert used()


def test_what_the_mailbox_gets_and_the_log_tells_is_called_the_same(scene: Scene) -> None:
    scene.protect(STRENGT)
    scene.hand_over()
    got = {brev.radnr: brev.tittel for [brev] in scene.world.dpi.fikk.values()}
    assert got == {ONE: NEUTRAL, OTHER: FILLED}
    logged = log.log_page(log.Brevutvalg(), actor=scene.aktor("leser"))
    assert {row.tittel for row in logged} == {NEUTRAL, FILLED}


def test_the_documents_of_a_letter_are_called_what_tells_nothing(kommune: Kommune, owner: Owner) -> None:
    mailing = with_files(kommune, ["Fjellveien 12.pdf", "Fjellveien 12 giro.pdf"], ["Fjellveien 14.pdf"])
    scene = scene_of(kommune, mailing, owner)
    scene.protect(STRENGT)
    scene.hand_over()
    named = {radnr: [navn for _, navn, _ in own] for radnr, own in sent_documents(mailing).items()}
    assert named == {
        ONE: ["forside.pdf", "brev.pdf", "brev-2.pdf"],
        OTHER: ["forside.pdf", "Fjellveien 14.pdf"],
    }
    [got] = [brev for [brev] in scene.world.dpi.fikk.values() if brev.radnr == ONE]
    assert [one.filnavn for one in got.dokumenter] == named[ONE]


OUTCOMES: tuple[KanalFeil, ...] = (Avvist("NEI"), ProvIgjen("HTTP_503"), Uavklart("SVARET_BORTE"))


@pytest.mark.parametrize("answer", OUTCOMES, ids=lambda error: error.kode)
def test_it_is_masked_whatever_the_channel_answers(scene: Scene, answer: KanalFeil) -> None:
    scene.protect(STRENGT)
    scene.world.dpi.svar = [answer, answer]
    scene.hand_over()
    assert (scene.flags()[ONE], scene.titles()[ONE]) == ((True, True), NEUTRAL)


def test_it_is_masked_though_the_letter_waits_for_another_register(scene: Scene) -> None:
    scene.protect(STRENGT)
    scene.world.register.tause["kontakt"] = ProvIgjen("HTTP_503")
    scene.hand_over()
    assert scene.world.dpi.antall == 0
    assert (scene.flags()[ONE], scene.titles()[ONE]) == ((True, True), NEUTRAL)


def test_it_is_masked_though_the_worker_dies_in_the_call(scene: Scene) -> None:
    class Dead(BaseException):
        pass

    def die(*_: object) -> None:
        raise Dead

    scene.protect(STRENGT)
    scene.world.dpi.under = die
    with pytest.raises(Dead):
        scene.hand_over()
    assert (scene.flags()[ONE], scene.titles()[ONE]) == ((True, True), NEUTRAL)


def test_it_is_masked_though_the_mailing_is_stopped_while_the_register_answers(scene: Scene) -> None:
    class Meanwhile(FakeRegister):
        def personer(self, fnrs: Sequence[str], /) -> dict[str, Person]:
            service.stop(scene.mailing.id, actor=scene.aktor("stopper"))
            return super().personer(fnrs)

    scene.world.register = Meanwhile()
    scene.protect(STRENGT, postkasse=None)
    scene.hand_over()
    assert {letter.status for letter in scene.letters().values()} == {Status.MANUELT_HANDTERT}
    assert scene.flags() == {ONE: (True, True), OTHER: (False, False)}
    draft = new_from_unsent(scene.mailing.id, actor=scene.aktor())
    assert scene.flags(draft) == scene.flags()


def test_the_next_draft_of_a_letter_that_waited_in_the_restricted_lane_is_masked(scene: Scene) -> None:
    scene.protect(STRENGT, postkasse=None)
    scene.hand_over()
    waiting = select(Levering.bane).where(
        Levering.forsendelse_id == scene.letters()[ONE].id, Levering.status == "TIL_BEHANDLING"
    )
    assert session().scalars(waiting).all() == [Bane.SPERRET]
    service.stop(scene.mailing.id, actor=scene.aktor("stopper"))
    draft = new_from_unsent(scene.mailing.id, actor=scene.aktor())
    assert scene.flags(draft) == {ONE: (True, True)}


def test_to_others_a_letter_in_the_restricted_lane_has_not_been_claimed(scene: Scene) -> None:
    scene.protect(STRENGT, postkasse=None)
    letter_id = scene.letters()[ONE].id
    before = codes(letter_id)
    scene.hand_over()
    assert codes(letter_id) == [*before, "KRAV", "MA_BEHANDLES"]
    brev, told = timeline(scene.mailing.id, ONE, actor=scene.aktor("leser"))
    assert ([one.kode for one in told], brev.leveringsstatus) == (before, None)


def test_what_was_drawn_of_it_is_gone_and_nothing_more_is_drawn_without_the_right(scene: Scene) -> None:
    drawn, other = scene.draw(), scene.draw(OTHER)
    pieces = session().get_one(Arbeidsdel, drawn).resultat
    test_letter.order_test_letter(scene.mailing.id, ONE, actor=scene.aktor())
    scene.protect(STRENGT)
    scene.hand_over()
    assert [part.id for part in session().scalars(of_mailing(scene))] == [other]
    assert not {piece["objekt"] for piece in pieces} & stored()
    with pytest.raises(IkkeFunnet):
        preview.preview_file(scene.mailing.id, drawn, 0, actor=scene.aktor())
    for rolle in ("saksbehandler", "godkjenner", "leser"):
        with pytest.raises(IkkeTilgang):
            preview.order_preview(scene.mailing.id, ONE, actor=scene.aktor(rolle))
    with pytest.raises(IkkeFunnet):
        test_letter.order_test_letter(scene.mailing.id, ONE, actor=scene.aktor())
    assert preview.preview_file(scene.mailing.id, other, 0, actor=scene.aktor()).startswith(b"%PDF")


def of_mailing(scene: Scene) -> Select[Arbeidsdel]:
    return select(Arbeidsdel).where(
        Arbeidsdel.utsending_id == scene.mailing.id,
        Arbeidsdel.art.in_([Delart.FORHANDSVISNING, Delart.PROVEBREV]),
    )


def stored() -> set[str]:
    store = current().store
    return {found.navn for day in store.days() for found in store.made_on(day)}


def test_a_test_letter_under_way_is_not_sent(scene: Scene) -> None:
    """It was ordered in the moment before the row was masked, and is drawn after it."""
    test_letter.order_test_letter(scene.mailing.id, ONE, actor=scene.aktor())
    part = queue.claim_piece([Delart.PROVEBREV], scene.owner.ensure())
    assert part is not None
    of_row = Utsendingsrad.utsending_id == scene.mailing.id, Utsendingsrad.radnr == ONE
    with transaction() as tx:
        tx.execute(update(Utsendingsrad).where(*of_row).values(skjermet=True))
    test_letter.send_test_letter(part, FakePrinter())
    assert session().get_one(Arbeidsdel, part.id).status == Delstatus.FEILET
    sent = select(Forsendelse).where(Forsendelse.konto_id == scene.kommune.konto_id, Forsendelse.prove)
    assert session().scalars(sent).all() == []


def test_it_is_not_in_the_approvers_sample_any_more(scene: Scene) -> None:
    def shown() -> list[int]:
        session().rollback()
        return [one.rad.radnr for one in sample.sample(scene.mailing.id, actor=scene.aktor("godkjenner"))]

    assert shown() == [ONE, OTHER]
    scene.protect(FORTROLIG)
    scene.hand_over()
    assert shown() == [OTHER]
    assert sample.letter_of(scene.mailing.id, ONE, actor=scene.aktor("godkjenner")) is None


def test_done_again_it_changes_nothing_and_is_never_less_strict(scene: Scene) -> None:
    scene.protect(FORTROLIG)
    scene.hand_over()
    letter_id = scene.letters()[ONE].id

    def again(grad: Adressebeskyttelse) -> bool:
        with transaction():
            return mask_row(letter_id, grad) is not None

    konfigurasjon.grant_privilegium(
        scene.kommune.personer["saksbehandler"], P.SE_SPERRET, scene.kommune.konto_id, actor=ROOT
    )
    drawn = scene.draw()
    assert not again(FORTROLIG)
    assert preview.preview(scene.mailing.id, drawn, actor=scene.aktor()).status is Delstatus.FERDIG
    assert again(STRENGT)
    assert not again(STRENGT) and not again(FORTROLIG)
    assert scene.flags()[ONE] == (True, True)


def test_a_letter_that_was_erased_since_it_was_claimed_is_called_nothing(scene: Scene) -> None:
    letter_id = scene.letters()[ONE].id
    brev = load_letters([letter_id])[letter_id]
    with transaction() as tx:
        erased = update(Forsendelse).where(Forsendelse.id == letter_id)
        tx.execute(erased.values(tittel="", mottaker_kryptert=None))
    scene.protect(STRENGT)
    mask_if_protected(brev, scene.world.register.people[scene.mailing.fnr[ONE]], mask_row)
    assert (scene.flags()[ONE], scene.titles()[ONE]) == ((True, True), "")

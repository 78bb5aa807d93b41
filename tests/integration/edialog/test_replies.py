"""Answering a letter: who may, where the answer goes, and who pays."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from fiks.core.errors import Borte, IkkeFunnet, IkkeTilgang, Konflikt
from fiks.core.values.address import Adresse
from fiks.edialog import queries, service
from fiks.svarut.inbox import queries as inbox_queries
from fiks.svarut.letters import load_letters
from fiks.svarut.mottak import Svaradresse
from fiks.svarut.rules import Status as Brevstatus
from fiks.svarut.sender import actions
from tests.integration.edialog.sent import mails, send
from tests.integration.edialog.skjemaer import (
    KARI,
    WRITTEN,
    Innbygger,
    Penn,
    letters,
    row_of,
)
from tests.integration.houses import HOUSE, make_hus, new_orgnr
from tests.integration.minside.letters import handed_over, letter_to
from tests.integration.worlds import FakeRegister
from tests.submissions import submission


def test_sv12_58_an_answer_is_tied_to_its_letter_billed_to_its_sender_and_receipted(
    empty: None, penn: Penn, register: FakeRegister
) -> None:
    sender, who = make_hus("Fjordvik kommune"), Innbygger()
    office = new_orgnr()
    answers = Svaradresse(Adresse("Fjordvik postmottak", "Kaia 2", "", "", "4260", "TORVASTAD", ""), office)
    said = submission(digital_id=who.pid, tittel="Vedtak", kan_svares=True, svar_sendes_til=answers)
    original = letter_to(sender, who.pid, said=said)
    made = service.begin_reply(original, KARI, inbox_queries.postboks_of_person(who.pid, 3), actor=who.actor)
    skjema = queries.skjema(made, actor=who.actor)
    assert (skjema.utkast.tittel, skjema.utkast.avsender, skjema.mottaker.adresse.navn) == (
        "Svar: Vedtak",
        KARI,
        "Fjordvik postmottak",
    )
    service.save(made, replace(WRITTEN, tittel=skjema.utkast.tittel), sensitivt=False, actor=who.actor)
    send(made, who, penn, register)
    (reply,) = [one for one in letters() if one.opphav == "EDIALOG"]
    assert (reply.svar_pa_id, reply.avgivende_system) == (original, "EDIALOG")
    assert (reply.konto_id, reply.organisasjon_id) == (sender.konto_id, sender.organisasjon_id)
    assert load_letters([reply.id])[reply.id].mottaker.digital_id == office
    ((mal, sprak, address, values),) = mails()
    assert (mal, sprak, address) == ("EDIALOG_KVITTERING", "nb", "kari@eksempel.no")
    assert (values["referanse"], values["mottaker"]) == (str(reply.id), "Fjordvik postmottak")
    assert str(values["lenke"]).endswith(f"/edialog/skjema/{made}")


def test_only_whom_a_letter_is_to_may_answer_it_and_only_if_its_sender_asks_for_answers(empty: None) -> None:
    sender, who, other = make_hus(), Innbygger(), Innbygger()
    answers = Svaradresse(Adresse("Postmottak"), sender.orgnr)
    asked = {"kan_svares": True, "svar_sendes_til": answers}
    said = submission(digital_id=who.pid, eksponert_for=(other.pid,), **asked)
    original = letter_to(sender, who.pid, said=said)
    closed = handed_over(sender, who.pid, said=said)
    actions.set_manually_handled(closed, actor=HOUSE)

    def answer(letter: object, one: Innbygger) -> object:
        boks = inbox_queries.postboks_of_person(one.pid, one.acr)
        return service.begin_reply(letter, KARI, boks, actor=one.actor)  # type: ignore[arg-type]

    assert answer(closed, who)
    for one, letter in ((other, original), (who, uuid4()), (Innbygger(), original)):
        with pytest.raises(IkkeFunnet):
            answer(letter, one)
    with pytest.raises(Konflikt, match="KAN_IKKE_BESVARES"):
        answer(letter_to(sender, who.pid), who)
    with pytest.raises(IkkeFunnet):
        answer(letter_to(sender, who.pid, said=said, status=Brevstatus.AKSEPTERT), who)
    with pytest.raises(Borte):
        answer(letter_to(sender, who.pid, said=said, status=Brevstatus.SLETTET), who)
    with pytest.raises(IkkeTilgang, match="HOYERE_NIVA"):
        answer(letter_to(sender, who.pid, said=said, sikkerhetsniva="HOYESTE"), who)
    with pytest.raises(IkkeTilgang, match="REPRESENTERER_IKKE"):
        service.begin_reply(original, KARI, inbox_queries.postboks_of_person(who.pid, 3), actor=other.actor)
    assert answer(original, who) == answer(original, who)


def test_an_answer_to_a_letter_at_level_4_stays_there(empty: None) -> None:
    sender, who = make_hus(), Innbygger(acr=4)
    answers = Svaradresse(Adresse("Postmottak"), sender.orgnr)
    said = submission(digital_id=who.pid, kan_svares=True, svar_sendes_til=answers)
    original = letter_to(sender, who.pid, said=said, sikkerhetsniva="HOYESTE")
    made = service.begin_reply(original, KARI, inbox_queries.postboks_of_person(who.pid, 4), actor=who.actor)
    service.save(made, WRITTEN, sensitivt=False, actor=who.actor)
    assert row_of(made).sensitivt

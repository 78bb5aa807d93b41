"""What somebody has written with eDialog is from them, wherever it is received, and not from the konto that pays."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from fiks.core.db import transaction
from fiks.core.queue.owner_lock import Owner
from fiks.core.values.address import Adresse
from fiks.pdf import Pdfleser
from fiks.svarut.models import Forsendelse
from fiks.svarut.mottak import Svaradresse
from fiks.svarut.rules import Opphav
from fiks.svarut.svarinn.worklist import Mottaksutvalg, worklist
from tests.integration.api.mottak import V2, Avsending, Mottaker
from tests.integration.houses import make_aktor
from tests.integration.svarinn.conftest import Altinn
from tests.integration.svarinn.scene import Scene, page_of, words
from tests.pagecheck import faults
from tests.submissions import FNR, ORGNR, submission

KARI = Adresse("Kari Fjellstad", "Vegen 1", postnr="4262", poststed="AVALDSNES")


@pytest.fixture(scope="module")
def reader() -> Iterator[Pdfleser]:
    made = Pdfleser()
    yield made
    made.close()


@pytest.fixture
def scene(app: Flask, eier: Owner, altinn: Altinn) -> Scene:
    return Scene(app, eier, altinn)


@pytest.fixture
def sender(scene: Scene, reader: Pdfleser) -> Avsending:
    return Avsending(scene.hus, scene.eier, scene.world, reader)


def written(
    sender: Avsending, scene: Scene, who: Adresse = KARI, number: str = FNR, **changes: object
) -> UUID:
    """What eDialog sends, billed to the konto of Fjordvik kommune."""
    answers = Svaradresse(who, number)
    new = submission(
        opphav=Opphav.EDIALOG,
        tittel="Naust ved fjorden",
        avgivende_system="EDIALOG",
        svar_sendes_til=answers,
        **changes,
    )
    return sender.send(scene.orgnr, new=new)


@pytest.mark.parametrize("number", [FNR, ORGNR], ids=["person", "company"])
def test_a_fagsystem_is_told_who_wrote(scene: Scene, sender: Avsending, number: str) -> None:
    written(sender, scene, number=number)
    system = Mottaker(scene.app, scene.system)
    [v1], [v2] = system.letters(), system.call("GET", f"{V2}/forsendelser").json
    at = {"navn": "Kari Fjellstad", "postnr": "4262", "poststed": "AVALDSNES"}
    rest = {"adresselinje1": "Vegen 1", "adresselinje2": None, "adresselinje3": None}
    assert v1["avsender"] == at | rest
    assert (v1["svarSendesTil"]["navn"], v1["avgivendeSystem"]) == ("Kari Fjellstad", "EDIALOG")
    assert (v1["svarSendesTil"]["fnr"] or v1["svarSendesTil"]["orgnr"]) == number
    address = v2["svarSendesTil"]["postadresse"]
    assert address["navn"] == "Kari Fjellstad"
    orgnr = {"organisasjonsnummer": number} if number == ORGNR else {}
    assert v2["avsender"] == {"postadresse": address} | orgnr, "svarut.md 4.3 has no fødselsnummer there"
    assert v2["svarSendesTil"].get("fodselsnummer", number) == number


def test_who_receives_by_hand_sees_who_wrote_and_not_their_number(scene: Scene, sender: Avsending) -> None:
    made = written(sender, scene)
    listed, page = scene.client.get("/mottak"), scene.client.get(page_of(made))
    assert "Fra Kari Fjellstad · 1 fil" in words(listed)
    assert f"Avsender Kari Fjellstad ({FNR[:6]}*****)" in words(page)
    for answer in (listed, page):
        assert faults(answer.text) == []
        assert FNR not in answer.text and "Fjordvik kommune" not in answer.text


def test_what_is_written_is_found_by_who_wrote_and_not_by_who_pays(scene: Scene, sender: Avsending) -> None:
    ordinary, made = scene.titled("Skatteseddel"), written(sender, scene)
    other = written(sender, scene, Adresse("Ola Vik", postnr="4262", poststed="AVALDSNES"))
    for sok, found in (
        ("FJELLST", [made]),
        ("naust", [made, other]),
        ("fjordvik", [ordinary]),
        ("kommune", [ordinary]),
        ("vik", [ordinary, other]),
        ("100%", []),
    ):
        listed = scene.client.get("/mottak", query_string={"sok": sok})
        assert [one for one in (ordinary, made, other) if str(one) in listed.text] == found, sok


def test_a_page_of_what_is_searched_for_is_filled_from_behind_what_somebody_else_wrote(
    scene: Scene, sender: Avsending
) -> None:
    ola = Adresse("Ola Vik", postnr="4262", poststed="AVALDSNES")
    made = [written(sender, scene, who) for who in (KARI, ola, ola, KARI, ola, KARI)]
    actor, spor = make_aktor(scene.person, scene.system.organisasjon_id), scene.altinn.authorized_parties
    utvalg = Mottaksutvalg(sok="fjellstad")
    first = worklist(utvalg, spor=spor, actor=actor, limit=2)
    then = worklist(utvalg, spor=spor, actor=actor, after=first[-1].nokkel, limit=2)
    assert [[row.id for row in page] for page in (first, then)] == [[made[0], made[3]], [made[5]]]


def test_who_may_not_open_it_does_not_learn_who_wrote(scene: Scene, sender: Avsending) -> None:
    written(sender, scene, taushetsbelagt=True)
    for query in ("", "?sok=fjellstad"):
        listed = scene.client.get(f"/mottak{query}")
        assert "Kari Fjellstad" not in listed.text and faults(listed.text) == []
        assert ("Taushetsbelagt: du mangler tilgangen" in words(listed)) == (query == "")


def test_one_that_does_not_open_is_listed_without_a_sender(scene: Scene, sender: Avsending) -> None:
    made = written(sender, scene)
    with transaction() as tx:
        tx.get_one(Forsendelse, made).innhold_kryptert = b"skadet"
    listed = scene.client.get("/mottak")
    assert "Naust ved fjorden 1 fil" in words(listed) and "Kan ikke leses" in words(listed)
    assert faults(listed.text) == []
    assert str(made) not in scene.client.get("/mottak?sok=fjellstad").text

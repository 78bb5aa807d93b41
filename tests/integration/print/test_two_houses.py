"""Two print houses over real SFTP: each gets its own class, and an order goes to the other only when it is sure.

The first is logged in to with a password, the second with a key; each has keys and a certificate of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import delete, func, select, update

from config.settings import Settings
from fiks.core import clock
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Sammenfletter
from fiks.print import print_houses, queries
from fiks.print.handover import deliver, packing, receipts, recovery
from fiks.print.handover.deliver import Husene
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.operations import move_order, reconciliation
from fiks.print.print_houses import Vilkar
from fiks.print.rules import Konfidensialitetsklasse
from testmiljo.printhouse import PrintHouse
from tests.doubles import tiny_pdf
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import HOUSE, FakeVern, let_wait_pass, make_order, order, packages, steps
from workers.channels import open_houses

pytestmark = pytest.mark.usefixtures("empty")
OTHER = "SKJERMET_PRINT"
SECRET, NORMAL = Konfidensialitetsklasse.UNNTATT_OFFENTLIGHETEN, Konfidensialitetsklasse.NORMAL
OPERATOR = system("kommando")
REASON = "papirstopp hos trykkeriet"


@dataclass(frozen=True)
class Two:
    """The two print houses, and the clients that the settings make of them."""

    first: PrintHouse
    second: PrintHouse
    clients: Husene

    def references(self) -> tuple[list[str], list[str]]:
        """What each has taken over."""
        told = [sorted(row["referanse"] for row in house.log()) for house in (self.first, self.second)]
        return told[0], told[1]


@pytest.fixture(scope="module")
def merger() -> Iterator[Sammenfletter]:
    made = Sammenfletter()
    yield made
    made.close()


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


@pytest.fixture
def two(hus: Hus, tmp_path: Path) -> Iterator[Two]:
    login = tmp_path / "login.key"
    login.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    )
    first = PrintHouse(tmp_path / "a", tmp_path / "a.sqlite").start()
    second = PrintHouse(
        tmp_path / "b", tmp_path / "b.sqlite", login_key=paramiko.PKey.from_path(login)
    ).start()
    settings = Settings.from_env(
        {
            "FIKS_ENV": "test",
            "PRINT_SFTP_URL": first.url,
            "PRINT_HUS": OTHER,
            f"PRINT_{OTHER}_SFTP_URL": second.url,
            f"PRINT_{OTHER}_KEY": str(login),
        }
    )
    print_houses.change_agreement(
        HOUSE,
        Vilkar(sertifikat=first.certificate_path.read_bytes(), klasser=(NORMAL, SECRET)),
        actor=OPERATOR,
    )
    print_houses.add_house(
        OTHER,
        "Skjermet print",
        Vilkar(
            klasser=(NORMAL, SECRET),
            sertifikat=second.certificate_path.read_bytes(),
            ventetid_sekunder=0,
        ),
        actor=OPERATOR,
    )
    yield Two(first, second, open_houses(settings))
    first.stop()
    second.stop()
    session().rollback()
    with transaction() as tx:
        tx.execute(update(Ordre).values(pakke_id=None, leverandor=HOUSE))
        tx.execute(delete(Pakke))
        tx.execute(delete(Leverandor).where(Leverandor.kode == OTHER))
        tx.execute(update(Leverandor).values(sertifikat=None, pause_til=None, feil_pa_rad=0))


def hand_over(two: Two, owner: Owner, merger: Sammenfletter) -> int:
    packing.pack_all()
    done = 0
    while deliver.deliver(owner, two.clients, lambda: merger, lambda: False, FakeVern()):
        done += 1
    return done


def move(two: Two, ordre_id: object, til: str = OTHER) -> None:
    session().rollback()
    move_order.move_order(ordre_id, til, grunn=REASON, houses=two.clients, vern=FakeVern(), actor=OPERATOR)  # type: ignore[arg-type]


def read_receipts(two: Two) -> None:
    for kode, house in two.clients.items():
        receipts.read_house_receipts(kode, house)


def test_each_class_goes_to_the_house_that_is_chosen_for_it_and_is_encrypted_to_that_house(
    two: Two, hus: Hus, eier: Owner, merger: Sammenfletter
) -> None:
    print_houses.change_agreement(OTHER, Vilkar(klasser=(SECRET,), prioritet=1), actor=OPERATOR)
    chosen = {klasse: print_houses.house_for_class(klasse) for klasse in (NORMAL, SECRET)}
    assert {klasse: house and house.kode for klasse, house in chosen.items()} == {
        NORMAL: HOUSE,
        SECRET: OTHER,
    }
    content = tiny_pdf(["bare for den andre"])
    plain = make_order(hus)
    secret = make_order(hus, pdf=content, klasse=SECRET, leverandor=OTHER)
    assert hand_over(two, eier, merger) == 2
    two.first.wait_for(1)
    two.second.wait_for(1)
    assert two.references() == ([str(plain)], [str(secret)])
    [row] = two.second.log()
    assert (row["manifest"]["konfidensialitetsklasse"], row["manifest"]["kryptering"]) == (SECRET, "CMS")
    assert row["sha256"] == hashlib.sha256(content).hexdigest() and row["feil"] is None
    assert two.second.letter(str(secret)) == content
    read_receipts(two)
    assert (order(plain).status, order(secret).status) == ("POSTLAGT", "POSTLAGT")


def test_what_the_first_house_could_not_print_is_moved_and_printed_by_the_second_once(
    two: Two, hus: Hus, eier: Owner, merger: Sammenfletter
) -> None:
    two.first.switches.refuse = True
    made = make_order(hus)
    hand_over(two, eier, merger)
    two.first.wait_for(1)
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(two, made)
    read_receipts(two)
    move(two, made)
    assert hand_over(two, eier, merger) == 1
    two.second.wait_for(1)
    read_receipts(two)
    assert steps(made) == ["MOTTATT", "PRODUSERT", "FEILET", "MOTTATT", "PRODUSERT", "POSTLAGT"]
    assert (order(made).leverandor, two.references()) == (OTHER, ([str(made)], [str(made)]))
    assert two.second.log()[0]["feil"] is None
    assert list(session().scalars(select(Audit.detaljer).where(Audit.handling == "PRINTORDRE_FLYTTET"))) == [
        {"fra": HOUSE, "til": OTHER, "grunn": REASON}
    ]
    let_a_day_pass()
    assert reconciliation.compare_due(two.clients) == 0, "a house keeps what it could not print on its list"


def test_what_waits_for_a_house_that_is_down_is_moved_and_the_rest_of_its_package_waits_on(
    two: Two, hus: Hus, eier: Owner, merger: Sammenfletter
) -> None:
    print_houses.change_agreement(HOUSE, Vilkar(brev_per_pakke=2), actor=OPERATOR)
    moved, kept = make_order(hus), make_order(hus)
    two.first.stop()
    hand_over(two, eier, merger)
    [waiting] = packages()
    assert (waiting.status, order(moved).status) == ("VENTER", "MOTTATT")
    move(two, moved)
    assert [pakke.status for pakke in packages()] == ["OPPLOST"]
    assert (order(moved).leverandor, order(kept).leverandor) == (OTHER, HOUSE)
    hand_over(two, eier, merger)
    two.second.wait_for(1)
    two.first.start()
    let_wait_pass()
    hand_over(two, eier, merger)
    two.first.wait_for(1)
    read_receipts(two)
    assert two.references() == ([str(kept)], [str(moved)])
    assert (order(moved).status, order(kept).status) == ("POSTLAGT", "POSTLAGT")
    print_houses.change_agreement(HOUSE, Vilkar(brev_per_pakke=1), actor=OPERATOR)


def test_an_order_whose_package_may_be_at_the_house_is_moved_only_when_the_house_says_that_it_is_not(
    two: Two, hus: Hus, eier: Owner, merger: Sammenfletter
) -> None:
    two.first.switches.pick_up = False
    two.first.switches.disconnect_after_rename = 1
    made = make_order(hus)
    hand_over(two, eier, merger)
    assert packages()[0].status == "UAVKLART"
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(two, made)
    recovery.resolve_unknown_outcomes(two.clients)
    assert (packages()[0].status, order(made).status) == ("OVERLEVERT", "PRODUSERT")
    with pytest.raises(Konflikt, match="ORDREN_KAN_VAERE_TRYKT"):
        move(two, made)
    two.first.stop()
    with pytest.raises(Konflikt, match="TRYKKERIET_SVARER_IKKE"):
        move(two, made)
    next((two.first.folder / "ordre").glob("*.zip")).unlink()
    two.first.start()
    move(two, made)
    hand_over(two, eier, merger)
    two.second.wait_for(1)
    assert two.references() == ([], [str(made)])


def test_an_order_that_turns_up_on_the_first_house_s_list_after_all_is_told_of(
    two: Two, hus: Hus, eier: Owner, merger: Sammenfletter
) -> None:
    two.first.switches.pick_up = False
    made = make_order(hus)
    hand_over(two, eier, merger)
    [package] = (two.first.folder / "ordre").glob("*.zip")
    hidden = package.rename(two.first.folder / "gjemt")
    move(two, made)
    hand_over(two, eier, merger)
    two.second.wait_for(1)
    hidden.rename(package)
    two.first.switches.pick_up = True
    two.first.wait_for(1)
    let_a_day_pass()
    assert reconciliation.compare_due(two.clients) == 1
    assert [(one.leverandor, one.referanse, one.art) for one in queries.disagreements()] == [
        (HOUSE, str(made), "ANNET_HUS")
    ]


def let_a_day_pass() -> None:
    clock.move(timedelta(days=1, hours=1))
    with transaction() as tx:
        tx.execute(update(Leverandor).values(sammenlignet=func.now() - timedelta(days=1)))

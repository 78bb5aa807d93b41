"""Agreements with several print houses: which one has a class, what is refused, and what operations is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from fiks.core import clock, environment
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.crypto.cms_writer import load_certificate
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.key_rotation.certificate_expiry import SOON
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.rules import P
from fiks.print import print_houses
from fiks.print.handover.client import PrintClient
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.operations import alarms
from fiks.print.print_houses import Vilkar
from fiks.print.rules import Konfidensialitetsklasse, Pakkefil, Printordre, Printpakke
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle import print_order
from testmiljo import printhouse_keys
from tests.integration.houses import Hus, make_hus, staff_of
from tests.integration.print.orders import HOUSE, agree, make_order
from tests.integration.svarut.letters import codes, hand_over, levering, make_letter
from tests.integration.worlds import World
from workers import app, cli
from workers.process import Process

pytestmark = pytest.mark.usefixtures("empty", "only_the_first")
OTHER = "SKJERMET_PRINT"
SECRET, NORMAL = Konfidensialitetsklasse.UNNTATT_OFFENTLIGHETEN, Konfidensialitetsklasse.NORMAL
OPERATOR = system("kommando")


@pytest.fixture
def only_the_first(empty: None) -> Iterator[None]:
    """The print house there is from the start, as it comes; again afterwards."""
    yield
    session().rollback()
    with transaction() as tx:
        tx.execute(update(Ordre).values(pakke_id=None, leverandor=HOUSE))
        tx.execute(delete(Pakke))
        tx.execute(delete(Leverandor).where(Leverandor.kode.not_in([HOUSE, "MANUELL_PRINT"])))
        tx.execute(
            update(Leverandor)
            .where(Leverandor.kode == HOUSE)
            .values(
                sertifikat=None,
                aktiv=True,
                prioritet=100,
                klasser=[str(one) for one in Konfidensialitetsklasse],
            )
        )


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


def enter(**terms: object) -> None:
    print_houses.add_house(OTHER, "Skjermet print", Vilkar(**terms), actor=OPERATOR)  # type: ignore[arg-type]


def chosen(klasse: Konfidensialitetsklasse) -> str | None:
    house = print_houses.house_for_class(klasse)
    return None if house is None else house.kode


def test_a_new_house_takes_no_orders_until_it_is_given_a_place_before_the_others() -> None:
    enter(klasser=(SECRET, NORMAL))
    assert (chosen(NORMAL), chosen(SECRET)) == (HOUSE, HOUSE)
    print_houses.change_agreement(OTHER, Vilkar(prioritet=10, klasser=(SECRET,)), actor=OPERATOR)
    assert (chosen(NORMAL), chosen(SECRET)) == (HOUSE, OTHER)
    print_houses.change_agreement(OTHER, Vilkar(aktiv=False), actor=OPERATOR)
    assert chosen(SECRET) == HOUSE
    print_houses.change_agreement(HOUSE, Vilkar(klasser=(NORMAL,)), actor=OPERATOR)
    assert chosen(SECRET) is None
    acts = select(Audit.handling).where(Audit.objekt_id == OTHER).order_by(Audit.id)
    assert session().scalars(acts).all() == [
        "PRINTAVTALE_INNGATT",
        *["PRINTAVTALE_ENDRET"] * 2,
    ]


@pytest.mark.parametrize(
    ("kode", "navn", "vilkar", "felt", "feil"),
    [
        ("skjermet", "X", Vilkar(), "kode", "TRYKKERIKODE_UGYLDIG"),
        ("A" * 41, "X", Vilkar(), "kode", "TRYKKERIKODE_UGYLDIG"),
        (OTHER, "  ", Vilkar(), "navn", "TRYKKERINAVN_MANGLER"),
        (OTHER, "X", Vilkar(klasser=("HEMMELIG",)), "klasser", "KLASSE_UKJENT"),
        (OTHER, "X", Vilkar(klasser=()), "klasser", "KLASSE_UKJENT"),
        (OTHER, "X", Vilkar(prioritet=0), "prioritet", "PRIORITET_UGYLDIG"),
        (OTHER, "X", Vilkar(c5_ark=81), "c5_ark", "KONVOLUTTGRENSE_UGYLDIG"),
        (OTHER, "X", Vilkar(c4_ark=1001), "c4_ark", "KONVOLUTTGRENSE_UGYLDIG"),
        (OTHER, "X", Vilkar(sertifikat=b"rot"), "sertifikat", "TRYKKERISERTIFIKAT_UGYLDIG"),
    ],
)
def test_an_agreement_that_cannot_hold_is_refused_by_its_field(
    kode: str, navn: str, vilkar: Vilkar, felt: str, feil: str
) -> None:
    with pytest.raises(UgyldigInndata) as refused:
        print_houses.add_house(kode, navn, vilkar, actor=OPERATOR)
    assert (refused.value.kode, refused.value.felt) == (feil, felt)
    session().rollback()
    assert session().get(Leverandor, kode) is None


def test_a_house_is_entered_once_by_operators_and_manual_print_is_none(hus: Hus) -> None:
    enter()
    with pytest.raises(Konflikt, match="TRYKKERIET_FINNES"):
        enter()
    with pytest.raises(IkkeTilgang):
        print_houses.add_house("ENDA_ET", "X", Vilkar(), actor=staff_of(hus, P.ADMIN))
    with pytest.raises(IkkeFunnet):
        print_houses.change_agreement("MANUELL_PRINT", Vilkar(aktiv=False), actor=OPERATOR)
    with pytest.raises(UgyldigInndata, match="KONVOLUTTGRENSE_UGYLDIG"):
        print_houses.change_agreement(OTHER, Vilkar(c4_ark=7), actor=OPERATOR)


@pytest.mark.parametrize(
    ("changes", "klasse"),
    [
        ({}, NORMAL),
        ({"sikkerhetsniva": "HOYESTE"}, SECRET),
        ({"taushetsbelagt": True}, SECRET),
    ],
)
def test_a_letter_s_class_is_of_its_level_and_its_secrecy(
    hus: Hus, changes: dict[str, object], klasse: Konfidensialitetsklasse
) -> None:
    made = make_letter(hus)
    brev = replace(load_letters([made])[made], **changes)  # type: ignore[arg-type]
    enter(klasser=(SECRET,), prioritet=1)
    assert print_order.class_of(brev) == klasse
    assert print_order.house_of(brev) == (OTHER if klasse is SECRET else HOUSE)
    assert print_order.house_of(replace(brev, printleverandor="MANUELL_PRINT")) == "MANUELL_PRINT"


def test_a_letter_whose_class_no_house_has_waits_for_a_person_and_is_printed_by_nobody(
    hus: Hus, eier: Owner
) -> None:
    print_houses.change_agreement(HOUSE, Vilkar(klasser=(SECRET,)), actor=OPERATOR)
    made = make_letter(hus)
    hand_over(eier, World())
    assert (levering(made).status, levering(made).feilkode) == ("TIL_BEHANDLING", "INGEN_TAR_KLASSEN")
    assert codes(made)[-1] == "INGEN_TAR_KLASSEN"
    assert session().scalars(select(Ordre.id)).all() == []


def test_a_letter_that_is_not_for_everybody_never_goes_in_clear() -> None:
    client = PrintClient("sftp://a:b@127.0.0.1:1/?hostkey=SHA256:x")
    ordre = Printordre("0190d3a2-0000-7000-8000-000000000001", "x", 1, (), None, "NORGE", "0" * 64)
    fil = Pakkefil("0" * 64, 1, lambda: iter([b"%PDF"]))
    with pytest.raises(Avvist, match="PRINTHUS_UTEN_SERTIFIKAT"):
        client.send(Printpakke("p", False, False, (ordre,), (fil,), konfidensialitetsklasse=SECRET))


def test_operations_is_told_of_houses_that_the_settings_and_the_agreements_do_not_share(
    hus: Hus, caplog: pytest.LogCaptureFixture
) -> None:
    known = replace(current(), print_houses=frozenset({HOUSE, "UKJENT_HUS"}))
    before = current()
    environment.install(known)
    try:
        enter(klasser=(NORMAL,))
        assert alarms.count_unreachable_houses() == 1, "nothing waits for the house without an address"
        make_order(hus, leverandor=OTHER)
        assert alarms.count_unreachable_houses() == 2
        make_order(hus)
        agree(aktiv=False)
        assert alarms.count_unreachable_houses() == 3
    finally:
        session().rollback()
        agree(aktiv=True)
        environment.install(before)
    told = [(r.message, r.leverandor) for r in caplog.records if r.message.startswith("print_house_")]  # type: ignore[attr-defined]
    assert told[-3:] == [
        ("print_house_not_in_use", HOUSE),
        ("print_house_without_address", OTHER),
        ("print_house_without_agreement", "UKJENT_HUS"),
    ]


def test_operations_is_told_of_a_certificate_that_soon_runs_out(
    hus: Hus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pem = _certificate(tmp_path)
    enter(sertifikat=pem)
    assert alarms.count_expiring_certificates() == 0
    clock.move(load_certificate(pem).not_valid_after_utc - clock.now() - SOON)
    assert alarms.count_expiring_certificates() == 1
    assert "print_certificate_expires" in caplog.messages


@pytest.fixture
def in_settings(process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[bytes]:
    """The certificate of the print house, which a worker was started with by its settings."""
    pem, before = _certificate(tmp_path), current()
    at = "sftp://fiks@sftp.trykkeri.example:22/inn?hostkey=SHA256:x"
    named = {"print_sftp_url": at, "print_certificate": str(tmp_path / "crt.pem")}
    # It would take the test's own log away.
    monkeypatch.setattr(app, "configure_logging", lambda *words, **options: None)
    app.create_app(replace(process.settings, **named))
    yield pem
    environment.install(before)


def test_of_a_house_whose_agreement_has_no_certificate_the_one_of_the_settings_is_looked_at(
    hus: Hus, in_settings: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert alarms.count_expiring_certificates() == 0
    clock.move(load_certificate(in_settings).not_valid_after_utc - clock.now() - SOON)
    assert alarms.count_expiring_certificates() == 1
    told = [r.leverandor for r in caplog.records if r.message == "print_certificate_expires"]  # type: ignore[attr-defined]
    assert told == [HOUSE]
    agree(aktiv=False)
    assert alarms.count_expiring_certificates() == 0, "it gets no letters"


def test_the_agreements_certificate_is_in_force_before_that_of_the_settings(
    hus: Hus, in_settings: bytes, tmp_path: Path
) -> None:
    """What lies at the path is not even read."""
    agree(sertifikat=in_settings.decode())
    (tmp_path / "crt.pem").unlink()
    assert alarms.count_expiring_certificates() == 0
    clock.move(load_certificate(in_settings).not_valid_after_utc - clock.now() - SOON)
    assert alarms.count_expiring_certificates() == 1


def _certificate(folder: Path) -> bytes:
    printhouse_keys.letter_key(folder / "key.pem", folder / "crt.pem")
    return (folder / "crt.pem").read_bytes()


def test_the_commands_enter_a_house_change_it_and_show_them_all(
    hus: Hus, process: Process, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _certificate(tmp_path)
    make_order(hus)
    session().rollback()
    for words in (
        ["nytt-hus", OTHER, "--navn", "Skjermet print", "--klasser", "UNNTATT_OFFENTLIGHETEN"],
        ["avtale", OTHER, "--sertifikat", str(tmp_path / "crt.pem"), "--prioritet", "1", "--c4-ark", "60"],
        ["hus"],
    ):
        options = cli._parser().parse_args(["print", *words])
        assert cli.COMMANDS["print"][1](process, options) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(
        "sertifikat nei, klasser UNNTATT_OFFENTLIGHETEN, prioritet 500, C5 8 ark, C4 80 ark, aktiv ja"
    )
    assert "sertifikat til " in said[1] and "prioritet 1, C5 8 ark, C4 60 ark" in said[1]
    assert said[2] == f"{HOUSE}: får NORMAL; INGEN ADRESSE; 1 ordrer venter"
    assert said[4] == f"{OTHER}: får UNNTATT_OFFENTLIGHETEN; INGEN ADRESSE; 0 ordrer venter"
    missing = cli._parser().parse_args(
        ["print", "avtale", OTHER, "--sertifikat", str(tmp_path / "borte.pem")]
    )
    with pytest.raises(ValueError, match="kan ikke leses"):
        cli.COMMANDS["print"][1](process, missing)

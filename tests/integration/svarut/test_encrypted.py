"""Letters encrypted to us: taken in only when they are for our key, opened in memory, read by the receiver alone."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete, select, update

from fiks.core import environment
from fiks.core.crypto import cms_writer
from fiks.core.crypto.cms_reader import Nokkelpar, load_pair
from fiks.core.crypto.encryption import KeyRing
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Pdfleser
from fiks.svarut.inbox import access
from fiks.svarut.lease import MAX_TRIES
from fiks.svarut.letters import load_letters, read_checked, stream_checked, stream_original
from fiks.svarut.models import Dokument, Forsendelse, KryptertAvtrykk
from fiks.svarut.mottak import UgyldigForsendelse, fingerprint, reserve_id
from fiks.svarut.mottak.duplicates import fingerprint_of_encrypted
from fiks.svarut.rules import Signeringsstatus, Status
from fiks.svarut.signing.orders import register_orders
from testmiljo.svarut_keys import svarut_pair
from tests.doubles import tiny_pdf
from tests.integration.api.fagsystem import letters, objects
from tests.integration.houses import HOUSE, Hus
from tests.integration.svarut.letters import codes, hand_over, letter
from tests.integration.svarut.signings import let_sign, order, to_be_signed
from tests.integration.svarut.signings import let_wait_pass as let_order_wait_pass
from tests.integration.svarut.submitted import PAGE, control_all, let_control_wait_pass, take_in
from tests.integration.worlds import FakeSigning, World
from tests.submissions import FNR, document, submission

NOBODY: frozenset[str] = frozenset()
LEVEL_4 = submission(niva4=True, kryptert=True)
OTHER_PAGE = tiny_pdf(["Et svar"])
"""As long as PAGE."""


@pytest.fixture(scope="module")
def reader() -> Iterator[Pdfleser]:
    made = Pdfleser()
    yield made
    made.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Nokkelpar:
    return load_pair(svarut_pair(tmp_path_factory.mktemp("svarut")).read_bytes())


@pytest.fixture(autouse=True)
def ours(hus: Hus, pair: Nokkelpar) -> Iterator[None]:
    """The house has this key pair, as SVARUT_NOKLER gives it."""
    earlier = current()
    environment.install(replace(earlier, svarut_keys=(pair,)))
    yield
    environment.install(earlier)


def sealed(certificate: x509.Certificate, clear: bytes = PAGE) -> bytes:
    return b"".join(cms_writer.encrypt([clear], certificate))


def read(letter_id: UUID, acr: int) -> bytes:
    ref = access.readable_document(letter_id, 1, pid=FNR, acr=acr, orgnrs=NOBODY)
    return b"".join(stream_checked(ref))


def test_a_letter_encrypted_to_us_is_stored_as_it_came_and_read_in_clear(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, pair: Nokkelpar
) -> None:
    message = sealed(pair.certificate)
    world.register.add_person(FNR)
    made = take_in(hus, LEVEL_4, message)
    assert control_all(world, reader) == 1
    assert letter(made).status == Status.AKSEPTERT
    [stored] = load_letters([made])[made].dokumenter
    assert b"".join(stream_original(stored)) == message
    assert (read_checked(stored), stored.sider) == (PAGE, 1)
    hand_over(eier, world)
    assert read(made, acr=4) == PAGE


def test_sv12_22_level_four_is_not_read_at_level_three_nor_by_anybody_else(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, pair: Nokkelpar
) -> None:
    made = take_in(hus, LEVEL_4, sealed(pair.certificate))
    control_all(world, reader)
    with pytest.raises(IkkeTilgang, match="HOYERE_NIVA"):
        read(made, acr=3)
    with pytest.raises(IkkeFunnet):
        access.readable_document(made, 1, pid="24815099971", acr=4, orgnrs=NOBODY)


def test_sv12_09_what_is_not_encrypted_to_our_key_is_refused_at_intake(
    hus: Hus, tmp_path: Path, pair: Nokkelpar
) -> None:
    other = load_pair(svarut_pair(tmp_path).read_bytes())
    for content in (PAGE, sealed(other.certificate), sealed(pair.certificate)[:100]):
        with pytest.raises(UgyldigForsendelse) as error:
            take_in(hus, LEVEL_4, content)
        assert (error.value.kode, error.value.felt) == ("KRYPTERING_UGYLDIG", "dokumenter[0]")


def test_a_house_without_a_key_takes_no_encrypted_letter(hus: Hus, pair: Nokkelpar) -> None:
    environment.install(replace(current(), svarut_keys=()))
    with pytest.raises(UgyldigForsendelse, match="KRYPTERING_UGYLDIG"):
        take_in(hus, LEVEL_4, sealed(pair.certificate))


@pytest.fixture(params=["id", "nøkkel"])
def given(request: pytest.FixtureRequest, hus: Hus) -> dict[str, Any]:
    """What a sender says that its letter can be known again by."""
    if request.param == "id":
        return {"reservert": reserve_id(hus.konto_id, actor=HOUSE)}
    return {"nokkel": "jobb-41/7"}


def by_openssl(certificate: x509.Certificate, clear: bytes, folder: Path) -> bytes:
    """As a sender encrypts that has only the standard's tool (svarut.md 4.4)."""
    recipient = folder / "svarut.pem"
    recipient.write_bytes(certificate.public_bytes(Encoding.PEM))
    key = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
    options = [one for said in key for one in ("-keyopt", said)]
    command = ["openssl", "cms", "-encrypt", "-binary", "-outform", "DER", "-aes256"]
    command += ["-recip", str(recipient), *options]
    return subprocess.run(command, input=clear, check=True, capture_output=True).stdout


@pytest.mark.parametrize("tool", ["ours", "openssl"])
def test_sv12_15_a_letter_encrypted_anew_is_the_letter_that_was_taken_in(
    hus: Hus, given: dict[str, Any], pair: Nokkelpar, tool: str, tmp_path: Path
) -> None:
    def again() -> bytes:
        return sealed(pair.certificate) if tool == "ours" else by_openssl(pair.certificate, PAGE, tmp_path)

    first, second = again(), again()
    assert first != second and len(first) == len(second)
    made = take_in(hus, LEVEL_4, first, **given)
    before = objects()
    assert take_in(hus, LEVEL_4, second, **given) == made
    [kept] = load_letters([made])[made].dokumenter
    assert b"".join(stream_original(kept)) == first
    assert (letters(hus), objects()) == (1, before)


def test_sv12_15_documents_encrypted_anew_may_come_in_another_order(
    hus: Hus, given: dict[str, Any], pair: Nokkelpar
) -> None:
    """eFormidling keeps them in a set. The letter stays as it was taken in."""
    one, two = document("a.pdf"), document("b.pdf", giroark=(1,))
    longer = tiny_pdf(["Et brev", "og en side til"])
    sent = replace(LEVEL_4, dokumenter=(one, two))
    turned = replace(LEVEL_4, dokumenter=(two, one))
    made = take_in(hus, sent, sealed(pair.certificate), sealed(pair.certificate, longer), **given)
    again = take_in(hus, turned, sealed(pair.certificate, longer), sealed(pair.certificate), **given)
    assert again == made
    assert [d.filnavn for d in load_letters([made])[made].dokumenter] == ["a.pdf", "b.pdf"]


@pytest.mark.parametrize(
    ("changes", "clear"),
    [
        ({"tittel": "Noe annet"}, PAGE),
        ({"dokumenter": (document("annet.pdf"),)}, PAGE),
        ({}, PAGE + b"16 bytes is more"),
        ({}, OTHER_PAGE),
        ({}, b"x" * len(PAGE)),
    ],
)
def test_an_encrypted_letter_that_says_something_else_is_another(
    hus: Hus, given: dict[str, Any], pair: Nokkelpar, changes: dict[str, Any], clear: bytes
) -> None:
    made = take_in(hus, LEVEL_4, sealed(pair.certificate), **given)
    before = objects()
    with pytest.raises(UgyldigForsendelse, match="ANNET_INNHOLD") as refused:
        take_in(hus, replace(LEVEL_4, **changes), sealed(pair.certificate, clear), **given)
    assert refused.value.params == {"forsendelse_id": str(made), "tid": letter(made).opprettet}
    assert (letters(hus), objects()) == (1, before)


def test_one_of_two_documents_that_differs_makes_another_letter(
    hus: Hus, given: dict[str, Any], pair: Nokkelpar
) -> None:
    two = replace(LEVEL_4, dokumenter=(document("a.pdf"), document("b.pdf")))
    take_in(hus, two, sealed(pair.certificate), sealed(pair.certificate), **given)
    with pytest.raises(UgyldigForsendelse, match="ANNET_INNHOLD"):
        take_in(hus, two, sealed(pair.certificate), sealed(pair.certificate, OTHER_PAGE), **given)


def test_a_new_message_that_does_not_open_is_another_letter(
    hus: Hus, given: dict[str, Any], pair: Nokkelpar
) -> None:
    """As one that opens and says something else: whoever forges one learns no more of it than that."""
    take_in(hus, LEVEL_4, sealed(pair.certificate), **given)
    forged = bytearray(sealed(pair.certificate))
    forged[-11] ^= 0x80
    with pytest.raises(UgyldigForsendelse, match="ANNET_INNHOLD"):
        take_in(hus, LEVEL_4, bytes(forged), **given)


@pytest.mark.parametrize("lost", ["deleted", "damaged", "opens no more"])
def test_what_cannot_be_compared_is_known_by_size_alone_which_is_told(
    hus: Hus, given: dict[str, Any], pair: Nokkelpar, caplog: pytest.LogCaptureFixture, lost: str
) -> None:
    made = take_in(hus, LEVEL_4, sealed(pair.certificate), **given)
    kept = update(Dokument).where(Dokument.forsendelse_id == made)
    changes: dict[str, Any] = {
        "deleted": {"objekt": None, "nokkel": None, "filnavn": ""},
        "damaged": {"sha256": bytes(32)},
        "opens no more": {"nokkel": KeyRing([("tapt", bytes(32))]).wrap(bytes(32))},
    }
    with transaction() as tx:
        tx.execute(kept.values(changes[lost]))
    assert take_in(hus, LEVEL_4, sealed(pair.certificate, OTHER_PAGE), **given) == made
    told = [one.__dict__ for one in caplog.records if one.msg == "letter_known_by_size_alone"]
    assert [(one["forsendelse"], one["antall"]) for one in told] == [(str(made), 1)]


def test_an_encrypted_letter_is_kept_by_its_bytes_and_beside_that_by_its_sizes(
    hus: Hus, pair: Nokkelpar
) -> None:
    """A release that knows of nothing but the bytes knows the same message again."""
    message = sealed(pair.certificate)
    made, plain = take_in(hus, LEVEL_4, message), take_in(hus)
    assert letter(made).avtrykk == fingerprint(LEVEL_4, [sha256(message).digest()])
    rows = session().execute(select(KryptertAvtrykk.forsendelse_id, KryptertAvtrykk.avtrykk)).all()
    assert rows == [(made, fingerprint_of_encrypted(LEVEL_4, [len(message)]))] and plain != made


@pytest.mark.parametrize("older", ["bytes", "sizes"])
def test_an_encrypted_letter_of_an_older_release_is_known_by_what_that_kept(
    hus: Hus, given: dict[str, Any], pair: Nokkelpar, older: str
) -> None:
    message, anew = sealed(pair.certificate), sealed(pair.certificate)
    made = take_in(hus, LEVEL_4, message, **given)
    with transaction() as tx:
        tx.execute(delete(KryptertAvtrykk))
        if older == "sizes":
            kept = fingerprint_of_encrypted(LEVEL_4, [len(message)])
            tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(avtrykk=kept))
    if older == "sizes":
        assert take_in(hus, LEVEL_4, anew, **given) == made
    else:
        with pytest.raises(UgyldigForsendelse, match="ANNET_INNHOLD"):
            take_in(hus, LEVEL_4, anew, **given)
    assert take_in(hus, LEVEL_4, message, **given) == made


@contextmanager
def without_the_key() -> Iterator[None]:
    """A worker that was started before the key was, or with a list that lacks it."""
    complete = current()
    environment.install(replace(complete, svarut_keys=()))
    yield
    session().rollback()
    environment.install(complete)


def test_a_worker_that_lacks_the_key_lets_the_letter_wait_for_one_that_has_it(
    hus: Hus, world: World, reader: Pdfleser, pair: Nokkelpar
) -> None:
    made = take_in(hus, LEVEL_4, sealed(pair.certificate))
    with without_the_key():
        for _ in range(MAX_TRIES + 1):
            assert control_all(world, reader) == 1
            assert letter(made).status == Status.MOTTATT
            let_control_wait_pass(made)
    control_all(world, reader)
    assert letter(made).status == Status.AKSEPTERT


def test_a_worker_that_lacks_the_master_key_lets_the_letter_wait_too(
    hus: Hus, world: World, reader: Pdfleser, pair: Nokkelpar
) -> None:
    made, complete = take_in(hus, LEVEL_4, sealed(pair.certificate)), current()
    environment.install(replace(complete, keys=KeyRing([("annen", bytes(32))])))
    for _ in range(MAX_TRIES + 1):
        control_all(world, reader)
        let_control_wait_pass(made)
    environment.install(complete)
    control_all(world, reader)
    assert letter(made).status == Status.AKSEPTERT


def test_a_worker_that_lacks_the_key_lets_the_order_to_sign_wait(
    hus: Hus, world: World, reader: Pdfleser, pair: Nokkelpar
) -> None:
    signing = FakeSigning()
    made = take_in(let_sign(hus), to_be_signed(niva4=True, kryptert=True), sealed(pair.certificate))
    control_all(world, reader)
    with without_the_key():
        register_orders(signing)
        assert (order(made).status, signing.fikk) == (Signeringsstatus.VENTER_SIGNERING, {})
        let_order_wait_pass()
    register_orders(signing)
    assert signing.fikk[str(made)].dokument == PAGE


def test_a_letter_that_does_not_open_is_refused_and_says_no_more_than_that(
    hus: Hus, world: World, reader: Pdfleser, pair: Nokkelpar
) -> None:
    broken = bytearray(sealed(pair.certificate))
    broken[-11] ^= 0x80
    made = [
        take_in(hus, LEVEL_4, content) for content in (bytes(broken), sealed(pair.certificate, b"x" * 99))
    ]
    control_all(world, reader)
    assert [codes(id)[-1] for id in made] == ["KAN_IKKE_DEKRYPTERES"] * 2


def test_an_encrypted_letter_that_never_goes_on_paper_is_not_opened_before_its_reader_does(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, pair: Nokkelpar
) -> None:
    broken = bytearray(sealed(pair.certificate))
    broken[-11] ^= 0x80
    world.register.add_person(FNR)
    made = take_in(hus, replace(LEVEL_4, kun_digital=True), bytes(broken))
    control_all(world, reader)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN
    with pytest.raises(FiksError, match="KAN_IKKE_DEKRYPTERES"):
        read(made, acr=4)


def test_a_letter_encrypted_to_the_older_of_two_keys_is_read_after_the_change(
    hus: Hus, eier: Owner, world: World, reader: Pdfleser, pair: Nokkelpar, tmp_path: Path
) -> None:
    made = take_in(hus, LEVEL_4, sealed(pair.certificate))
    newer = load_pair(svarut_pair(tmp_path).read_bytes())
    environment.install(replace(current(), svarut_keys=(newer, pair)))
    control_all(world, reader)
    assert read_checked(load_letters([made])[made].dokumenter[0]) == PAGE


def test_nothing_of_what_is_opened_reaches_the_log(
    hus: Hus, world: World, reader: Pdfleser, pair: Nokkelpar, caplog: pytest.LogCaptureFixture
) -> None:
    secret = b"%PDF-1.7 hemmelig-innhold-4711"
    with caplog.at_level(logging.DEBUG):
        take_in(hus, replace(LEVEL_4, dokumenter=(document("a.pdf"),)), sealed(pair.certificate, secret))
        control_all(world, reader)
    assert "4711" not in caplog.text

"""The digest of a letter is of what its sender said, and the same when a later release knows of more to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from fiks.core.storage.store import Lagret
from fiks.core.values.address import Adresse
from fiks.svarut.mottak import (
    Dokumentfakta,
    Ekstrametadata,
    Innsending,
    Lenke,
    Signatur,
    Signering,
    Svaradresse,
)
from fiks.svarut.mottak.duplicates import (
    fingerprint,
    fingerprint_of_encrypted,
    fingerprints,
    fingerprints_of_encrypted,
)
from fiks.svarut.rules import Opphav
from tests.submissions import ADDRESS, FNR, ORGNR, document, submission

DIGESTS = (b"en", b"to")
EVERYTHING = submission(
    document(
        "a.pdf",
        skal_signeres=True,
        ekskluderes=True,
        giroark=(1, 3),
        dokument_type="SOK",
        sensitiv=True,
        ekstra=(Ekstrametadata("sone", "7"),),
    ),
    opphav=Opphav.V3,
    digital_id=ORGNR,
    eksponert_for=(ORGNR,),
    avgivende_system="Websak",
    avgivende_aktor="Kari",
    konteringskode="A.1-2",
    ekstern_referanse="2026/118-4",
    korrelasjonsid="utsending-41",
    forsendelsestype="ks.edialog",
    kun_digital=True,
    strengt_digital=True,
    kryptert=True,
    taushetsbelagt=True,
    tosidig=True,
    farger=True,
    niva4=True,
    svar_sendes_til=Svaradresse(ADDRESS, ORGNR),
    svar_pa=UUID(int=1),
    kan_svares=True,
    lenker=(Lenke("https://kommune.example/sak", "Saken"),),
    signering=Signering(datetime(2026, 12, 1, tzinfo=UTC), Signatur.AVANSERT),
    noark_fra={"saksaar": 2026, "ekstraMetadata": [{"key": "a", "value": "b"}]},
    noark_til={"tittel": ""},
)

SETS = submission(
    document("a.pdf", giroark=(3, 1, 2), ekstra=(Ekstrametadata("sone", "7"), Ekstrametadata("felt", "9"))),
    eksponert_for=(ORGNR, FNR),
    noark_fra={"ekstraMetadata": [{"key": "b", "value": "1"}, {"key": "a", "value": "2"}]},
)
"""What the interfaces declare as sets, in an order that is not sorted."""


@dataclass(frozen=True, slots=True, repr=False)
class Nyereadresse(Adresse):
    etasje: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Nyerefakta(Dokumentfakta):
    merker: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Nyere(Innsending):
    """A letter as a later release knows it."""

    hastegrad: str = "VANLIG"
    merknader: Mapping[str, object] = field(default_factory=dict)


def in_later_release(new: Innsending, **more: object) -> Innsending:
    said = {one.name: getattr(new, one.name) for one in fields(new)}
    documents = tuple(
        Nyerefakta(**{one.name: getattr(d, one.name) for one in fields(d)}) for d in new.dokumenter
    )
    assert new.adresse is not None
    address = Nyereadresse(**{one.name: getattr(new.adresse, one.name) for one in fields(new.adresse)})
    return Nyere(**{**said, "dokumenter": documents, "adresse": address, **more})


@pytest.mark.parametrize("new", [submission(), EVERYTHING])
def test_what_nobody_says_is_not_in_it(new: Innsending) -> None:
    digest = fingerprint(new, DIGESTS)
    assert fingerprint(in_later_release(new), DIGESTS) == digest
    assert fingerprint(in_later_release(new, hastegrad="STOR"), DIGESTS) != digest
    assert fingerprint(in_later_release(new, merknader={"a": ""}), DIGESTS) != digest


@pytest.mark.parametrize("name", [one.name for one in fields(Innsending)])
def test_everything_that_is_said_is_in_it(name: str) -> None:
    plain = submission()
    assert getattr(EVERYTHING, name) != getattr(plain, name) or name in ("tittel", "navn", "adresse")
    changed = "" if name in ("tittel", "navn") else None if name == "adresse" else getattr(EVERYTHING, name)
    assert fingerprint(replace(plain, **{name: changed}), DIGESTS) != fingerprint(plain, DIGESTS)


def test_it_is_of_the_documents_in_their_order() -> None:
    assert fingerprint(submission(), DIGESTS) != fingerprint(submission(), DIGESTS[::-1])


@pytest.mark.parametrize("new", [submission(), EVERYTHING])
def test_what_nobody_says_is_not_in_that_of_encrypted_documents(new: Innsending) -> None:
    digest = fingerprint_of_encrypted(new, (4_096,))
    assert fingerprint_of_encrypted(in_later_release(new), (4_096,)) == digest
    assert fingerprint_of_encrypted(in_later_release(new, hastegrad="STOR"), (4_096,)) != digest


@pytest.mark.parametrize("name", [one.name for one in fields(Innsending)])
def test_everything_that_is_said_is_in_that_of_encrypted_documents(name: str) -> None:
    plain = submission()
    changed = "" if name in ("tittel", "navn") else None if name == "adresse" else getattr(EVERYTHING, name)
    other = replace(plain, **{name: changed})
    assert fingerprint_of_encrypted(other, (4_096,)) != fingerprint_of_encrypted(plain, (4_096,))


def test_that_of_encrypted_documents_is_of_each_with_its_size_in_any_order() -> None:
    a, b = document("a.pdf"), document("b.pdf", giroark=(1,))
    made = fingerprint_of_encrypted(submission(a, b), (1, 2))
    assert fingerprint_of_encrypted(submission(b, a), (2, 1)) == made
    assert fingerprint_of_encrypted(submission(a, b), (2, 1)) != made
    assert fingerprint_of_encrypted(submission(a, replace(b, giroark=())), (1, 2)) != made
    assert fingerprint_of_encrypted(submission(a), (1,)) != made


@pytest.mark.parametrize(
    ("new", "digest"),
    [
        (submission(), "ab3e2fedde4ea130a147b5013c0d1873525cf34a49eeac1a39f0671034908b97"),
        (EVERYTHING, "56eb2ac74955e91dc6aa29269c68f21b81334dacfc5cc7311ff41da45207475a"),
    ],
)
def test_it_is_the_same_in_every_release(new: Innsending, digest: str) -> None:
    assert fingerprint(new, DIGESTS).hex() == digest


def test_that_of_encrypted_documents_is_the_same_in_every_release() -> None:
    digest = "4487d91a6348183442a9956cfc23aac2bf88f18170f3aa7954cd9dd02e21e0a2"
    assert fingerprint_of_encrypted(EVERYTHING, (4_096,)).hex() == digest


def turned(new: Innsending) -> Innsending:
    """The letter with its sets in another order."""
    documents = tuple(replace(d, giroark=d.giroark[::-1], ekstra=d.ekstra[::-1]) for d in new.dokumenter)
    extra = new.noark_fra["ekstraMetadata"]
    assert isinstance(extra, list)
    return replace(
        new,
        dokumenter=documents,
        eksponert_for=new.eksponert_for[::-1],
        noark_fra={"ekstraMetadata": extra[::-1]},
    )


def test_a_set_in_another_order_is_the_same_set() -> None:
    assert fingerprint(turned(SETS), DIGESTS) == fingerprint(SETS, DIGESTS)
    assert fingerprint_of_encrypted(turned(SETS), (4_096,)) == fingerprint_of_encrypted(SETS, (4_096,))
    fewer = replace(SETS, eksponert_for=(FNR,))
    assert fingerprint(fewer, DIGESTS) != fingerprint(SETS, DIGESTS)


def test_what_is_no_set_has_an_order() -> None:
    links = (Lenke("https://kommune.example/a", "A"), Lenke("https://kommune.example/b", "B"))
    one, other = submission(lenker=links), submission(lenker=links[::-1])
    assert fingerprint(one, DIGESTS) != fingerprint(other, DIGESTS)


def test_the_digests_that_older_releases_made_of_unsorted_sets_are_compared_as_well() -> None:
    stored = [Lagret("", 4_096, digest, b"") for digest in DIGESTS]
    assert [one.hex() for one in fingerprints(SETS, stored)] == [
        fingerprint(SETS, DIGESTS).hex(),
        "21d106d76f05718cf28098150385d85c11d4ec41894558cabeba663f34c3e596",
        "f00076a9296bc8ae7cda157fe1e33e7d92191162c0e8b6c21140e1d54fe167f0",
    ]
    assert [one.hex() for one in fingerprints_of_encrypted(SETS, (4_096,))] == [
        fingerprint_of_encrypted(SETS, (4_096,)).hex(),
        "970f8ce92a55fe770985c75f9f6a65c4697823ff19c6409481e3d9008d848f64",
    ]

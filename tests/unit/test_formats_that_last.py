"""What lies sealed in databases and object stores, as it was written once: this release reads it to the byte.

A red test here means that rows and documents of installations no longer open. What is written may get another format;
the old one is then read beside it, and the old bytes stay here.
"""

from __future__ import annotations

import struct
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fiks.core import environment
from fiks.core.crypto import encryption
from fiks.core.crypto.encryption import KeyRing
from fiks.core.key_rotation.encrypted_columns import SealedColumn, SealedJson, column_name
from fiks.core.storage.store import open_store
from fiks.core.values.address import Adresse
from fiks.edialog import content as edialog
from fiks.edialog.rules import Avsender, Utkast
from fiks.svarut.letters import unseal_mottaker
from fiks.svarut.sealed_content import Lenke, links_of, sent_at, unseal_content
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.rows.storage import unseal_findings
from fiks.utsending.sealed_values import row_values
from workers.cli_keys import PLACES

RING = KeyRing([("2026", bytes(32)), ("2024", bytes(range(32)))])
DATA_KEY = bytes(range(200, 232))
KARI = Adresse("Kari Å", "Gata 1", "", "", "4262", "AVALDSNES", "")

VALUE = bytes.fromhex(
    """
    01043230323481cd166525d49f091d7e654198eaa1d88be255e4135a4fa0791b55ce75f4f1287a297f
    """
)
WRAPPED = bytes.fromhex(
    """
    01043230323447c97c31becc143b14cba22f7c91e02dd917fe53fc7a1bea9a9e6f8690625deb4c5628e13d7170f438422b6a
    a1c95de240eefb0044b169ad62c59f2d
    """
)
STREAM = bytes.fromhex(
    """
    ed805535cceb727cd99175967e97011754e3ccebaf7ae1c94be978b7936fadd3b21b
    """
)
OBJECT = bytes.fromhex(
    """
    3709b83630414c7f099be929fb57eacf87f2f257c5f0e1e97ea83ea1c4cd1139d61838fdd167fb5aed7d4eebffdcc37901db
    f17df4bdd4734a67151786ce4cf73cf32ff620cab03b43eff5636490a204b319d38468e6099dc7fd63774d4899bbb1eeb92f
    9a32d3101386b795
    """
)
PARTS = [
    (
        30,
        25,
        bytes.fromhex(
            """
            010432303234b585992846ecf043a1a7a4357cd213d2591cd10f8feeca09e7bbec35dd1d1d6af3822c5f67e93a8f5cac8bde
            4f23424d22eb8b0b14bbfc86aa73e414d53f67507c28b7025534f303d9590e93a0ef139dacfaa8ddb0fda4e9f02076e62d46
            d0657bee5f9061229171
            """
        ),
        b"felles en",
    ),
    (
        55,
        25,
        bytes.fromhex(
            """
            01043230323406545dfe4bf915e65da5d2f8fba0f7d6664d236e6a61644f1df3204fd867b0f59bdd0f15aa23dbd5fb447ec6
            d56dd064a748e2d95931e3cc747cf07900ae771edd54f8d53b62e597415ef932faba2bff81f493341a56301674e5a1e6f505
            6037447ae0793a58e006
            """
        ),
        b"felles to",
    ),
    (
        80,
        28,
        bytes.fromhex(
            """
            0104323032346c1130af5337ea25c051aac853d25c4ffed5e9eacffe273401428a881c9dc759de34cc9475e89ef5df2679be
            179a3a3152fa4d4fcfd086af2d06b0a4
            """
        ),
        b"alene",
    ),
]
"""Where each document of OBJECT lies, its key, and what it is: the first two share their beginning."""
MOTTAKER = bytes.fromhex(
    """
    0104323032340f174796ed83e006d6d5ec5f99389aad523e0926b40c18fda821f92b2eb5c6bb35f7e2e85ab337b4cdc9698a
    38e1dcc80641b9d9f8a20ac11a57d5e5466387221fca2b2624fbdf1369603135d8a40be0b898d2f641d3c531f9a951662e4e
    44dd2a545021ba25efa1c8ef6117684d7ad4e285a2cc
    """
)
INNHOLD = bytes.fromhex(
    """
    010432303234888a9b22819bf6216fc33432c9b38ea53360b92fcdaf293e39c4f8a19af2c48bb9be1bec4727ac867f2e2069
    9edcb4e67a9090cde186d4a6778deff449dc7b213a10cb1132708dab29f013f5a5e7d87792ea96552175f8845d19e5804584
    179d0e6f94719a3cd2c506aeb6434eeef7e18a00a04b81e73214202d07ef9822758b80ab5932906c1dcd19b4b2e9004eb3f3
    8c6e69c7c6c4ff934c8791a0
    """
)
SKJEMA = bytes.fromhex(
    """
    010432303234f14b939879402f2ec092aea407c64c9744ba1e44cfba01cd05b0ef778d48473cc918a9ea2e3673d60d14ed52
    3c97c05f68ad7ae1407c1ae782a8631c3feb01ccd031b19850416afc3a59e7caf3ab2f46230e62222879bc1679eb5b23c221
    097c0d2b1a4ffac56db3c94cf4380c8a31051b52a1f275910a1592c7041fb61ea972d31dfeaab8507845f484900874e5d460
    1090d3e6f053a0c8a632e34b788bdc6674373a08678066c8dbd38aceebf9cd0e6a357b1587d1ed451d9ca3593fcc5f07c39b
    d3a4f011b49437771fa650e6e4e4f2d47900abcd8db58c76339a9e69df4b97fbced0eab25744d2a816295159a9d88d841b62
    ba0398254e1dfb091de86df1e038bfc3d1d2a54bacf6181c278d6a1b53ca6d99dfffb3758fa27e17b92872633fa8490422a8
    976025ccdf1362e5b9c4340f8f65f46110edb2b308d52793fe29091f00c236da11b056a8a735eee7d57242d56602af1b8712
    3e652acc07fa351e1ad3ec4b1b033d6e4fb06ef1a53f161c83b6605d19becae94c298a08974e93936ba3374ffd2f71918e18
    12dd379f46053e7e8a04dae7037c788b84ea163474de5d59fc1a325ac4592283707ca4f920e7842b47d3d04ded3a39294227
    7ec589af42016dca0f6d87787aa05355893f2c24acf951efc7104fae0774c06456da954b2a2f23d538b1ad5102c884fb7cdc
    0c2201e060f440d4586bc245062070b6157cfb1865a72f013a53133500021ac3ad022dc924181f2106a6bf17f2cb9d62d938
    088704f998ae1c2455bb8aaa4ad44f01c914
    """
)
RAD = bytes.fromhex(
    """
    0104323032346006b22941e0b4520a288c1ec8ca33cfa1ce9cd7957e77f344f4f3bc8e86a2880b82aa889534ea97e91d2b6b
    71e4d4abcc913b4b713e66c5d6efa170cb01e55a72ff8089c0
    """
)
FUNN = bytes.fromhex(
    """
    0104323032342596076d204a21c29feacac49e1d43c385f7db32d58d6f088f0436bc4c102a77ba3d4d50b0a9e17fe14231ee
    31471e4b480e729cafa813079a0066a9e78a8a9bcc4f2d0b6e0faa3aa9c52c740fecde88d2a871f1c88065b6be5a
    """
)

BOUND_TO = {
    "arbeidsdel.resultat": "$[*].**.nokkel",
    "brevfil.form": "$.bilder[*].**.nokkel",
    "brevfil.navn_kryptert": "brevfil.navn",
    "brevfil.nokkel": "nokkel",
    "dokument.nokkel": "nokkel",
    "edialog_fil.nokkel": "nokkel",
    "edialog_skjema.innhold_kryptert": "edialog_skjema.innhold",
    "epost.til_kryptert": "epost.til",
    "forsendelse.innhold_kryptert": "forsendelse.innhold",
    "forsendelse.mottaker_kryptert": "forsendelse.mottaker",
    "innlogging.data_kryptert": "innlogging.data",
    "opplasting.form": "$.bilder[*].**.nokkel",
    "opplasting.nokkel": "nokkel",
    "person.fnr_kryptert": "person.fnr",
    "printordre.nokkel": "nokkel",
    "sesjon.id_token_kryptert": "sesjon.id_token",
    "sesjon.parter_kryptert": "sesjon.parter",
    "sms.til_kryptert": "sms.til",
    "smsutsendelse.tekst_kryptert": "smsutsendelse.tekst",
    "svarinn_feil.feilmelding_kryptert": "svarinn.feil",
    "svarinn_mottak.notat_kryptert": "svarinn.notat",
    "utsendingsrad.data_kryptert": "utsendingsrad.data",
    "utsendingsrad.nokkel": "nokkel",
    "utsendingsrad.reparasjon_kryptert": "utsendingsrad.funn",
}
"""What each sealed column is bound to, and where in a JSON the wrapped keys stand. A new column is added here."""


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_installed", [SimpleNamespace(keys=RING)])


def test_a_value_and_a_data_key_sealed_under_an_older_master_key_open() -> None:
    assert encryption.decrypt_value(RING, VALUE, "tabell.kolonne") == "Kari Å".encode()
    assert RING.unwrap(WRAPPED) == DATA_KEY


def test_every_sealed_column_is_bound_to_what_it_was_bound_to() -> None:
    found = {}
    for place in PLACES:
        found[column_name(place)] = place.aad if isinstance(place, SealedColumn) else place._path
        assert isinstance(place, SealedColumn | SealedJson)
    assert found == BOUND_TO


def test_a_short_document_opens() -> None:
    assert b"".join(encryption.decrypt_stream([STREAM], DATA_KEY)) == b"et dokument"


def test_a_document_of_more_than_one_chunk_opens() -> None:
    """Sealed here by the format itself: 7 bytes, then chunks of 256 KiB under "7 bytes | number | 1 if last"."""
    cipher, prefix, size = AESGCM(DATA_KEY), b"sekssju", 262_144
    chunks = [b"a" * size, b"b" * size, b"slutt"]
    sealed = [
        cipher.encrypt(prefix + struct.pack(">IB", n, n == 2), chunk, None) for n, chunk in enumerate(chunks)
    ]
    opened = b"".join(encryption.decrypt_stream([prefix, *sealed], DATA_KEY))
    assert opened == b"".join(chunks)


def test_documents_of_a_segment_open_with_the_beginning_they_share(tmp_path: Path) -> None:
    objekt = "2026/12/01/" + "0" * 32
    path = tmp_path / objekt
    path.parent.mkdir(parents=True)
    path.write_bytes(OBJECT)
    store = open_store(tmp_path.as_uri())
    for fra, lengde, nokkel, text in PARTS:
        assert store.read_segment_part(objekt, fra, lengde, nokkel, RING) == text


def test_a_letters_receiver_and_content_open() -> None:
    mottaker = unseal_mottaker(MOTTAKER)
    assert (mottaker.digital_id, mottaker.adresse) == ("17912099997", KARI)
    content = unseal_content(INNHOLD)
    assert links_of(content) == (Lenke("https://lillevik.example/a", "Les mer", "Se"),)
    assert str(sent_at(content)) == "2026-12-01 08:30:00+00:00"


def test_a_skjema_opens() -> None:
    written = Utkast("Søknad", "Hei på deg", Avsender(KARI, "kari@example.no", "99999999"))
    to = edialog.Mottaker("910000004", KARI)
    assert edialog.unseal(SKJEMA) == edialog.Innhold("17912099997", to, written, "kari@example.no")


def test_a_row_and_what_was_found_in_it_open() -> None:
    row = Utsendingsrad(utsending_id=UUID(int=1), radnr=2, data_kryptert=RAD)
    assert row_values(row) == {"navn": "Kari Å", "fnr": "17912099997"}
    assert unseal_findings(FUNN) == [{"verdi": {"postnr": "999"}, "reparert": {"postnr": "0999"}}]

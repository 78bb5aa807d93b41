"""Master keys: what lies under each, everything moved under the newest while the system runs, the old one taken out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import LargeBinary, func, select, update
from sqlalchemy.orm import Session

from fiks.core import clock, environment
from fiks.core.audit import Audit
from fiks.core.crypto.encryption import KeyRing, NokkelUkjent
from fiks.core.db import Base, session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError
from fiks.core.key_rotation import encrypted_columns
from fiks.core.key_rotation.encrypted_columns import (
    Renewal,
    SealedColumn,
    SealedJson,
    counts_by_key,
    renew_all,
    renew_portion,
)
from fiks.core.storage.store import Lagret
from fiks.drift import key_check
from fiks.edialog.content import CONTENT_AAD as EDIALOG_AAD
from fiks.edialog.models import EdialogFil, EdialogMottaker, EdialogSkjema, EdialogSkjematype
from fiks.epost import Mal, write
from fiks.konfigurasjon.models import Person, Sesjon
from fiks.konfigurasjon.person import sessions
from fiks.konfigurasjon.person.representation import PARTIES_AAD
from fiks.sms.models import Sms, Smskonto, Smsutsendelse
from fiks.sms.service import TEXT_AAD, TO_AAD
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Dokument, Forsendelse, SvarinnFeil, SvarinnMottak
from fiks.svarut.sealed_content import CONTENT_AAD
from fiks.svarut.svarinn_handover import NOTE_AAD, REPORT_AAD
from fiks.utsending.file_models import Brevfil
from fiks.utsending.letters.documents import NAME_AAD
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsendingsrad
from fiks.utsending.samlet.workers import first_look as big_file
from fiks.utsending.sealed_values import row_values
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import make_hus, new_fnr, new_orgnr
from tests.integration.print.orders import make_order
from tests.integration.svarut.letters import CONTENT, make_letter
from tests.integration.systems import make_system
from tests.integration.utsending.kommuner import make_kommune, make_mailing
from workers import cli, cli_keys
from workers.cli_keys import PLACES

OLD, NEW, STRANGE = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
ONE = KeyRing([("gammel", OLD)])
BOTH = KeyRing([("ny", NEW), ("gammel", OLD)])
ONLY_NEW = KeyRing([("ny", NEW)])
STATE = b"s" * 32


@pytest.fixture
def ring(process: QuickProcess, empty: None) -> Iterator[None]:
    """A process that seals under the key `gammel`, alone in its ring."""
    kept = current()
    use(ONE)
    key_check.require_ours()
    yield
    session().rollback()
    environment.install(kept)


def use(ring: KeyRing) -> None:
    """As if every process had been started with these MASTER_KEYS."""
    session().rollback()
    environment.install(replace(current(), keys=ring))


def run(process: QuickProcess, *argv: str) -> int:
    session().rollback()
    options: argparse.Namespace = cli._parser().parse_args(argv)
    code = cli.COMMANDS[options.kommando][1](process, options)
    session().rollback()
    return code


def _write_to_the_kommune(tx: Session, organisasjon_id: UUID, konto_id: UUID, stored: Lagret) -> None:
    """A draft of eDialog with a file."""
    mottaker = EdialogMottaker(
        short_id="BCDF",
        organisasjon_id=organisasjon_id,
        konto_id=konto_id,
        orgnr="310000000",
        navn="Lillevik",
        adresselinje1="Torget 1",
        postnr="4262",
        poststed="AVALDSNES",
        printleverandor="MANUELL_PRINT",
    )
    tx.add(mottaker)
    tx.flush()
    form = EdialogSkjematype(mottaker_id=mottaker.id, nr=1, type="STANDARD")
    tx.add(form)
    tx.flush()
    person_id = tx.scalars(select(Person.id)).first()
    sealed = current().keys.seal(b"{}", EDIALOG_AAD)
    skjema = EdialogSkjema(
        person_id=person_id,
        eier_indeks=b"i",
        mottaker_id=mottaker.id,
        skjematype_id=form.id,
        innhold_kryptert=sealed,
    )
    tx.add(skjema)
    tx.flush()
    tx.add(
        EdialogFil(
            skjema_id=skjema.id,
            nr=1,
            filnavn="a.pdf",
            storrelse=stored.storrelse,
            sha256=stored.sha256,
            objekt=stored.objekt,
            nokkel=stored.nokkel,
        )
    )


def fill() -> tuple[UUID, str]:
    """Something sealed in every place; returns a letter's id and a session's token."""
    env = current()
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    hus = make_hus()
    letter_id = make_letter(hus, new_fnr())
    make_order(hus)
    system = make_system(new_orgnr())
    sessions.begin_login(STATE, data={"nonce": "n"}, expires=clock.database_now() + timedelta(minutes=5))
    token = sessions.open_session(
        pid=new_fnr(), acr=4, auth_time=clock.database_now(), iss="iss", idporten_sid=None, id_token="jwt"
    )
    pieces = env.store.put_segment([b"side 1", b"side 2"], env.keys)
    in_json = [{"side": n, "objekt": p.objekt, "nokkel": p.nokkel.hex()} for n, p in enumerate(pieces)]
    stored = env.store.put_document([b"%PDF"], env.keys)
    with transaction() as tx:
        findings = env.keys.seal(b"[]", "utsendingsrad.funn")
        tx.execute(update(Utsendingsrad).values(reparasjon_kryptert=findings))
        parties = env.keys.seal(b"[]", PARTIES_AAD)
        content = env.keys.seal(b"{}", CONTENT_AAD)
        tx.execute(update(Forsendelse).where(Forsendelse.id == letter_id).values(innhold_kryptert=content))
        report = env.keys.seal(b"Arkivet er nede", REPORT_AAD)
        tx.add(SvarinnFeil(forsendelse_id=letter_id, lopenr=1, feilmelding_kryptert=report))
        note = env.keys.seal(b"Ring avsenderen", NOTE_AAD)
        tx.add(
            SvarinnMottak(
                forsendelse_id=letter_id, mottakersystem_id=system.id, klar=func.now(), notat_kryptert=note
            )
        )
        tx.execute(update(Sesjon).values(parter_kryptert=parties, parter_hentet=func.now()))
        tx.add(
            Opplasting(
                utsending_id=mailing.id,
                art="DOKUMENT",
                filnavn="brev.pdf",
                storrelse=stored.storrelse,
                sha256=stored.sha256,
                objekt=stored.objekt,
                nokkel=stored.nokkel,
                form={"bilder": big_file._store_pictures([b"png"], [(1, 595.0, 842.0, [])]), "annet": 1},
                opprettet_av=kommune.personer["saksbehandler"],
            )
        )
        tx.add(
            Brevfil(
                utsending_id=mailing.id,
                nr=1,
                navn_kryptert=env.keys.seal(b"brev.pdf", NAME_AAD),
                vist_navn="brev.pdf",
                storrelse=stored.storrelse,
                sha256=stored.sha256,
                objekt=stored.objekt,
                nokkel=stored.nokkel,
                form={"bilder": in_json},
            )
        )
        result = [{"slag": "feil", "felt": "kid"}, *in_json]
        tx.add(Arbeidsdel(utsending_id=mailing.id, art="FORHANDSVISNING", nr=1, resultat=result))
        _write_to_the_kommune(tx, kommune.id, kommune.konto_id, stored)
        told = {"system": "Arkiv", "utloper": date(2027, 1, 1), "lenke": f"{env.portal_base_url}/svarinn"}
        konto = Smskonto(id=kommune.konto_id, organisasjon_id=kommune.id, visningsnavn="a", avsender="a")
        tx.add(konto)
        tx.flush()
        tx.add(
            Smsutsendelse(
                id=UUID(int=1),
                konto_id=konto.id,
                tekst_kryptert=env.keys.seal(b"Hei", TEXT_AAD),
                koding="GSM7",
                deler=1,
                antall=1,
                avtrykk=b"",
                aktor="system:test",
            )
        )
        tx.flush()
        number = env.keys.seal(b"+4790000001", TO_AAD)
        tx.add(Sms(utsendelse_id=UUID(int=1), til_kryptert=number, til_indeks=b"i"))
        write(Mal.SVARINN_SERTIFIKAT, ["arkiv@lillevik.test"], told, nokkel="sertifikat:1")
    return letter_id, token


def clear_values() -> dict[str, list[bytes]]:
    """What every place holds, opened with the keys at hand."""
    session().rollback()
    ring, found = current().keys, {}
    for place in PLACES:
        aad = place.aad if isinstance(place, SealedColumn) else "nokkel"
        values = session().scalars(place.sealed()).all()
        found[encrypted_columns.column_name(place)] = sorted(ring.open(bytes(value), aad) for value in values)
    return found


def indexes() -> list[tuple[Any, ...]]:
    """Every blind index and keyed hash."""
    session().rollback()
    return sorted(
        [
            *map(tuple, session().execute(select(Person.fnr_indeks))),
            *map(tuple, session().execute(select(Forsendelse.mottaker_indeks))),
            *map(
                tuple,
                session().execute(
                    select(
                        Utsendingsrad.mottaker_indeks, Utsendingsrad.duplikat_indeks, Utsendingsrad.rad_hash
                    )
                ),
            ),
        ]
    )


def under(key_id: str) -> int:
    session().rollback()
    return sum(counts_by_key(place).get(key_id, 0) for place in PLACES)


@pytest.mark.usefixtures("ring")
def test_a_key_is_changed_and_the_old_one_taken_out_and_everything_is_still_read(
    process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    letter_id, token = fill()
    before, kept = clear_values(), indexes()
    assert all(before.values()), "something is sealed in every place"
    use(BOTH)
    assert run(process, "nokler", "pakk-om") == 0
    assert "Rader pakket om under ny: 39." in capsys.readouterr().out
    assert (under("gammel"), under("ny")) == (0, sum(map(len, before.values())))
    use(ONLY_NEW)
    assert clear_values() == before
    assert indexes() == kept
    letter = load_letters([letter_id])[letter_id]
    assert b"".join([read_checked(letter.dokumenter[0])]) == CONTENT
    assert sessions.id_token_of(token) == "jwt"
    assert sessions.take_pending_login(STATE) == {"nonce": "n"}
    row = session().scalars(select(Utsendingsrad).limit(1)).one()
    assert row_values(row)["navn"].startswith("Mottaker")
    upload = session().scalars(select(Opplasting)).one()
    assert upload.objekt and upload.nokkel and upload.form["annet"] == 1
    assert b"".join(current().store.read_document(upload.objekt, upload.nokkel, ONLY_NEW)) == b"%PDF"
    [page] = upload.form["bilder"]
    assert [part_of(page["objekt"], piece) for piece in (page, page["tekst"])] == [b"png", b"[]"]


def part_of(objekt: str, piece: dict[str, Any]) -> bytes:
    key = bytes.fromhex(piece["nokkel"])
    return current().store.read_segment_part(objekt, piece["fra"], piece["lengde"], key, current().keys)


@pytest.mark.usefixtures("ring")
def test_the_keys_are_shown_with_what_lies_under_them_and_never_themselves(
    process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    fill()
    use(BOTH)
    n = under("gammel")
    assert run(process, "nokler", "vis") == 0
    shown = capsys.readouterr().out
    assert "ny: verdier 0, av dem nøkler til filer 0 (aktiv)" in shown
    assert f"gammel: verdier {n}, av dem nøkler til filer 14 (i bruk)" in shown
    assert "dokument.nokkel" in shown and "person.fnr_kryptert" in shown
    run(process, "nokler", "pakk-om")
    capsys.readouterr()
    assert run(process, "nokler", "vis") == 0
    shown += capsys.readouterr().out
    assert "gammel: verdier 0, av dem nøkler til filer 0 (kan tas ut av MASTER_KEYS)" in shown
    for key in (OLD, NEW):
        assert key.hex() not in shown
        assert key.decode("latin-1") not in shown


@pytest.mark.usefixtures("ring")
def test_what_lies_under_a_key_that_was_taken_out_too_early_is_told_and_left_alone(
    process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    fill()
    n = under("gammel")
    use(ONLY_NEW)
    assert run(process, "nokler", "pakk-om") == 1
    assert f"Verdier som fortsatt ligger under andre nøkler: {n}." in capsys.readouterr().out
    assert run(process, "nokler", "vis") == 1
    assert f"gammel: verdier {n}, av dem nøkler til filer 14 (MANGLER" in capsys.readouterr().out
    with pytest.raises(NokkelUkjent):
        clear_values()
    use(BOTH)
    assert run(process, "nokler", "pakk-om") == 0


class Breaks(KeyRing):
    """A ring whose process is killed when it has sealed `left` values."""

    left = 0

    def seal(self, plaintext: bytes, aad: str) -> bytes:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return super().seal(plaintext, aad)


@pytest.mark.usefixtures("ring")
def test_a_repacking_that_is_broken_off_anywhere_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encrypted_columns, "PORTION", 2)
    fill()
    before = clear_values()
    total = under("gammel")
    left = [total]
    while left[-1]:
        ring = Breaks([("ny", NEW), ("gammel", OLD)])
        ring.left = 5
        use(ring)
        try:
            renew_all(PLACES, ring, lambda name, done: None)
        except KeyboardInterrupt:
            session().rollback()
        use(BOTH)
        assert clear_values() == before
        left.append(under("gammel"))
        assert left[-1] < left[-2]
    assert len(left) > 3


@pytest.mark.usefixtures("ring")
def test_repacking_twice_changes_nothing_the_second_time() -> None:
    fill()
    use(BOTH)
    told: list[str] = []
    first = renew_all(PLACES, BOTH, lambda name, done: told.append(name))
    stored = [session().scalars(place.sealed()).all() for place in PLACES]
    assert renew_all(PLACES, BOTH, lambda name, done: told.append("again")) == Renewal(0, 0)
    assert [session().scalars(place.sealed()).all() for place in PLACES] == stored
    assert first == Renewal(39, 0)
    assert sorted(told) == sorted(encrypted_columns.column_name(place) for place in PLACES)
    acts = (
        session()
        .scalars(select(Audit.handling).where(Audit.objekt_type == "hovednokkel").order_by(Audit.id))
        .all()
    )
    assert acts == ["NOKLER_PAKKES_OM", "NOKLER_PAKKET_OM"] * 2


@pytest.mark.usefixtures("ring")
def test_a_row_somebody_holds_is_passed_by_and_taken_the_next_time(database: Database) -> None:
    fill()
    use(BOTH)
    place = SealedColumn(Forsendelse.mottaker_kryptert, "forsendelse.mottaker")
    with database.app() as other:
        with other.transaction():
            other.execute("SELECT id FROM forsendelse FOR UPDATE")
            assert renew_portion(place, BOTH, limit=10) == (Renewal(0, 0), None)
        done, _ = renew_portion(place, BOTH, limit=10)
    assert done == Renewal(1, 0)


@pytest.mark.usefixtures("ring")
def test_a_value_that_was_changed_since_it_was_read_is_not_overwritten() -> None:
    fill()
    place = SealedColumn(Dokument.nokkel, "nokkel")
    [row] = session().execute(select(Dokument.id, Dokument.nokkel)).all()
    with transaction():
        assert (
            encrypted_columns._write(place, [(row.id, b"what it was before", b"what it would become")]) == 0
        )
        assert encrypted_columns._write(place, [(row.id, row.nokkel, ONE.wrap(OLD))]) == 1


@pytest.mark.usefixtures("ring")
def test_one_value_that_cannot_be_opened_does_not_stop_the_others() -> None:
    fill()
    with transaction() as tx:
        tx.execute(update(Dokument).values(nokkel=KeyRing([("ukjent", STRANGE)]).wrap(OLD)))
        tx.execute(update(Opplasting).values(nokkel=b"\x01"))
    use(BOTH)
    done = renew_all(PLACES, BOTH, lambda name, one: None)
    assert done.unreadable == 2
    assert (under("gammel"), under("ukjent"), under("?")) == (0, 1, 1)


DAMAGED = b"\x01\x06gammel" + bytes(60)


@pytest.mark.parametrize("broken", [DAMAGED.hex(), "", ["01"]], ids=["changed", "empty", "no text"])
@pytest.mark.usefixtures("ring")
def test_one_key_in_json_that_cannot_be_opened_does_not_stop_the_others(broken: object) -> None:
    fill()
    with transaction() as tx:
        tx.execute(update(Brevfil).values(form={"bilder": [{"nokkel": broken}]}))
    use(BOTH)
    told: dict[str, Renewal] = {}
    done = renew_all(PLACES, BOTH, told.__setitem__)
    assert done.unreadable == 1 and told["brevfil.form"] == Renewal(0, 1)
    others = [place for place in PLACES if encrypted_columns.column_name(place) != "brevfil.form"]
    assert {key_id for place in others for key_id in counts_by_key(place)} == {"ny"}


def test_every_sealed_column_is_one_of_the_places() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary)
        and (column.name.endswith("_kryptert") or column.name == "nokkel")
    }
    assert columns == {
        encrypted_columns.column_name(place) for place in PLACES if isinstance(place, SealedColumn)
    }
    assert {encrypted_columns.column_name(place) for place in PLACES if isinstance(place, SealedJson)} == {
        "opplasting.form",
        "brevfil.form",
        "arbeidsdel.resultat",
    }


def test_the_command_knows_its_two_acts() -> None:
    assert {"vis": cli_keys.vis, "pakk-om": cli_keys.pakk_om} == cli.NOKLER


def test_whether_a_letter_opens_is_told_and_nothing_of_it_is(
    ring: None, process: QuickProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    letter_id = make_letter(make_hus(), new_fnr())
    assert run(process, "nokler", "apne", str(letter_id)) == 0
    assert capsys.readouterr().out == f"dokument 1: {len(CONTENT)} byte, helt\n"
    use(ONLY_NEW)
    with pytest.raises(NokkelUkjent):
        run(process, "nokler", "apne", str(letter_id))


def test_a_letter_whose_object_is_not_in_the_store_does_not_open(ring: None, process: QuickProcess) -> None:
    letter_id = make_letter(make_hus(), new_fnr())
    objekt = session().scalar(select(Dokument.objekt).where(Dokument.forsendelse_id == letter_id))
    assert objekt is not None
    current().store.delete(objekt)
    with pytest.raises(FiksError):
        run(process, "nokler", "apne", str(letter_id))


@pytest.mark.parametrize("words", [[], ["brev"], ["00000000-0000-4000-8000-000000000001"]])
def test_a_letter_that_is_not_is_told_of_as_such(ring: None, process: QuickProcess, words: list[str]) -> None:
    with pytest.raises(ValueError):
        run(process, "nokler", "apne", *words)

"""What an upload leaves in the object store: the file in use, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.core.storage.store import Store
from fiks.utsending.jobs.stored_upload import decrypted_upload
from fiks.utsending.liste.child.process import open_list
from fiks.utsending.models import Opplasting, Utsending
from fiks.utsending.receivers import uploads
from fiks.utsending.stored_objects import unused_objects
from tests.integration.utsending.jobs import begin
from tests.integration.utsending.kommuner import Kommune, make_kommune

pytestmark = pytest.mark.usefixtures("at_noon", "outside")


def put(kommune: Kommune, utsending_id: object, content: bytes) -> None:
    uploads.upload(utsending_id, "LISTE", "liste.csv", [content], actor=kommune.aktor("saksbehandler"))  # type: ignore[arg-type]


def object_of(utsending_id: object) -> tuple[str, bytes]:
    session().rollback()
    row = session().execute(
        select(Opplasting.objekt, Opplasting.nokkel).where(Opplasting.utsending_id == utsending_id)
    )
    objekt, nokkel = row.one()
    return objekt, nokkel


def is_stored(objekt: str, nokkel: bytes) -> bool:
    try:
        return bool(b"".join(current().store.read_document(objekt, nokkel, current().keys)))
    except IkkeFunnet:
        return False


def test_a_list_that_is_replaced_is_gone_from_the_store() -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune)
    put(kommune, utsending_id, b"navn\nEn")
    first = object_of(utsending_id)
    assert is_stored(*first)
    put(kommune, utsending_id, b"navn\nTo")
    assert not is_stored(*first)
    assert is_stored(*object_of(utsending_id))


def test_a_list_that_is_taken_away_is_gone_from_the_store() -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune)
    put(kommune, utsending_id, b"navn\nEn")
    first = object_of(utsending_id)
    uploads.remove_list(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert not is_stored(*first)


def test_a_list_that_is_being_read_has_a_name_in_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that is killed in the middle of it can take nothing away."""
    kommune = make_kommune()
    utsending_id = begin(kommune)
    put(kommune, utsending_id, b"navn;adresselinje1;postnr;poststed\nEn;Vei 1;0001;OSLO\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with decrypted_upload(*object_of(utsending_id)) as path, open_list(path, "liste.csv") as liste:
        assert [rad.verdier["navn"] for rad in liste.rader] == ["En"]
        assert not list(tmp_path.iterdir())


def test_an_upload_to_a_mailing_that_cannot_be_changed_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune)
    with transaction() as tx:
        tx.get_one(Utsending, utsending_id).status = "SENDES"
    made = []
    real = Store.put_document
    monkeypatch.setattr(Store, "put_document", lambda *a: made.append(real(*a)) or made[-1])
    with pytest.raises(Konflikt, match="KAN_IKKE_ENDRES"):
        put(kommune, utsending_id, b"navn\nEn")
    assert len(made) == 1
    assert not is_stored(made[0].objekt, made[0].nokkel)


def test_a_document_two_mailings_share_is_kept_while_one_of_them_has_it() -> None:
    kommune = make_kommune()
    one, other = begin(kommune), begin(kommune)
    put(kommune, one, b"navn\nEn")
    objekt, nokkel = object_of(one)
    with transaction() as tx:
        first = tx.execute(select(Opplasting).where(Opplasting.utsending_id == one)).scalar_one()
        shared = {c: getattr(first, c) for c in ("art", "filnavn", "storrelse", "sha256", "objekt", "nokkel")}
        tx.add(Opplasting(utsending_id=other, opprettet_av=first.opprettet_av, **shared))
    put(kommune, one, b"navn\nTo")
    assert is_stored(objekt, nokkel)
    assert unused_objects([objekt]) == []
    uploads.remove_list(other, actor=kommune.aktor("saksbehandler"))
    assert not is_stored(objekt, nokkel)

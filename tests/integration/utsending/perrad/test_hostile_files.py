"""Files and zips made to hurt, too many or too large, and pieces that are overtaken: refused, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.core.isolate import BarnFeil
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Pdfkontroll
from fiks.utsending.filer import errors, giro, storage, upload
from fiks.utsending.filer.errors import FilFeil
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.filer.workers import check as workers_check
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.rules import Delart, Delstatus
from testmiljo.folders import LILLEVIK
from tests.integration.databases import QuickProcess
from tests.integration.utsending.kommuner import Kommune
from tests.integration.utsending.perrad.jobs import (
    LETTER,
    LETTERS,
    add,
    add_list,
    begin_per_rad,
    codes,
    files_of,
    list_file,
    stored,
    upload_of,
    work_off,
)
from tests.unit.brev import naughty
from tests.unit.filer.zips import link, make_zip

pytestmark = pytest.mark.usefixtures("at_noon", "outside")


def claim(eier: Owner, art: Delart = Delart.FIL) -> queue.Del:
    part = queue.claim_piece([art], eier.ensure())
    assert part is not None
    return part


HOSTILE = {
    "passord.pdf": (
        (LILLEVIK / "brev_passord.pdf").read_bytes(),
        "PDF_PASSORD",
    ),
    "skript.pdf": (naughty.pdf(naughty.javascript), "PDF_JAVASCRIPT"),
    "start.pdf": (naughty.pdf(naughty.launch), "PDF_HANDLING"),
    "inni.pdf": (naughty.pdf(naughty.embedded_file), "PDF_INNEBYGD_FIL"),
    "mange.pdf": (naughty.pdf(pages=201), "PDF_FOR_MANGE_SIDER"),
    "ikke.pdf": (b"%PDF-1.7 men ikke noe mer", "PDF_UGYLDIG"),
    "stor.pdf": (naughty.pdf(size=(14_000, 14_000)), "PDF_STORRELSE"),
}


def test_a_file_made_to_hurt_is_refused_with_its_reason_and_not_kept(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    before = stored()
    add_list(
        kommune, utsending_id, list_file(tmp_path, [("Kari Vik", name) for name in (*HOSTILE, "god.pdf")])
    )
    add(
        kommune,
        utsending_id,
        {**{name: content for name, (content, _) in HOSTILE.items()}, "god.pdf": LETTER},
    )
    work_off(process)
    files = files_of(utsending_id)
    assert {name: files[name].feilkode for name in HOSTILE} == {
        name: kode for name, (_, kode) in HOSTILE.items()
    }
    assert all(files[name].objekt is None and files[name].nokkel is None for name in HOSTILE)
    listed = upload_of(utsending_id, "LISTE")
    assert listed is not None
    assert stored() - before == {files["god.pdf"].objekt, listed.objekt}
    assert list(codes(utsending_id).values()) == [["FIL_KAN_IKKE_SENDES"]] * len(HOSTILE) + [[]]
    again = add(kommune, utsending_id, {"skript.pdf": HOSTILE["skript.pdf"][0]})
    assert again.nye == 1, "what was refused may be tried again"


class Breakable:
    """A check whose child dies at some files."""

    def __init__(self, at: bytes) -> None:
        self.at = at
        self.seen = 0

    def check(self, data: bytes, *, tosidig: bool) -> Pdfkontroll:
        self.seen += 1
        if self.at in data:
            raise BarnFeil("BARN_DREPT", signal=9)
        return Pdfkontroll(1, True)

    def giro(self, data: bytes, giro_sider: object, *, tosidig: bool) -> Pdfkontroll:
        return Pdfkontroll(1, True)


def test_a_file_that_kills_the_child_is_too_complicated_and_its_neighbours_are_not(
    kommune: Kommune, eier: Owner
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {n: LETTER + n.encode() for n in ("a.pdf", "drep.pdf", "b.pdf")})
    workers_check.check_part(claim(eier), Breakable(b"drep.pdf"))
    found = {name: (fil.status, fil.feilkode) for name, fil in files_of(utsending_id).items()}
    assert found == {
        "a.pdf": ("LEST", None),
        "drep.pdf": ("FEILET", "PDF_FOR_KOMPLISERT"),
        "b.pdf": ("LEST", None),
    }


def test_a_file_replaced_while_it_is_looked_into_is_left_to_its_own_piece(
    kommune: Kommune, eier: Owner
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"a.pdf": LETTER, "b.pdf": LETTER + b"b"})
    part = claim(eier)

    class Meanwhile(Breakable):
        def check(self, data: bytes, *, tosidig: bool) -> Pdfkontroll:
            if not self.seen:
                add(kommune, utsending_id, {"a.pdf": LETTERS["0003.pdf"], "b.pdf": LETTERS["0007.pdf"]})
            return super().check(data, tosidig=tosidig)

    workers_check.check_part(part, Meanwhile(b"ingen"))
    assert {fil.status for fil in files_of(utsending_id).values()} == {"MOTTATT"}
    workers_check.check_part(claim(eier), Breakable(b"ingen"))
    assert {fil.status for fil in files_of(utsending_id).values()} == {"LEST"}


def test_what_is_found_by_a_piece_that_was_taken_back_is_dropped(kommune: Kommune, eier: Owner) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"a.pdf": LETTER})
    part = claim(eier)
    giro.set_giro(utsending_id, Girovalg(Giroside.SISTE), actor=kommune.aktor("saksbehandler"))
    workers_check.check_part(part, Breakable(b"ingen"))
    assert files_of(utsending_id)["a.pdf"].status == "MOTTATT"


def test_a_list_waits_for_its_files_and_a_mailing_has_four_pieces_in_flight(
    kommune: Kommune, eier: Owner
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id)
    add(kommune, utsending_id, {f"{n:03}.pdf": b"%PDF-1.7 " + str(n).encode() for n in range(130)})
    taken = [queue.claim_piece([Delart.LES, Delart.FIL], eier.ensure()) for _ in range(5)]
    assert [part.art if part else None for part in taken] == [Delart.FIL] * 4 + [None]
    waiting = select(Arbeidsdel.id).where(
        Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.LES
    )
    assert len(session().scalars(waiting).all()) == 1
    with transaction() as tx:
        tx.execute(
            update(Arbeidsdel)
            .where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.FIL)
            .values(status=Delstatus.FERDIG, eier=None)
        )
    part = queue.claim_piece([Delart.LES, Delart.FIL], eier.ensure())
    assert part is not None and part.art is Delart.LES


@pytest.mark.parametrize(
    ("most", "code"),
    [({"MAX_FILES": 3}, "FILER_FOR_MANGE"), ({"MAX_TOTAL_BYTES": 3 * len(LETTER)}, "FILER_FOR_STORE")],
)
def test_more_files_than_a_mailing_may_have_are_refused_together_and_leave_nothing(
    kommune: Kommune, process: QuickProcess, monkeypatch: pytest.MonkeyPatch, most: dict[str, int], code: str
) -> None:
    for name, value in most.items():
        monkeypatch.setattr(storage, name, value)
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"a.pdf": LETTER, "b.pdf": LETTER + b"b"})
    before = stored()
    with pytest.raises(FilFeil, match=code):
        add(kommune, utsending_id, {"c.pdf": LETTER + b"c", "d.pdf": LETTER + b"d"})
    assert list(files_of(utsending_id)) == ["a.pdf", "b.pdf"]
    assert stored() == before


def test_a_file_larger_than_any_letter_is_refused_while_it_is_read(kommune: Kommune) -> None:
    utsending_id = begin_per_rad(kommune)
    read = []

    def endless() -> object:
        yield b"%PDF-1.7"
        while True:
            read.append(1)
            yield bytes(errors.MIB)

    taken = upload.add_files(
        utsending_id,
        [("stor.pdf", endless()), ("god.pdf", [LETTER])],  # type: ignore[list-item]
        actor=kommune.aktor("saksbehandler"),
    )
    assert [(a.navn, a.feil.kode, a.feil.params) for a in taken.avvist] == [
        ("stor.pdf", "FIL_FOR_STOR", {"maks_mb": 25})
    ]
    assert len(read) == 25
    assert list(files_of(utsending_id)) == ["god.pdf"]


def test_two_files_of_one_name_at_once_are_not_each_others(kommune: Kommune) -> None:
    utsending_id = begin_per_rad(kommune)
    sent = [("en/brev.pdf", [LETTER]), ("to/brev.pdf", [LETTERS["0002.pdf"]])]
    taken = upload.add_files(utsending_id, sent, actor=kommune.aktor("saksbehandler"))
    assert (taken.nye, [a.feil.kode for a in taken.avvist]) == (1, ["FILNAVN_DOBBELT"])
    assert files_of(utsending_id)["brev.pdf"].storrelse == len(LETTER)


def test_a_zip_that_is_refused_leaves_nothing_and_the_worker_goes_on(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {"her.pdf": LETTER})
    work_off(process)
    before = stored()
    actor = kommune.aktor("saksbehandler")
    bad = make_zip(
        tmp_path, [(f"{n}.pdf", LETTER) for n in range(3)] + [(link("x.pdf"), b"/etc")]
    ).read_bytes()
    upload.add_zip(utsending_id, "28837721085.zip", [bad], actor=actor)
    with pytest.raises(Konflikt, match="ZIP_LESES"):
        upload.add_zip(utsending_id, "en til.zip", [bad], actor=actor)
    work_off(process)
    refused = upload_of(utsending_id, "ZIP")
    assert refused is not None
    assert (refused.status, refused.feilkode, refused.objekt) == ("FEILET", "ZIP_LENKE", None)
    assert refused.filnavn == "xxxxxxxxxxx.zip"
    assert list(files_of(utsending_id)) == ["her.pdf"]
    assert stored() == before
    good = make_zip(tmp_path, [(f"{n}.pdf", LETTER + str(n).encode()) for n in range(3)]).read_bytes()
    upload.add_zip(utsending_id, "god.zip", [good], actor=actor)
    work_off(process)
    assert upload_of(utsending_id, "ZIP") is None
    assert list(files_of(utsending_id)) == ["her.pdf", "0.pdf", "1.pdf", "2.pdf"]


def test_a_zip_of_more_files_than_the_mailing_may_have_is_refused_whole(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MAX_FILES", 2)
    utsending_id = begin_per_rad(kommune)
    before = stored()
    content = make_zip(tmp_path, [(f"{n}.pdf", LETTER) for n in range(3)]).read_bytes()
    upload.add_zip(utsending_id, "brev.zip", [content], actor=kommune.aktor("saksbehandler"))
    work_off(process)
    refused = upload_of(utsending_id, "ZIP")
    assert refused is not None and (refused.feilkode, refused.feilparams) == (
        "FILER_FOR_MANGE",
        {"grense": 2},
    )
    assert files_of(utsending_id) == {}
    assert stored() == before

"""An extra list that could give a letter another's number is refused, with what to do, and stops the mailing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from fiks.core.errors import Konflikt
from fiks.utsending.draft import confirm
from fiks.utsending.samlet import service
from fiks.utsending.samlet.analysis.setup import Feltnavn
from fiks.utsending.sealed_values import row_values
from portal.texts import tekst
from tests.integration.databases import QuickProcess
from tests.integration.utsending.bigfiles import (
    add_list,
    expected,
    known_areas,
    read_letters,
    two_pages,
    upload_of,
    work,
)
from tests.integration.utsending.jobs import rows_of
from tests.integration.utsending.kommuner import Kommune, make_kommune

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("at_noon", "outside")]


def keyed_letters(kommune: Kommune, process: QuickProcess, **nokkel: Any) -> UUID:
    """The letters of samlet.pdf, whose numbers only a list tells, by the reference that stands in each."""
    names, address, _, ref = known_areas()
    area = replace(ref, felt=Feltnavn.NOKKEL, **nokkel)
    return read_letters(kommune, process, oppsett=two_pages(omrader=(names, address, area)))


def numbers_of(utsending_id: UUID) -> list[str | None]:
    return [row_values(row).get("fnr") or row_values(row).get("orgnr") for row in rows_of(utsending_id)]


def test_a_quote_that_swallows_a_row_refuses_the_list_and_tells_the_line(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = keyed_letters(kommune, process)
    told = [letter for letter in expected()["brev"] if letter["id"]]
    lines = [f"{b['eksternref']};{b['navn']};{b['id']}" for b in told]
    lines[2] = lines[2].replace(";", ';"', 1)
    lines[3] = '";'.join(lines[3].rsplit(";", 1))
    add_list(kommune, utsending_id, ["Fakturanr;Navn;Fødselsnr/orgnr", *lines])
    work(process)
    upload = upload_of(utsending_id, "TILLEGGSLISTE")
    assert (upload.feilkode, upload.feilparams, upload.objekt) == (
        "TILLEGGSLISTE_FORSKJOVET",
        {"linje": 4},
        None,
    )
    assert "På linje 4 er det" in tekst(upload.feilkode, **upload.feilparams)
    assert set(numbers_of(utsending_id)) == {None}
    with pytest.raises(Konflikt, match="TILLEGGSLISTE_KAN_IKKE_BRUKES"):
        confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))
    service.remove_extra(utsending_id, actor=kommune.aktor("saksbehandler"))
    work(process)
    confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))


def test_a_column_that_has_a_letters_key_by_chance_gives_no_letter_a_number(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = keyed_letters(kommune, process)
    told = expected()["brev"]
    lines = [f"F-{n};{told[0]['eksternref'] if n == 5 else n};{told[1]['id']}" for n in range(10)]
    add_list(kommune, utsending_id, ["Fakturanr;Merknad;Fødselsnummer", *lines])
    work(process)
    assert upload_of(utsending_id, "TILLEGGSLISTE").feilkode == "TILLEGGSNOKKEL_UKJENT"
    assert set(numbers_of(utsending_id)) == {None}


def test_the_column_the_sender_calls_nokkel_is_used_for_a_list_of_one_letter(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = keyed_letters(kommune, process)
    first = expected()["brev"][0]
    add_list(kommune, utsending_id, ["Nøkkel;Fødselsnummer", f"{first['eksternref']};{first['id']}"])
    work(process)
    assert upload_of(utsending_id, "TILLEGGSLISTE").kobling == {"nokkel": "Nøkkel"}
    assert numbers_of(utsending_id) == [first["id"], *[None] * 9]


def test_a_key_that_goes_on_outside_its_area_gives_no_number_and_stops_the_letter(
    process: QuickProcess,
) -> None:
    kommune = make_kommune()
    utsending_id = keyed_letters(kommune, process, bredde=23.5)
    cut = [row_values(row)["nokkel"] for row in rows_of(utsending_id)]
    told = expected()["brev"]
    assert all(
        b["eksternref"].startswith(key) and b["eksternref"] != key for b, key in zip(told, cut, strict=True)
    )
    keys = list(dict.fromkeys(cut))
    add_list(kommune, utsending_id, ["Nøkkel;Fødselsnummer", *(f"{key};{told[0]['id']}" for key in keys)])
    work(process)
    assert set(numbers_of(utsending_id)) == {None}
    assert {(f["kode"], f["alvorlighet"]) for row in rows_of(utsending_id) for f in row.funn} >= {
        ("TEKST_KUTTET", "feil")
    }

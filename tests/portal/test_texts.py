"""Every code that can reach a person has a sentence in plain Norwegian."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.field_rules import Feltfeil
from fiks.konfigurasjon.organisasjon.rules import Oppsettstrinn
from fiks.konfigurasjon.rules import TJENESTER, Organisasjonstype
from fiks.konfigurasjon.tilgang.bulk_rules import Radfeil
from fiks.pdf.findings import PdfKode
from fiks.svarut.rules import Kanal, Leveringsstatus, Status
from fiks.utsending.liste.columns import ALLE
from fiks.utsending.liste.findings import Filkode, Funnkode
from fiks.utsending.rules import Delstatus, Radstatus, Utsendingstatus
from portal import texts
from portal.texts import TEKSTER, error_text, tekst
from portal.texts.audit.audit_page import OBJEKTTYPER
from portal.texts.audit.events import HANDLINGER
from portal.texts.konfigurasjon import organisasjon
from portal.texts.statuses import STATUSER
from portal.texts.utsending import list_columns

FIKS = Path(texts.__file__).parents[2] / "fiks"
CODE = re.compile(r"[A-Z][A-Z0-9_]{3,}")


@cache
def trees() -> list[ast.Module]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FIKS.rglob("*.py"))]


def error_classes(modules: list[ast.Module]) -> set[str]:
    """FiksError and all that derive from it, by name."""
    classes = [node for module in modules for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    found = {"FiksError"}
    while True:
        more = {
            c.name for c in classes if any(isinstance(b, ast.Name) and b.id in found for b in c.bases)
        } - found
        if not more:
            return found
        found |= more


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def codes_in(node: ast.AST) -> Iterator[str]:
    """Code-like strings in an expression, but not those it only compares with."""
    if isinstance(node, ast.Compare):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from codes_in(child)


def raised_codes() -> set[str]:
    modules = trees()
    errors = error_classes(modules)
    calls = [node for module in modules for node in ast.walk(module) if isinstance(node, ast.Call)]
    return {
        code for call in calls if name_of(call) in errors and call.args for code in codes_in(call.args[0])
    }


def audited_acts() -> set[str]:
    calls = [node for module in trees() for node in ast.walk(module) if isinstance(node, ast.Call)]
    audits = [c for c in calls if ast.unparse(c.func) == "audit.record" and len(c.args) > 1]
    return {code for call in audits for code in codes_in(call.args[1])}


def audited_objects() -> list[ast.expr]:
    """What each audit.record says that the act was done to."""
    calls = [node for module in trees() for node in ast.walk(module) if isinstance(node, ast.Call)]
    return [c.args[2] for c in calls if ast.unparse(c.func) == "audit.record"]


def test_every_error_a_use_case_raises_has_a_text() -> None:
    codes = raised_codes()
    assert len(codes) > 30
    assert sorted(codes - set(TEKSTER)) == []


@pytest.mark.parametrize("codes", [Funnkode, Filkode, PdfKode, Feltfeil, Radfeil])
def test_every_finding_has_a_text(codes: type[Funnkode]) -> None:
    assert sorted(str(code) for code in codes if str(code) not in TEKSTER) == []


def test_every_fault_in_a_template_has_a_text() -> None:
    found = {
        code
        for path in (FIKS / "utsending/brev").rglob("*.py")
        for code in re.findall(r'"(MAL_[A-Z_]+)"', path.read_text())
    }
    assert sorted(found - set(TEKSTER)) == []


@pytest.mark.parametrize("codes", [Utsendingstatus, Radstatus, Status, Leveringsstatus, Kanal, Delstatus])
def test_every_status_has_a_name_and_a_colour(codes: type[Status]) -> None:
    assert sorted(str(code) for code in codes if str(code) not in STATUSER) == []


def test_every_audited_act_has_a_text() -> None:
    assert sorted(audited_acts() - set(HANDLINGER)) == []


def test_everything_an_act_is_done_to_has_a_name_and_nothing_else_has() -> None:
    kinds = [
        node.value if isinstance(node, ast.Constant) else ast.unparse(node) for node in audited_objects()
    ]
    assert set(map(str, kinds)) == set(OBJEKTTYPER)


def test_every_type_of_organisation_and_every_service_and_step_has_a_name() -> None:
    assert set(organisasjon.TYPER) == set(Organisasjonstype)
    assert set(organisasjon.TJENESTER) == {t.kode for t in TJENESTER}
    assert set(organisasjon.TRINN) == set(Oppsettstrinn)


def test_every_column_has_a_name() -> None:
    assert sorted(set(ALLE) - set(list_columns.FELTER)) == []


def test_no_code_has_two_texts() -> None:
    rooms = texts.ROOMS
    counts = Counter(code for room in rooms for code in room.TEKSTER)
    assert [code for code, n in counts.items() if n > 1] == []


def test_the_text_of_a_locked_address_names_no_grading() -> None:
    assert not re.search("fortrolig|kode 6|kode 7|gradert", TEKSTER["ADRESSE_SPERRET"], re.IGNORECASE)


@pytest.mark.parametrize("code", sorted(TEKSTER))
def test_a_text_is_a_whole_sentence(code: str) -> None:
    text = TEKSTER[code]
    assert text[0].isupper() or text[0] in "«{"
    if not code.endswith("_TITTEL") and not code.startswith("GRUNN_"):
        assert text[-1] in ".!", text


def test_values_are_filled_in_as_norwegians_write_them() -> None:
    assert tekst("RADER_MED_FEIL", antall=12480).startswith("Rader som ikke kan sendes: 12\u00a0480.")
    assert "–" in tekst("RADER_MED_FEIL")
    when = datetime(2026, 11, 24, 8, 12, tzinfo=UTC)
    assert "24.11.2026 kl.\u00a009.12" in tekst("BREVDATO_PASSER_IKKE", brevdato=when)


def test_an_error_brings_its_values_along() -> None:
    assert error_text(Konflikt("RADER_MED_FEIL", antall=3)).startswith("Rader som ikke kan sendes: 3.")


def test_an_unknown_code_is_answered_by_a_general_sentence() -> None:
    assert "KODE_X" in tekst("KODE_X")

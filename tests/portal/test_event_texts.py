"""Every event of a letter's history has words of its own; what a channel answers is never shown as a bare code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from fiks.konfigurasjon.rules import CATALOGUE
from fiks.registeroppslag.hjemler import HJEMLER
from fiks.utsending.sending.stop_report import Gruppe
from portal import texts
from portal.texts import TEKSTER, hendelse_tekst
from portal.texts.audit.events import HENDELSER
from portal.texts.konfigurasjon.privilegier import PRIVILEGIER
from portal.texts.oppslag import FORMAAL
from portal.texts.statuses import STATUSER
from portal.utsending.stop_groups import GRUPPER

SVARUT = Path(texts.__file__).parents[2] / "fiks" / "svarut"
CODE = re.compile(r"[A-Z][A-Z0-9_]{3,}")


def written_codes() -> set[str]:
    """Codes given as `kode=…` or `venter=…`, as the third value of an Event, or to `remark`, in fiks.svarut."""
    found: set[str] = set()
    for path in SVARUT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            given = [k.value for k in node.keywords if k.arg in ("kode", "venter")]
            name = getattr(node.func, "id", "")
            given += node.args[2:3] if name == "Event" else node.args[1:2] if name == "remark" else []
            found |= {
                value.value
                for value in given
                if isinstance(value, ast.Constant) and CODE.fullmatch(str(value.value))
            }
    return found


def test_every_event_has_a_text() -> None:
    codes = written_codes()
    assert len(codes) > 25
    known = set(HENDELSER) | set(STATUSER) | {c.removeprefix("GRUNN_") for c in TEKSTER}
    assert sorted(codes - known) == []


def test_an_answer_of_a_channel_is_told_as_one() -> None:
    assert hendelse_tekst("HTTP_503") == "Svar fra kanalen: http 503"


@pytest.mark.parametrize(
    "kode", ["LAGER_UTILGJENGELIG", "NOKKEL_UKJENT", "BARN_STARTER_IKKE", "SKRIFT_MANGLER"]
)
def test_what_is_our_own_fault_is_told_as_ours(kode: str) -> None:
    assert hendelse_tekst(kode) == "Noe er galt hos oss akkurat nå, brevet sendes så snart det er rettet"


def test_every_privilege_and_every_group_of_a_stop_is_named() -> None:
    assert {d.navn for d in CATALOGUE} == set(PRIVILEGIER)
    assert set(GRUPPER) == set(Gruppe)


def test_every_legal_basis_of_a_look_up_says_what_it_is_for() -> None:
    assert FORMAAL.keys() == HJEMLER.keys()

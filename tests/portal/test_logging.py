"""Log lines: JSON, one a line, and never a personal number, whatever way it comes."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from config.logging import configure_logging
from fiks.core.values.identifiers import mask_numbers
from tests.portal.apps import make_settings

FNR = "17912099997"


class Lines:
    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def last(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text.splitlines()[-1])
        return found


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging(make_settings(), scrub=mask_numbers, stream=stream)
    yield Lines(stream)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_time_level_and_environment(lines: Lines) -> None:
    structlog.get_logger("portal.prove").info("utsending_frigitt", utsending="u-1", antall=3)
    line = lines.last()
    assert (line["event"], line["utsending"], line["antall"], line["level"]) == (
        "utsending_frigitt",
        "u-1",
        3,
        "info",
    )
    assert (line["miljo"], line["logger"], line["timestamp"][-1]) == ("test", "portal.prove", "Z")


def test_the_house_may_log_by_the_standard_library(lines: Lines) -> None:
    logging.getLogger("fiks.svarut").warning("kanal_stengt", extra={"kanal": "DPI"})
    assert (lines.last()["event"], lines.last()["kanal"]) == ("kanal_stengt", "DPI")


@pytest.mark.parametrize(
    "value",
    [
        FNR,
        int(FNR),
        f"{FNR[:6]} {FNR[6:]}",
        f"/person/{FNR}/brev",
        [FNR],
        {"a": {"b": (FNR,)}},
        {FNR: 1},
        ValueError(f"ukjent {FNR}"),
        f'{{"fnr": "{FNR}"}}',
    ],
)
def test_a_personal_number_never_reaches_the_log(lines: Lines, value: object) -> None:
    structlog.get_logger("prove").info("hendelse", verdi=value)
    logging.getLogger("prove").info("tekst %s", value)
    assert FNR not in lines.text
    assert FNR[6:] not in lines.text


def test_an_exception_is_scrubbed_with_its_trace(lines: Lines) -> None:
    try:
        raise ValueError(f"fnr {FNR}")
    except ValueError:
        logging.getLogger("prove").exception("feilet")
    assert "Traceback" in lines.last()["exception"]
    assert FNR not in lines.text


def test_what_is_called_a_secret_is_not_written(lines: Lines) -> None:
    structlog.get_logger("prove").info("x", pid="abc", Authorization="Bearer abc", id_token="abc")
    assert "abc" not in lines.text


def test_a_line_break_cannot_forge_a_line(lines: Lines) -> None:
    structlog.get_logger("prove").info("navn", navn='Kari\n{"event": "falsk"}')
    assert len(lines.text.splitlines()) == 1


ROW = """duplicate key value violates unique constraint "uq_person_navn"
DETAIL:  Failing row contains (Kari Hemmelig
Fjellstad, Kirkeveien 12 B).
CONTEXT:  COPY utsendingsrad, line 1, column navn: Kari Hemmelig Fjellstad"""


@pytest.mark.parametrize("end", ["", "\n[SQL: INSERT INTO person (navn) VALUES (%(navn)s)]"])
def test_what_an_error_of_the_database_tells_of_a_row_is_not_written(lines: Lines, end: str) -> None:
    """Nor as a text, nor as an exception that others were raised from."""
    structlog.get_logger("prove").error(
        "skriving_feilet", feil=ROW + end, gjengitt=repr(ValueError(ROW + end))
    )
    try:
        try:
            raise ValueError(ROW)
        except ValueError as cause:
            raise RuntimeError(ROW + end) from cause
    except RuntimeError:
        logging.getLogger("prove").exception("feilet")
    assert "Hemmelig" not in lines.text
    assert "Fjellstad" not in lines.text
    assert "Kirkeveien" not in lines.text
    assert lines.last()["exception"].count("uq_person_navn") == 2
    assert "The above exception was the direct cause" in lines.last()["exception"]
    assert lines.text.count("[SQL: INSERT INTO person") == (3 if end else 0)

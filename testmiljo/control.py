"""`./run kontroll FILE --kommune DIR [--json]`: the row control of a recipient list against a test kommune."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from fiks.registeroppslag.client import EnhetsregisterClient, FolkeregisterClient, KrrClient
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.register import Register
from fiks.utsending.liste.control.pipeline import control
from fiks.utsending.liste.findings import Alvorlighet, Funn, ListeFeil
from testmiljo.sim.process import Simulation


def check_file(path: Path, register: Registerport) -> dict[str, Any]:
    """{"rader": number of rows, "funn": […]}; a file that cannot be used has no rows and one finding that says why.

    There is no platform here to know of a mottakersystem: no organisation has one.
    """
    count = 0
    found: list[dict[str, Any]] = []
    try:
        for portion in control(path, path.name, None, register, systems=lambda _: frozenset()):
            count += len(portion.rader)
            found.extend(_as_json(finding) for row in portion.rader for finding in row.funn)
    except ListeFeil as error:
        return {"rader": 0, "funn": [_file_error(error)]}
    return {"rader": count, "funn": found}


@contextmanager
def simulated_registers(folder: Path) -> Iterator[Registerport]:
    """The three registers of the kommune in `folder`, played by testmiljo and asked over the wire."""
    with tempfile.TemporaryDirectory() as store, Simulation([folder], Path(store) / "lager") as world:
        yield Register(
            FolkeregisterClient(world.url("folkeregister")),
            KrrClient(world.url("krr")),
            EnhetsregisterClient(world.url("enhetsregister")),
        )


def _as_json(finding: Funn) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "rad": finding.rad,
        "linje": finding.linje,
        "felt": finding.felt,
        "kode": finding.kode,
        "alvorlighet": finding.alvorlighet,
        "verdi": dict(finding.verdi),
        "reparert": dict(finding.reparert) if finding.reparert is not None else None,
    }
    return entry if finding.dublett_av is None else {**entry, "dublettAvRad": finding.dublett_av}


def _file_error(error: ListeFeil) -> dict[str, Any]:
    return {
        "rad": None,
        "linje": error.params.get("linje"),
        "felt": error.felt,
        "kode": error.kode,
        "alvorlighet": Alvorlighet.FEIL,
        "verdi": {name: value for name, value in error.params.items() if name != "linje"},
        "reparert": None,
    }


def main(
    argv: Sequence[str] | None = None,
    registers: Callable[[Path], AbstractContextManager[Registerport]] = simulated_registers,
) -> int:
    """Print the result; 0 when the control was carried out (whatever it found), 2 when it could not be."""
    parser = argparse.ArgumentParser(
        prog="kontroll", description="Kontroller en mottakerliste mot en testkommune."
    )
    parser.add_argument("fil", type=Path)
    parser.add_argument("--kommune", type=Path, required=True, metavar="DIR", help="mappe med register.json")
    parser.add_argument("--json", action="store_true", help="skriv resultatet som JSON")
    arguments = parser.parse_args(argv)
    for needed in (arguments.fil, arguments.kommune / "register.json"):
        if not needed.is_file():
            parser.error(f"finner ikke {needed}")
    with registers(arguments.kommune) as register:
        result = check_file(arguments.fil, register)
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    print(f"{result['rader']} rader, {len(result['funn'])} funn")
    for entry in result["funn"]:
        print(f"rad {entry['rad'] or '-'}  {entry['felt'] or '-'}  {entry['kode']}  {entry['alvorlighet']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

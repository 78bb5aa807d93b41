"""Entry point of the reading child: reads the list the parent names and sends its rows.

It imports only what reading needs, because every look at a list starts one.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fiks.core.processes.machine_faults import fault_name, is_machine_fault
from fiks.utsending.liste.child.protocol import encode_rows
from fiks.utsending.liste.findings import Filkode, ListeFeil
from fiks.utsending.liste.source.reader import read_list


def _limit(memory: int, cpu: int) -> None:
    """Set resource limits: memory, CPU seconds, no file writes, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _send(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")


def main() -> None:
    """Serve one request: read the list and send its rows."""
    _send({"klar": True})
    sys.stdout.flush()
    request = json.load(sys.stdin)
    _limit(request["memory"], request["cpu"])
    try:
        liste = read_list(
            Path(request["path"]), request["filename"], request["mapping"], names=request["names"]
        )
        _send({"form": asdict(liste.form)})
        for message in encode_rows(liste.rader, controlled=request["control"]):
            _send(message)
        _send({"slutt": True})
    except MemoryError:
        _send({"feil": Filkode.FIL_FOR_TUNG, "felt": None, "params": {}})
    except (ListeFeil, ImportError, OSError) as error:
        _send(_fault(error))
    sys.stdout.flush()


def _fault(error: ListeFeil | ImportError | OSError) -> dict[str, Any]:
    if is_machine_fault(error):
        return {"mangler": fault_name(error.__cause__ or error)}
    if isinstance(error, ListeFeil):
        return {"feil": str(error.kode), "felt": error.felt, "params": error.params}
    raise error


if __name__ == "__main__":
    main()

"""The print house as part of the simulation: started with it, asked and switched through it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from testmiljo.printhouse import PrintHouse, Switches


class PrintService:
    """Owns the print house of this process. Nothing is opened before `start`, so that it may be made before a fork."""

    def __init__(self, folder: Path, store_path: Path, port: int) -> None:
        self._made = (folder, store_path, port)
        self._house: PrintHouse | None = None

    @property
    def house(self) -> PrintHouse:
        if self._house is None:
            raise RuntimeError("the print house has not been started")
        return self._house

    def start(self) -> None:
        """Open the SFTP door."""
        self._house = PrintHouse(*self._made)
        self._house.start()

    def switch(self, values: dict[str, Any]) -> None:
        """Replace the print house's switches; ValueError names an unknown one."""
        names = {f.name for f in fields(Switches) if not f.name.startswith("_")}
        if unknown := values.keys() - names:
            raise ValueError(f"unknown switch: {', '.join(sorted(unknown))}")
        fresh = Switches(**values)
        for name in names:
            setattr(self.house.switches, name, getattr(fresh, name))

    def received(self, *, after: int, limit: int, newest: bool) -> dict[str, Any]:
        """What was taken over, in the shape of the other systems' log; `nr` counts from one in order of arrival."""
        rows = [_shown(nr, row) for nr, row in enumerate(self.house.log(), 1)]
        counts = _counts(rows, self.house)
        if newest:
            rows = [row for row in reversed(rows) if not after or row["nr"] < after]
        else:
            rows = [row for row in rows if row["nr"] > after]
        return {"system": "print", **counts, "rader": rows[:limit]}

    def state(self) -> dict[str, Any]:
        """Counts, and where the customer finds the print house."""
        rows = self.house.log()
        waiting = sum(1 for row in rows if row["kvittering"] is None)
        door = {"url": self.house.url, "sertifikat": str(self.house.certificate_path)}
        return {**_counts(rows, self.house), "uten_kvittering": waiting, **door}


def _counts(rows: list[dict[str, Any]], house: PrintHouse) -> dict[str, int]:
    distinct = len({row["referanse"] for row in rows})
    return {"antall": len(rows), "distinkte": distinct, "gjentatte": len(house.repeated())}


def _shown(nr: int, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "nr": nr,
        "tidspunkt": row["tid"],
        **{name: value for name, value in row.items() if name != "tid"},
    }

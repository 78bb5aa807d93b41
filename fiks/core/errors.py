"""Every error the house raises: a stable code for the caller, never a text and never a personal number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol


class FiksError(Exception):
    """A use case refused. The doors translate the stable `kode`; `params` holds harmless values only."""

    status: ClassVar[int] = 400

    def __init__(self, kode: str, /, felt: str | None = None, **params: object) -> None:
        super().__init__(kode)
        self.kode = kode
        self.felt = felt
        self.params = params

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kode!r}, felt={self.felt!r})"

    def to_wire(self) -> dict[str, Any]:
        """Return plain values for a pipe; `from_wire` of the same class rebuilds the error."""
        params = {name: str(value) for name, value in self.params.items()}
        return {"kode": self.kode, "felt": self.felt, "params": params}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> FiksError:
        """Rebuild the error from the result of `to_wire`."""
        return cls(wire["kode"], wire.get("felt"), **(wire.get("params") or {}))


class IkkeFunnet(FiksError):
    """The thing does not exist, or this actor may not know of it: the two are never distinguished."""

    status = 404


class Borte(IkkeFunnet):
    """The thing existed and has been deleted; only for an actor who may know that it existed."""

    status = 410


class IkkeTilgang(FiksError):
    """The actor may know of the thing but may not do this to it."""

    status = 403


class UgyldigInndata(FiksError):
    """The input cannot be used; `felt` names the field to correct."""

    status = 422


class Utilgjengelig(FiksError):
    """Something this process needs is out of reach: the object store is down, or only other processes have
    the key.

    The job itself is intact: it waits, and that does not count as an attempt.
    """

    status = 503


class Enkeltfeil(Protocol):
    """One fault of a field."""

    @property
    def kode(self) -> str: ...

    @property
    def felt(self) -> str | None: ...

    @property
    def params(self) -> Mapping[str, Any]: ...


class UgyldigeFelt(UgyldigInndata):
    """The input has several faults; `feil` lists them, and the first one is also this error's own code."""

    def __init__(self, feil: Sequence[Enkeltfeil]) -> None:
        super().__init__(feil[0].kode, feil[0].felt, **feil[0].params)
        self.feil = tuple(feil)


class Konflikt(FiksError):
    """The thing has changed since the caller looked, or a rule between things forbids the act."""

    status = 409


class KanalFeil(Exception):
    """Base of what a client of an outside system raises: one of the three below, named by what the caller
    must do.
    """

    def __init__(self, kode: str, detalj: str = "") -> None:
        super().__init__(kode)
        self.kode = kode
        self.detalj = detalj


class Avvist(KanalFeil):
    """Permanent: the same call will never succeed."""


class ProvIgjen(KanalFeil):
    """Nothing was delivered, for certain. `after` is the wait in seconds the other side asked for, if any.

    `throttled` is True for 429, 503 and token trouble: then the attempt does not count against the letter.
    `further` is set by a client that has kept a partial answer: repeating the question continues from there.
    `passed_on`: an intermediary said so, and may have passed the call on before its connection to the system
    broke.
    """

    further = False
    passed_on = False

    def __init__(
        self, kode: str, detalj: str = "", after: float | None = None, throttled: bool = False
    ) -> None:
        super().__init__(kode, detalj)
        self.after = after
        self.throttled = throttled


class Uavklart(KanalFeil):
    """Unknown outcome: the call may have been carried out. Look it up by our own reference; never just repeat it."""

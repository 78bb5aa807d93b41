"""Every error the house raises: a stable code for the caller, never a text and never a personal number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol


class FiksError(Exception):
    """A use case refused. `kode` is stable and is what the doors translate; `params` holds harmless values only."""

    status: ClassVar[int] = 400

    def __init__(self, kode: str, /, felt: str | None = None, **params: object) -> None:
        super().__init__(kode)
        self.kode = kode
        self.felt = felt
        self.params = params

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kode!r}, felt={self.felt!r})"

    def to_wire(self) -> dict[str, Any]:
        """Plain values for a pipe; `from_wire` of the same kind makes the error again."""
        params = {name: str(value) for name, value in self.params.items()}
        return {"kode": self.kode, "felt": self.felt, "params": params}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> FiksError:
        """The error that `to_wire` was told of."""
        return cls(wire["kode"], wire.get("felt"), **(wire.get("params") or {}))


class IkkeFunnet(FiksError):
    """No such thing, or none that this actor may know of: the two are never told apart."""

    status = 404


class Borte(IkkeFunnet):
    """It was there and has been deleted; only for an actor who may know that it was."""

    status = 410


class IkkeTilgang(FiksError):
    """The actor may know of the thing but may not do this to it."""

    status = 403


class UgyldigInndata(FiksError):
    """The input cannot be used; `felt` names the field to correct."""

    status = 422


class Utilgjengelig(FiksError):
    """What this process needs is out of its reach: the object store is away, or only others have the key.

    Nothing is wrong with the piece of work: it waits, and that is no try of it.
    """

    status = 503


class Enkeltfeil(Protocol):
    """One thing that is wrong with a field."""

    @property
    def kode(self) -> str: ...

    @property
    def felt(self) -> str | None: ...

    @property
    def params(self) -> Mapping[str, Any]: ...


class UgyldigeFelt(UgyldigInndata):
    """Several things are wrong with the input; `feil` is each of them, and the first is this error's own."""

    def __init__(self, feil: Sequence[Enkeltfeil]) -> None:
        super().__init__(feil[0].kode, feil[0].felt, **feil[0].params)
        self.feil = tuple(feil)


class Konflikt(FiksError):
    """The thing has moved since the caller looked, or a rule between things forbids it."""

    status = 409


class KanalFeil(Exception):
    """What a client of an outside system raises: one of the three below, named by what the caller must do."""

    def __init__(self, kode: str, detalj: str = "") -> None:
        super().__init__(kode)
        self.kode = kode
        self.detalj = detalj


class Avvist(KanalFeil):
    """Permanent: the same call will never succeed."""


class ProvIgjen(KanalFeil):
    """Nothing was delivered, for certain. `after` is the wait in seconds the other side asked for, if any.

    `throttled` is True for 429, 503 and token trouble: then the attempt is not the letter's fault. `further` is
    set by a client that has kept what it was told before it failed: the same question again goes on from there.
    `passed_on`: so says somebody in between, who may have passed the call on before the way to the system broke.
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

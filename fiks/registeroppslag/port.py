"""What the rest of the house asks the national registers, and what they said of many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Virksomhet


class Registerport(Protocol):
    """The national registers, many ids a call; an id that is not found is absent from the answer. Raises KanalFeil."""

    def personer(self, fnrs: Sequence[str], /) -> Mapping[str, Person]: ...

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Kontaktinformasjon]: ...

    def virksomheter(self, orgnrs: Sequence[str], /) -> Mapping[str, Virksomhet]: ...


@dataclass(frozen=True, slots=True, repr=False)
class Registersvar:
    """What the three said of some receivers, by number. No repr: values must not reach a log.

    `uten_svar` are the numbers of which one of them could say nothing.
    """

    personer: Mapping[str, Person] = field(default_factory=dict)
    kontakt: Mapping[str, Kontaktinformasjon] = field(default_factory=dict)
    virksomheter: Mapping[str, Virksomhet] = field(default_factory=dict)
    uten_svar: frozenset[str] = frozenset()

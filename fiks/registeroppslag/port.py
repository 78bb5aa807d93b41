"""The port through which other rooms ask the national registers, and the answer for several receivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Virksomhet


class Registerport(Protocol):
    """The national registers, many ids a call; an id that is not found is absent from the answer. Raises
    KanalFeil.
    """

    def personer(self, fnrs: Sequence[str], /) -> Mapping[str, Person]: ...

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Kontaktinformasjon]: ...

    def virksomheter(self, orgnrs: Sequence[str], /) -> Mapping[str, Virksomhet]: ...


@dataclass(frozen=True, slots=True, repr=False)
class Registersvar:
    """The three registers' answers for some receivers, by number. No repr: values must not reach a log.

    `uten_svar`: numbers for which one of the registers gave no answer.
    """

    personer: Mapping[str, Person] = field(default_factory=dict)
    kontakt: Mapping[str, Kontaktinformasjon] = field(default_factory=dict)
    virksomheter: Mapping[str, Virksomhet] = field(default_factory=dict)
    uten_svar: frozenset[str] = frozenset()

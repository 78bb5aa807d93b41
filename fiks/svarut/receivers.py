"""Look-up of the receivers of claimed letters: each register is asked only about those that need it.

A register that does not answer delays only the letters that need it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.registeroppslag.port import Registersvar
from fiks.registeroppslag.register_answer import RegisterAnswer, may_be_one_number
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut import waking
from fiks.svarut.claiming import Krav
from fiks.svarut.letters import Brev
from fiks.svarut.outcomes import postpone
from fiks.svarut.registers import Registers
from fiks.svarut.rules import LOOK_UP_FAILS, registers_needed

_A = TypeVar("_A")


def look_up(
    claims: Sequence[Krav], letters: Mapping[UUID, Brev], registers: Registers
) -> tuple[list[Krav], Registersvar]:
    """Ask the registers about the letters' receivers: (the claims that can go on, the answers).

    The other claims are postponed, each for the register it needs.
    """
    asking = _Asking(list(claims), letters)
    people = asking.ask(Registernavn.FOLKEREGISTER, registers.personer)
    contacts = asking.ask(Registernavn.KRR, registers.kontakt)
    units = asking.ask(Registernavn.ENHETSREGISTER, registers.virksomheter)
    return asking.going, Registersvar(people, contacts, units)


class _Asking:
    """The registers asked in turn; `going` holds the claims that no register has delayed so far."""

    def __init__(self, going: list[Krav], letters: Mapping[UUID, Brev]) -> None:
        self.going = going
        self._letters = letters

    def ask(
        self, register: Registernavn, look_up: Callable[[Sequence[str]], RegisterAnswer[_A]]
    ) -> Mapping[str, _A]:
        """Ask one register about those that need it; claims without an answer are postponed."""
        needing = [krav for krav in self.going if register in self._needs(krav)]
        told = look_up(sorted(set(map(self._number, needing))))
        for krav in needing:
            if error := told.failed.get(self._number(krav)):
                self.going.remove(krav)
                if told.paused:
                    waking.wait_for_opening(krav.claim, register)
                else:
                    _wait(krav, error)
        return told.found

    def _needs(self, krav: Krav) -> frozenset[Registernavn]:
        brev = self._letters[krav.claim.forsendelse_id]
        return registers_needed(brev.mottakertype, krav.kanal, called=krav.regel is not None)

    def _number(self, krav: Krav) -> str:
        return self._letters[krav.claim.forsendelse_id].mottaker.digital_id


def _wait(krav: Krav, error: KanalFeil) -> None:
    """Postpone the claim. If the receiver's number may be the cause, the try counts, and after the last a
    person must act.
    """
    if may_be_one_number(error):
        postpone(krav.claim, ProvIgjen(LOOK_UP_FAILS, error.detalj), counts=True)
    else:
        waking.wait_for_registers(krav.claim, error)

"""Who may receive a mottakersystem's letters: the system itself, and persons with SVARINN.MOTTA on it.

A person also needs Altinn's right to the post of the receiving organisation (svarut.md 5.3): Post/arkiv, or
the separate right for taushetsbelagt post. Without an answer from Altinn no letter is opened by hand. Every
act is audited.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, and_, any_, literal, or_, true
from sqlalchemy.dialects.postgresql import ARRAY

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.crypto.encryption import NokkelUkjent, VerdiOdelagt
from fiks.core.errors import IkkeFunnet
from fiks.core.values.login_level import Sikkerhetsniva, is_strong_enough
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.avtale.activation import SVARINN
from fiks.konfigurasjon.person import representation
from fiks.konfigurasjon.person.representation import CONFIDENTIAL, Spor
from fiks.konfigurasjon.rules import P
from fiks.svarinn.service import altinn_parts
from fiks.svarut.letters import unseal_mottaker
from fiks.svarut.models import Forsendelse
from fiks.svarut.sealed_content import number_index, unseal_content

log = logging.getLogger(__name__)
NOT_READY = "IKKE_KLAR_FOR_MOTTAK"
"""The same error code for a letter that does not exist, is another system's, or waits no longer."""


class Sperre(StrEnum):
    """What a person who receives for a system lacks to open a waiting letter."""

    POST_ARKIV = "MOTTAK_UTEN_POST_ARKIV"
    TAUSHET = "MOTTAK_UTEN_TAUSHETSRETT"
    NIVAA = "KREVER_NIVAA_4"


@dataclass(frozen=True, slots=True)
class Postrett:
    """The organisations whose post a person may receive, as blind indexes, and the level of the login."""

    vanlig: frozenset[bytes]
    taushetsbelagt: frozenset[bytes]
    acr: int

    def lacks(self, letter: Forsendelse) -> Sperre | None:
        """What the person lacks to open the letter. A missing right is reported first: a higher login would
        not help.
        """
        held = self.taushetsbelagt if letter.taushetsbelagt else self.vanlig
        if letter.mottaker_indeks not in held:
            return Sperre.TAUSHET if letter.taushetsbelagt else Sperre.POST_ARKIV
        return None if is_strong_enough(letter.sikkerhetsniva, self.acr) else Sperre.NIVAA

    def opens(self) -> ColumnElement[bool]:
        """SQL: `lacks` finds nothing."""
        strong = is_strong_enough(Sikkerhetsniva.HOYESTE, self.acr)
        return and_(
            or_(
                and_(Forsendelse.taushetsbelagt, _is_one_of(self.taushetsbelagt)),
                and_(~Forsendelse.taushetsbelagt, _is_one_of(self.vanlig)),
            ),
            true() if strong else Forsendelse.sikkerhetsniva != Sikkerhetsniva.HOYESTE,
        )


def _is_one_of(indexes: frozenset[bytes]) -> ColumnElement[bool]:
    return Forsendelse.mottaker_indeks == any_(literal(sorted(indexes), ARRAY(LargeBinary())))


def post_right(*, spor: Spor, actor: Aktor) -> Postrett:
    """The actor's right to organisations' post, by Altinn. Outside a transaction. RollerUtilgjengelig without
    an answer.
    """
    found = altinn_parts(spor=spor, actor=actor)
    held = (
        representation.parties_to_act_for(found, representation.required_codes(service))
        for service in (SVARINN, CONFIDENTIAL)
    )
    ordinary, confidential = (frozenset(number_index(part.orgnr) for part in parts) for parts in held)
    return Postrett(ordinary, confidential, actor.acr)


def receiver_of(letter: Forsendelse) -> str:
    """The receiver's orgnr; empty when it is no longer kept."""
    sealed = letter.mottaker_kryptert
    return "" if sealed is None else unseal_mottaker(sealed).digital_id


@dataclass(slots=True)
class Uapnede:
    """The waiting letters, in one reading of the queue, whose content cannot be decrypted.

    They must not hide the others: they keep waiting for a process with their key, or for a repair, and are
    logged once per reading.
    """

    antall: int = 0
    forste: tuple[UUID, str] | None = None
    mangler: NokkelUkjent | None = None

    def opens(self, letter: Forsendelse) -> bool:
        """Whether the letter's content decrypts; remembered when not."""
        try:
            receiver_of(letter)
            unseal_content(letter.innhold_kryptert)
        except (VerdiOdelagt, NokkelUkjent) as error:
            self.antall += 1
            self.forste = self.forste or (letter.id, error.kode)
            if isinstance(error, NokkelUkjent):
                self.mangler = self.mangler or error.with_traceback(None)
            return False
        return True

    def log(self) -> None:
        """Log their number and the first of them."""
        if self.forste is not None:
            first, kode = self.forste
            extra = {"forsendelse": str(first), "antall": self.antall, "kode": kode}
            log.error("letter_not_opened", extra=extra)

    def require_key(self) -> None:
        """Raise NokkelUkjent when a letter cannot be decrypted because its key is not here."""
        if self.mangler is not None:
            raise self.mangler


def require_receiver(system_id: UUID, actor: Aktor) -> None:
    """Raise IkkeFunnet or IkkeTilgang unless the actor may receive for the system."""
    if actor.mottakersystem_id is None:
        konfigurasjon.require(actor, P.MOTTA, system_id)
    elif actor.mottakersystem_id != system_id:
        raise IkkeFunnet("FINNES_IKKE")


def record_act(actor: Aktor, handling: str, forsendelse_id: UUID, system_id: UUID, **detaljer: Any) -> None:
    """Write the audit entry of an act on the letter."""
    audit.record(
        actor, handling, "forsendelse", forsendelse_id, tjeneste=SVARINN, ressurs_id=system_id, **detaljer
    )

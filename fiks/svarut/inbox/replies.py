"""Replying to a letter (svarut.md 8.3): whether its receiver may, and where the reply goes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from fiks.core.db import session
from fiks.core.errors import Borte, IkkeFunnet, IkkeTilgang, Konflikt
from fiks.core.values.address import Adresse
from fiks.core.values.identifiers import is_orgnr
from fiks.core.values.login_level import Sikkerhetsniva, is_strong_enough
from fiks.svarut.inbox.queries import Postboks, is_in_inbox
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Status
from fiks.svarut.sealed_content import number_index, unseal_content


@dataclass(frozen=True, slots=True)
class Svarmaal:
    """Where a reply goes: to `orgnr`, billed to the konto the letter came from."""

    konto_id: UUID
    orgnr: str
    adresse: Adresse
    tittel: str
    niva4: bool


def reply_target(forsendelse_id: UUID, boks: Postboks) -> Svarmaal:
    """Where the receiver's reply to this letter goes; also when its konto does not show letters on Min side.

    Errors: IkkeFunnet when the letter is not to this mailbox (never told apart from one that does not exist),
    IkkeTilgang("HOYERE_NIVA") when the login is too weak, Borte("BREV_SLETTET"),
    Konflikt("KAN_IKKE_BESVARES") when its sender did not ask for replies.
    """
    letter = _letter(forsendelse_id, boks)
    if letter is None:
        raise IkkeFunnet("FINNES_IKKE")
    if not is_strong_enough(letter.sikkerhetsniva, boks.acr):
        raise IkkeTilgang("HOYERE_NIVA")
    if letter.status == Status.SLETTET:
        raise Borte("BREV_SLETTET")
    answers = unseal_content(letter.innhold_kryptert).get("svarSendesTil")
    if not letter.kan_svares or answers is None or not is_orgnr(answers["digitalId"]):
        raise Konflikt("KAN_IKKE_BESVARES")
    return Svarmaal(
        letter.konto_id,
        answers["digitalId"],
        Adresse(**answers["adresse"]),
        letter.tittel,
        letter.sikkerhetsniva == Sikkerhetsniva.HOYESTE,
    )


def is_receiver(boks: Postboks, forsendelse_id: UUID) -> bool:
    """Whether the letter is to this mailbox's owner, so that `reply_target` finds it."""
    return _letter(forsendelse_id, boks) is not None


def _letter(forsendelse_id: UUID, boks: Postboks) -> Forsendelse | None:
    mine = select(Forsendelse).where(
        Forsendelse.id == forsendelse_id,
        Forsendelse.mottaker_indeks == number_index(boks.nummer),
        Forsendelse.taushetsbelagt.in_(boks.taushetsbelagt),
        or_(is_in_inbox(), Forsendelse.status == Status.SLETTET),
    )
    return session().execute(mine.execution_options(populate_existing=True)).scalar_one_or_none()

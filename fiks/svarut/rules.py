"""SvarUt's rules: statuses and transitions of a forsendelse and a levering, lanes, and delivery codes.

Statuses are KS' own (svarut.md 2.1-2.2). Internally Altinn is SENDT_ALTINN -> LEVERT_ALTINN; older interfaces
show both as VARSLET.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from fiks.registeroppslag.rules import Registernavn


class Status(StrEnum):
    """The status of a forsendelse, in KS' words (svarut.md 2.1)."""

    MOTTATT = "MOTTATT"
    AKSEPTERT = "AKSEPTERT"
    AVVIST = "AVVIST"
    FEILET_UNDER_MOTTAK = "FEILET_UNDER_MOTTAK"
    KLAR_FOR_MOTTAK = "KLAR_FOR_MOTTAK"
    SENDT_SDP = "SENDT_SDP"
    LEVERT_SDP = "LEVERT_SDP"
    SENDT_ALTINN = "SENDT_ALTINN"
    LEVERT_ALTINN = "LEVERT_ALTINN"
    SENDT_DIGITALT = "SENDT_DIGITALT"
    SENDT_PRINT = "SENDT_PRINT"
    PRINTET = "PRINTET"
    LEST = "LEST"
    IKKE_LEVERT = "IKKE_LEVERT"
    MANUELT_HANDTERT = "MANUELT_HANDTERT"
    SLETTET = "SLETTET"


_S = Status
_AFTER_ACCEPT = frozenset(
    {
        _S.KLAR_FOR_MOTTAK,
        _S.SENDT_SDP,
        _S.SENDT_ALTINN,
        _S.SENDT_PRINT,
        _S.IKKE_LEVERT,
        _S.AVVIST,
        _S.MANUELT_HANDTERT,
    }
)
OVERGANGER: dict[Status, frozenset[Status]] = {
    _S.MOTTATT: frozenset({_S.AKSEPTERT, _S.AVVIST, _S.FEILET_UNDER_MOTTAK}),
    _S.AKSEPTERT: _AFTER_ACCEPT,
    _S.KLAR_FOR_MOTTAK: frozenset(
        {_S.LEST, _S.SENDT_ALTINN, _S.SENDT_PRINT, _S.IKKE_LEVERT, _S.MANUELT_HANDTERT, _S.SLETTET}
    ),
    _S.SENDT_SDP: frozenset(
        {
            _S.LEVERT_SDP,
            _S.SENDT_ALTINN,
            _S.SENDT_PRINT,
            _S.IKKE_LEVERT,
            _S.LEST,
            _S.MANUELT_HANDTERT,
            _S.SLETTET,
        }
    ),
    _S.LEVERT_SDP: frozenset({_S.LEST, _S.SLETTET}),
    _S.SENDT_ALTINN: frozenset(
        {
            _S.LEVERT_ALTINN,
            _S.LEST,
            _S.SENDT_PRINT,
            _S.SENDT_DIGITALT,
            _S.IKKE_LEVERT,
            _S.MANUELT_HANDTERT,
            _S.SLETTET,
        }
    ),
    _S.LEVERT_ALTINN: frozenset(
        {_S.LEST, _S.SENDT_PRINT, _S.SENDT_DIGITALT, _S.IKKE_LEVERT, _S.MANUELT_HANDTERT, _S.SLETTET}
    ),
    _S.SENDT_DIGITALT: frozenset({_S.LEST, _S.IKKE_LEVERT, _S.SLETTET}),
    _S.SENDT_PRINT: frozenset({_S.PRINTET, _S.LEST, _S.MANUELT_HANDTERT, _S.SLETTET}),
    _S.PRINTET: frozenset({_S.LEST, _S.SLETTET}),
    _S.LEST: frozenset({_S.SLETTET}),
    _S.IKKE_LEVERT: frozenset({_S.SLETTET}),
    _S.MANUELT_HANDTERT: frozenset({_S.SLETTET}),
    _S.AVVIST: frozenset(),
    _S.FEILET_UNDER_MOTTAK: frozenset(),
    _S.SLETTET: frozenset(),
}

NOT_YET_SENT = (Status.MOTTATT, Status.AKSEPTERT)
NOT_YET_FETCHED = (*NOT_YET_SENT, Status.KLAR_FOR_MOTTAK)
"""Statuses in which the party that needs the original documents has not got them yet."""
HANDED_OVER = (
    Status.KLAR_FOR_MOTTAK,
    Status.SENDT_SDP,
    Status.LEVERT_SDP,
    Status.SENDT_ALTINN,
    Status.LEVERT_ALTINN,
    Status.SENDT_DIGITALT,
    Status.SENDT_PRINT,
    Status.PRINTET,
)
"""Statuses of a letter that was handed over and is not read. Each of them may become LEST."""
UNREAD_ALTINN = (Status.SENDT_ALTINN, Status.LEVERT_ALTINN)
GOES_ON = (Status.KLAR_FOR_MOTTAK, Status.SENDT_SDP, *UNREAD_ALTINN, Status.SENDT_PRINT)
"""Statuses of a letter that a channel has, and that may still move to the next channel."""
FINAL = frozenset(
    {
        _S.AVVIST,
        _S.FEILET_UNDER_MOTTAK,
        _S.KLAR_FOR_MOTTAK,
        _S.LEVERT_SDP,
        _S.SENDT_DIGITALT,
        _S.PRINTET,
        _S.LEST,
        _S.IKKE_LEVERT,
        _S.MANUELT_HANDTERT,
        _S.SLETTET,
    }
)
"""Statuses in which nothing more is due from us. KLAR_FOR_MOTTAK waits for its receiver without a limit."""


def may_be_closed(status: Status, *, waits_for_person: bool) -> bool:
    """Whether a person may close a letter by hand (svarut.md 2.2).

    A letter in a digital mailbox (SENDT_SDP) cannot be recalled, so it may be closed only if the mailbox
    failed and a person must act (`waits_for_person`).
    """
    if status is _S.SENDT_SDP and not waits_for_person:
        return False
    return _S.MANUELT_HANDTERT in OVERGANGER[status]


VARSLET = "VARSLET"


def status_before_v3(status: Status, before_deletion: Status | None) -> str:
    """The name that REST v1, v2 and SOAP use for a status that is newer than they are (svarut.md 2.1).

    `before_deletion`: the letter's last status before it became SLETTET.
    """
    if status is _S.SLETTET:
        status = before_deletion or _S.MANUELT_HANDTERT
    if status in UNREAD_ALTINN:
        return VARSLET
    return str(_S.AVVIST if status is _S.FEILET_UNDER_MOTTAK else status)


class Leveringsstatus(StrEnum):
    """The status of a levering, the handing of one letter to one channel."""

    KLAR = "KLAR"
    SENDER = "SENDER"
    VENTER = "VENTER"
    UAVKLART = "UAVKLART"
    OVERLEVERT = "OVERLEVERT"
    AVVIST = "AVVIST"
    STOPPET = "STOPPET"
    TIL_BEHANDLING = "TIL_BEHANDLING"


_L = Leveringsstatus
LEVERINGSOVERGANGER: dict[Leveringsstatus, frozenset[Leveringsstatus]] = {
    _L.KLAR: frozenset({_L.SENDER, _L.OVERLEVERT, _L.STOPPET, _L.TIL_BEHANDLING}),
    _L.SENDER: frozenset(
        {
            _L.KLAR,
            _L.VENTER,
            _L.UAVKLART,
            _L.OVERLEVERT,
            _L.AVVIST,
            _L.STOPPET,
            _L.TIL_BEHANDLING,
        }
    ),
    _L.VENTER: frozenset({_L.KLAR, _L.OVERLEVERT, _L.STOPPET, _L.TIL_BEHANDLING}),
    _L.UAVKLART: frozenset({_L.OVERLEVERT, _L.KLAR, _L.AVVIST, _L.TIL_BEHANDLING}),
    _L.TIL_BEHANDLING: frozenset({_L.KLAR, _L.OVERLEVERT, _L.STOPPET}),
    _L.OVERLEVERT: frozenset(),
    _L.AVVIST: frozenset(),
    _L.STOPPET: frozenset(),
}
"""KLAR, VENTER and TIL_BEHANDLING become OVERLEVERT when the channel reports a letter that we believe unsent.
"""
OPEN = (_L.KLAR, _L.SENDER, _L.VENTER, _L.UAVKLART, _L.TIL_BEHANDLING)


class Kanal(StrEnum):
    """A channel that letters are delivered by."""

    SVARINN = "SVARINN"
    DPI = "DPI"
    ALTINN = "ALTINN"
    PRINT = "PRINT"


class Mottakertype(StrEnum):
    """The kind of receiver; INGEN has no digital id."""

    PERSON = "PERSON"
    ORGANISASJON = "ORGANISASJON"
    INGEN = "INGEN"


class Opphav(StrEnum):
    """Where a letter came from: our own mailings, an interface of SvarUt, or another of our services."""

    UTSENDING = "UTSENDING"
    V1 = "V1"
    SOAP = "SOAP"
    V2 = "V2"
    V3 = "V3"
    EDIALOG = "EDIALOG"
    SIGNERING = "SIGNERING"


COVER = 0
FORSENDELSESFIL = 1_000
"""Numbers of documents that no sender sent: the cover sheet, and the combined PDF of all printable documents.
"""


class Slettetype(StrEnum):
    """What a sender wants deleted (svarut.md 2.6): the original documents once the letter is delivered, or
    everything.
    """

    ORIGINALDOKUMENTER = "ORIGINALDOKUMENTER"
    ALLE = "ALLE"


class Signeringsstatus(StrEnum):
    """The status of a signing order, in v2's words (svarut.md 1.7)."""

    AVVIST_AV_SVARUT = "AVVIST_AV_SVARUT"
    VENTER_SIGNERING = "VENTER_SIGNERING"
    SIGNERT_AV_MOTTAKER = "SIGNERT_AV_MOTTAKER"
    AVVIST_AV_MOTTAKER = "AVVIST_AV_MOTTAKER"
    UTLOPT = "UTLOPT"


class Bane(StrEnum):
    """A lane with its own queue, so that single letters never wait behind a mass mailing.

    In `sperret`, the restricted lane, only persons act.
    """

    ENKELT = "enkelt"
    MASSE = "masse"
    SPERRET = "sperret"


@dataclass(frozen=True, slots=True)
class Kanalvalg:
    """The decision of svarut.md 2.3: the channel (None = cannot be delivered), the rule's number and the
    reason.

    `mottakersystem_id`: the system that a letter on channel SVARINN is routed to.
    """

    kanal: Kanal | None
    regel: str
    grunn: str
    avvist: bool = False
    mottakersystem_id: UUID | None = None


NEXT_CHANNEL_RULE = "NESTE"
"""The `regel` of a channel chosen because an earlier one failed or lesefrist ran out.

The letter keeps the rule of its first channel.
"""


REGISTERS_UNAVAILABLE = "REGISTRE_SVARER_IKKE"
"""Error code of a levering whose channel could not be chosen because a register did not answer."""
LOOKUP_FAILED = "OPPSLAG_FEILER"
"""Error code when the register answers about others, but not about this receiver."""
PAUSED_PREFIX = "STENGT_"


def paused_code(navn: Kanal | Registernavn) -> str:
    """The error code of a levering that waits for this channel or register, which is paused."""
    return f"{PAUSED_PREFIX}{navn}"


def not_set_up_code(kanal: Kanal) -> str:
    """The error code of a levering that waits for a channel without an address in the settings."""
    return f"{kanal}_IKKE_SATT_OPP"


def registers_needed(
    mottakertype: Mottakertype, kanal: Kanal | None, *, called: bool = True
) -> frozenset[Registernavn]:
    """The registers that must answer before this levering can go on.

    `kanal`: the channel already chosen for it, if any; `called`: whether that channel may already have been
    called. Folkeregisteret is asked again before paper, since the address may be protected by now.
    Enhetsregisteret is asked again when a mottakersystem refused the letter: the organisation may be deleted.
    """
    if mottakertype is Mottakertype.PERSON:
        if kanal is None:
            return frozenset({Registernavn.FOLKEREGISTER, Registernavn.KRR})
        return frozenset({Registernavn.FOLKEREGISTER}) if kanal is Kanal.PRINT else frozenset()
    if mottakertype is Mottakertype.ORGANISASJON and (
        kanal is None or (kanal is Kanal.ALTINN and not called)
    ):
        return frozenset({Registernavn.ENHETSREGISTER})
    return frozenset()


CLAIM_SIZE = 5
"""How many leveringer of a lane are claimed at once. They are then handed over one by one."""

AWAITS_RELEASE = "VENTER_PA_UTGAVE"
"""Error code of a levering with a value unknown to this release: it waits for a release that knows it (ADR
0052).
"""

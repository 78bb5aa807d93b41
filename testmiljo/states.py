"""Writes docs/tilstander.md: the state diagrams, drawn from the transition tables the code itself obeys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TypeVar

from fiks.edialog.rules import OVERGANGER as SKJEMAOVERGANGER
from fiks.edialog.rules import Status as Skjemastatus
from fiks.epost.rules import OVERGANGER as EPOSTOVERGANGER
from fiks.epost.rules import Status as Epoststatus
from fiks.print.states import ORDREOVERGANGER, PAKKEOVERGANGER, Ordrestatus, Pakkestatus
from fiks.sms.rules import OVERGANGER as SMSOVERGANGER
from fiks.sms.rules import Status as Smsstatus
from fiks.svarut.rules import (
    FINAL,
    LEVERINGSOVERGANGER,
    OPEN,
    OVERGANGER,
    Leveringsstatus,
    Signeringsstatus,
    Status,
)
from fiks.svarut.signing.rules import SIGNERINGSOVERGANGER
from fiks.utsending.rules import OVERGANGER as UTSENDINGSOVERGANGER
from fiks.utsending.rules import Utsendingstatus
from testmiljo.folders import ROOT

PAGE = ROOT / "docs" / "tilstander.md"
HEAD = """# States

Drawn from the transition tables by `./run python -m testmiljo.states`; a test compares this page with them. Each
change is one guarded update with its history row in the same transaction (`transitions.py` of the room). A heavy
border marks where no further act of ours is due.
"""
State = TypeVar("State", bound=StrEnum)


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *_of_letters(), *_of_printing(), *_of_messages()])


def _of_letters() -> list[str]:
    """A mass mailing, its letters, and the channels they are handed to."""
    ended = [status for status in Utsendingstatus if not UTSENDINGSOVERGANGER[status]]
    settled = [status for status in Leveringsstatus if status not in OPEN]
    return [
        section(
            "Utsending, a mass mailing",
            "`fiks/utsending/rules.py`",
            UTSENDINGSOVERGANGER,
            Utsendingstatus.UTKAST,
            ended,
        ),
        section("Forsendelse, a letter", "`fiks/svarut/rules.py`", OVERGANGER, Status.MOTTATT, FINAL),
        section(
            "Levering, one letter to one channel",
            "`fiks/svarut/rules.py`; a letter never has two that are open",
            LEVERINGSOVERGANGER,
            Leveringsstatus.KLAR,
            settled,
        ),
    ]


def _of_printing() -> list[str]:
    """What is printed."""
    return [
        section(
            "Printordre, one letter to be printed",
            "`fiks/print/states.py`",
            ORDREOVERGANGER,
            Ordrestatus.MOTTATT,
            [status for status in Ordrestatus if status not in (Ordrestatus.MOTTATT, Ordrestatus.PRODUSERT)],
        ),
        section(
            "Printpakke, what a print house is handed at once",
            "`fiks/print/states.py`; an order is in one package",
            PAKKEOVERGANGER,
            Pakkestatus.KLAR,
            [Pakkestatus.OVERLEVERT, Pakkestatus.OPPLOST],
        ),
    ]


def _of_messages() -> list[str]:
    """What is signed, told, or written by a citizen."""
    return [
        section(
            "Signeringsoppdrag, one document to be signed",
            "`fiks/svarut/signing/rules.py`",
            SIGNERINGSOVERGANGER,
            Signeringsstatus.VENTER_SIGNERING,
            [status for status in Signeringsstatus if status is not Signeringsstatus.VENTER_SIGNERING],
        ),
        section(
            "Epost, one e-mail to one address",
            "`fiks/epost/rules.py`",
            EPOSTOVERGANGER,
            Epoststatus.KLAR,
            [Epoststatus.SENDT, Epoststatus.FEILET],
        ),
        section(
            "Sms, one SMS to one number",
            "`fiks/sms/rules.py`; at most once, so UKJENT is never sent again",
            SMSOVERGANGER,
            Smsstatus.OPPRETTET,
            [Smsstatus.IKKE_SENDT, Smsstatus.LEVERT, Smsstatus.IKKE_LEVERT, Smsstatus.UKJENT],
        ),
        section(
            "Skjema, what a citizen writes in eDialog",
            "`fiks/edialog/rules.py`; what failed goes back to its citizen whole",
            SKJEMAOVERGANGER,
            Skjemastatus.IKKE_INNSENDT,
            [Skjemastatus.INNSENDT],
        ),
    ]


def section(
    title: str,
    source: str,
    transitions: Mapping[State, Collection[State]],
    first: State,
    last: Collection[State],
) -> str:
    """One state machine as a heading, where its table stands, and a diagram."""
    arrows = [f"    {fra} --> {til}" for fra, tils in transitions.items() for til in sorted(tils)]
    marked = ",".join(sorted(last))
    lines = ["stateDiagram-v2", f"    [*] --> {first}", *arrows, "    classDef ferdig stroke-width:3px"]
    diagram = "\n".join([*lines, f"    class {marked} ferdig"])
    return f"## {title}\n\nTable: {source}.\n\n```mermaid\n{diagram}\n```\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written")

"""What the demo says while it runs, and the account it ends with."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from uuid import UUID

from testmiljo import accounting
from testmiljo.accounting import Regnskap, Telling
from testmiljo.effort import Forbruk

LOOK_SECONDS = 0.2


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def follow(utsending_id: UUID, done: Callable[[Telling], bool]) -> None:
    """Print a progress line, at most one a second, until `done(telling)`."""
    shown, said = "", 0.0
    while True:
        now = accounting.count(utsending_id)
        counts = " · ".join(f"{status} {n}" for status, n in sorted(now.per_status.items()))
        line = f"  {sum(now.per_status.values())} av {now.rader}: {counts}"
        ended = done(now)
        if line != shown and (ended or time.monotonic() - said >= 1.0):
            print(f"\r{line:<120}" if sys.stdout.isatty() else f"{line}\n", end="", flush=True)
            shown, said = line, time.monotonic()
        if ended:
            if sys.stdout.isatty():
                say("")
            return
        time.sleep(LOOK_SECONDS)


def print_account(result: Regnskap) -> None:
    """The accounting, one line a figure."""
    say("Regnskap")
    say(f"  rader inn      {result.rader}  (parkert {result.parkert})")
    say("  per kanal      " + ", ".join(f"{k} {n}" for k, n in sorted(result.per_kanal.items())))
    say("  per status     " + ", ".join(f"{k} {n}" for k, n in sorted(result.per_status.items())))
    say(f"  doblet         {result.doblet}")
    say(f"  tapt           {result.tapt}")
    say("  Regnskapet går opp." if result.balanced else "  REGNSKAPET GÅR IKKE OPP.")


def print_effort(used: Forbruk) -> None:
    """Where the time went, and how much of it was the world outside."""
    say("Tidsbruk")
    for stage, seconds in used.etapper.items():
        say(f"  {stage:<36} {seconds:8.1f} s")
    say(f"  {'i alt':<36} {used.sekunder:8.1f} s")
    if used.prosessortid:
        each = sorted(used.prosessortid.items(), key=lambda pair: -pair[1])
        say("  prosessortid   " + ", ".join(f"{who} {seconds:.1f} s" for who, seconds in each))
        say(f"  testmiljøets del av prosessortiden: {100 * used.utenfor:.0f} %")

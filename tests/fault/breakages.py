"""Deliberate breakages of the product, and the fault test that must turn red at each.

    .venv/bin/python -m tests.fault.breakages            all of them, one after the other
    .venv/bin/python -m tests.fault.breakages NAME...    some of them

Each is made in a copy of the tracked files, never in the tree itself. What each test proves: docs/feiltester.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from testmiljo.folders import ROOT
from tests.fault.breakage import (
    APPROVAL,
    CALL_UNGUARDED,
    CLI,
    CLIENT,
    COMMIT_IS_SILENT,
    CONTROL,
    DELIVERY,
    DOORBELL,
    FED_IN_TWO_TRANSACTIONS,
    FEEDER,
    LOCKS,
    LOST_CALL_IS_READY,
    LOST_PARTS_STAY_LOST,
    MANUAL,
    NO_QUARANTINE,
    OUTCOMES,
    PLANNED,
    READING,
    RECEIPTS,
    RECOVERY,
    REPEATS,
    ROWS_NOT_LOCKED,
    SVEIP,
    SWEEPER_IS_SILENT,
    TAKING,
    TRANSITIONS,
    UNCLEAR,
    UNPACKING,
    Breakage,
)
from tests.fault.breakages_around import AROUND
from tests.fault.breakages_elsewhere import ELSEWHERE

PATIENCE = "40"
LONGEST = 900
VENDOR = "portal/static/vendor"


F01, F05 = ("test_workers.py", "f01"), ("test_workers.py", "f05")
F06, F09, F10 = ("test_servers.py", "f06"), ("test_servers.py", "f09"), ("test_servers.py", "f10 and empty")
F10_FILE, F11 = ("test_servers.py", "f10 and file"), ("test_without_broker.py", "f11")
F13_CLAIM, F13_LOOK_UP = ("test_bells.py", "claim_each"), ("test_bells.py", "look_up")
F17_WORKER, F17_SWEEPER = (
    ("test_sweeper.py", "marks_its_call_first"),
    ("test_sweeper.py", "takes_the_letter_first"),
)
F01_MARK = ("test_sweeper.py", "f01")
F17_CUT, F05_LATE = ("test_sweeper.py", "any_commit"), ("test_sweeper.py", "thawed")
F34_CUT, F34_TABS = ("test_reading.py", "any_of_its_commits"), ("test_reading.py", "replaced_in_another_tab")
F34_KILLED, F34_UNPACKED = ("test_files.py", "killing"), ("test_files.py", "unpacking")
F34_WAKES, F34_TWICE = ("test_reading.py", "wakes"), ("test_reading.py", "uploaded_twice")
F18, F19 = ("test_channels.py", "f18"), ("test_channels.py", "f19")
F20, F24 = ("test_channels.py", "f20"), ("test_channels.py", "f24")
ALL = ("test_all_at_once.py", "300")
REOPEN = "fiks/utsending/editing/reopen.py"
HELD = "tests/integration/utsending/test_held.py"

BREAKAGES = (
    *AROUND,
    *ELSEWHERE,
    Breakage("lost-call-is-ready-f01", F01, (LOST_CALL_IS_READY,)),
    Breakage(
        "call-before-the-mark-is-committed",
        F01_MARK,
        (
            (
                DELIVERY,
                "    elif owner.alive() and owner.number == krav.claim.eier and _begin_call(krav.claim, valg):\n"
                "        _call(krav.claim, brev, valg, world)",
                "    else:\n        with transaction():\n"
                "            if owner.alive() and owner.number == krav.claim.eier "
                "and _begin_call(krav.claim, valg):\n"
                "                _call(krav.claim, brev, valg, world)",
            ),
        ),
    ),
    Breakage(
        "orphans-are-left",
        F01,
        (
            (
                RECOVERY,
                "    return sum(_recover(owner) for owner in owners if owner is not None)",
                "    return 0",
            ),
        ),
    ),
    Breakage(
        "lock-is-ignored",
        F05,
        (
            (
                LOCKS,
                "bool(session().execute(select(func.pg_try_advisory_xact_lock(OWNER_CLASS, number))).scalar_one())",
                "True",
            ),
        ),
    ),
    Breakage(
        "late-outcome-is-believed",
        F05_LATE,
        ((TRANSITIONS, '            "eier": claim.eier,\n            "forsok": claim.forsok,\n', ""),),
    ),
    Breakage("lost-call-is-ready-f06", F06, (LOST_CALL_IS_READY,)),
    Breakage("no-quarantine-f06", F06, (NO_QUARANTINE,)),
    Breakage(
        "owner-is-never-renewed",
        F06,
        ((LOCKS, "return self.number if self.alive() else self.register()", "return self.number"),),
    ),
    Breakage("sweeper-is-silent-f09", F09, (SWEEPER_IS_SILENT,)),
    Breakage("no-bell-rings", F09, (SWEEPER_IS_SILENT, COMMIT_IS_SILENT)),
    Breakage("sweeper-tells-nothing", F09, ((SVEIP, "    SWEPT.labels(name).set(found)\n", ""),)),
    Breakage(
        "lost-rings-are-not-told", F09, ((PLANNED, "    lost_rings.count_lost_rings(ready, ringing)\n", ""),)
    ),
    Breakage(
        "busy-lanes-have-lost-rings",
        F09,
        ((PLANNED, "    ringing = doorbell.lanes_with_rings()\n", "    lanes_with_rings = ()\n"),),
    ),
    Breakage("sweeper-is-silent-f10", F10, (SWEEPER_IS_SILENT,)),
    Breakage("sweeper-is-silent-f10-file", F10_FILE, (SWEEPER_IS_SILENT,)),
    Breakage(
        "bell-breaks-the-use-case",
        F11,
        (
            (
                DOORBELL,
                'extra={"lane": lane, "error": type(error).__name__})',
                'extra={"lane": lane, "error": type(error).__name__})\n            raise',
            ),
        ),
    ),
    Breakage(
        "failed-rings-are-not-counted",
        F11,
        ((DOORBELL, "            RINGS_FAILED.labels(lane).inc()\n", ""),),
    ),
    Breakage(
        "drain-never-sweeps",
        F11,
        ((CLI, "found = sveip.move_work_on(process)", "found = 0"),),
    ),
    Breakage("rows-not-locked-f13", F13_CLAIM, (ROWS_NOT_LOCKED,)),
    Breakage(
        "look-up-counts-twice",
        F13_LOOK_UP,
        (
            (
                UNCLEAR,
                "rows.forsok == one.forsok, is_due_for_lookup(rows))\n            .values(tomme_oppslag",
                "rows.forsok == one.forsok, rows.status == UNKNOWN)\n            .values(tomme_oppslag",
            ),
        ),
    ),
    Breakage(
        "sweeper-reads-without-locking",
        F17_WORKER,
        (
            (
                OUTCOMES,
                "                .where(Levering.id == claim.levering_id)\n                .with_for_update()\n",
                "                .where(Levering.id == claim.levering_id)\n",
            ),
        ),
    ),
    Breakage("call-is-unguarded", F17_SWEEPER, (CALL_UNGUARDED,)),
    Breakage(
        "fed-in-two-transactions",
        F17_CUT,
        FED_IN_TWO_TRANSACTIONS,
    ),
    Breakage("no-quarantine-f18", F18, (NO_QUARANTINE,)),
    Breakage(
        "unclear-is-retried-at-once",
        F19,
        (
            (
                OUTCOMES,
                "            Leveringsstatus.UAVKLART,\n            kode=error.kode,\n            aktor=ARBEIDER.ref,\n"
                "            feilkode=error.kode,\n            **UNKNOWN_OUTCOME_COLUMNS,",
                "            Leveringsstatus.KLAR,\n            kode=error.kode,\n            aktor=ARBEIDER.ref,\n"
                "            feilkode=error.kode,",
            ),
        ),
    ),
    Breakage(
        "new-key-for-each-call",
        F20,
        (
            (
                CLIENT,
                'str(uuid.uuid5(uuid.UUID(brev.referanse), "altinn"))',
                "str(uuid.uuid4())",
            ),
        ),
    ),
    Breakage(
        "new-reference-for-a-repeated-call",
        F20,
        (
            (DELIVERY, "import logging\n", "import logging\nimport uuid\n"),
            (
                DELIVERY,
                ".send(str(claim.levering_id), brev)",
                ".send(str(claim.levering_id if claim.forsok == 1 else uuid.uuid4()), brev)",
            ),
        ),
    ),
    Breakage(
        "early-receipt-is-lost",
        F24,
        ((RECEIPTS, "        session().execute(early.on_conflict_do_nothing())\n", ""),),
    ),
    Breakage(
        "lost-reading-is-kept",
        F34_CUT,
        (
            (
                READING,
                "        tx.execute(delete(Utsendingsrad).where(Utsendingsrad.utsending_id == part.utsending_id))\n"
                "        return True",
                "        return True",
            ),
        ),
    ),
    Breakage("lost-parts-stay-lost-f34", F34_CUT, (LOST_PARTS_STAY_LOST,)),
    Breakage(
        "reading-is-unlocked",
        F34_TABS,
        (
            (
                TAKING,
                "    upload = select(Opplasting.id)",
                "    return True\n    upload = select(Opplasting.id)",
            ),
        ),
    ),
    Breakage(
        "reader-is-not-fenced",
        F34_WAKES,
        ((TAKING, "    return there and queue.is_still_claimed(part)", "    return there"),),
    ),
    Breakage("lost-parts-stay-lost-files", F34_KILLED, (LOST_PARTS_STAY_LOST,)),
    Breakage(
        "unpacked-in-two-transactions",
        F34_UNPACKED,
        (
            (
                UNPACKING,
                "    with transaction() as tx:\n        upload = _take(part, upload_id)\n",
                "    with transaction():\n        work.finish_part(part)\n"
                "    with transaction() as tx:\n        upload = tx.get(Opplasting, upload_id)\n",
            ),
        ),
    ),
    Breakage(
        "sent-before-is-not-seen",
        F34_TWICE,
        (
            (
                REPEATS,
                "    return sent if same or repeated else None",
                "    return None",
            ),
        ),
    ),
    Breakage(
        "control-is-confirmed-unheld",
        (HELD, "list_uploaded_while"),
        (
            (
                CONTROL,
                "        row = lock_mailing(utsending_id)",
                "        row = session().get_one(Utsending, utsending_id)",
            ),
        ),
    ),
    Breakage(
        "draft-is-moved-before-it-is-held",
        (HELD, "list_uploaded_while"),
        (
            (
                REOPEN,
                "    row = lock_mailing(utsending_id)",
                "    move(\n        utsending_id, fra=(Utsendingstatus.KONTROLLERT,), til=Utsendingstatus.UTKAST,"
                " actor=actor\n    )\n    row = lock_mailing(utsending_id)",
            ),
            (REOPEN, "    if row.status == Utsendingstatus.KONTROLLERT:", "    if False:"),
        ),
    ),
    Breakage(
        "typed-rows-are-only-counted",
        (HELD, "typed_receivers_changed"),
        ((MANUAL, "if wanted != asked_about:", "if len(wanted) != len(asked_about):"),),
    ),
    Breakage(
        "reading-goes-on-with-old-rows",
        (HELD, "receiver_taken_away"),
        ((MANUAL, "        restart_reading(utsending_id, actor.person_id)\n", ""),),
    ),
    Breakage(
        "release-does-not-look-again",
        (HELD, "of_two_mailings_of_one_list_the_second"),
        ((APPROVAL, "        earlier_mailings.lock_and_require_no_new_repeats(mailing)\n", ""),),
    ),
    Breakage(
        "releases-do-not-wait",
        (HELD, "of_two_mailings_of_one_list_released_at_once"),
        ((REPEATS, "    session().execute(select(lock))\n", ""),),
    ),
    Breakage(
        "a-reason-is-for-ever",
        (HELD, "a_reason_to_send_again_is_about"),
        (
            (
                REPEATS,
                "    return _find_repeats(row, Utsending.id.not_in(_explained_mailings(row)))\n",
                "    return None if row.overstyrt_grunn else _find_repeats(row)\n",
            ),
        ),
    ),
    Breakage(
        "a-reason-covers-what-was-not-shown",
        (HELD, "a_reason_is_given_for"),
        ((REPEATS, "    if others:\n", "    if False:\n"),),
    ),
    Breakage(
        "approval-does-not-look-again",
        (HELD, "letters_that_were_released_elsewhere"),
        ((APPROVAL, "        earlier_mailings.require_no_new_repeats(locked)\n", ""),),
    ),
    Breakage("lost-call-is-ready-all", ALL, (LOST_CALL_IS_READY,)),
    Breakage("rows-not-locked-all", ALL, (ROWS_NOT_LOCKED,)),
    Breakage("lost-parts-stay-lost-all", ALL, (LOST_PARTS_STAY_LOST,)),
    Breakage(
        "letters-not-noted-all",
        ALL,
        (
            (
                FEEDER,
                "    _link_letters(mailing.id, {row",
                "    dict({row",
            ),
        ),
    ),
)


def path_of(file: str) -> str:
    return file if "/" in file else f"tests/fault/{file}"


def copy_tree(into: Path) -> None:
    """The tracked files as they are now, and the style sheets the portal is served with."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    shutil.copytree(ROOT / VENDOR, into / VENDOR, dirs_exist_ok=True)


def broken_text(text: str, old: str, new: str) -> str:
    """`text` with the breakage; ValueError if the product has changed so that it does not fit any more."""
    if text.count(old) != 1:
        raise ValueError(f"stands {text.count(old)} times: {old.strip().splitlines()[0]}")
    return text.replace(old, new)


def is_caught(breakage: Breakage) -> bool:
    """Whether the breakage turns its test red."""
    file, expression = breakage.test
    with tempfile.TemporaryDirectory(prefix="fiks-brudd-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        for name, old, new in breakage.edits:
            path = tree / name
            path.write_text(broken_text(path.read_text("utf-8"), old, new), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += [path_of(file), "-k", expression, *(["--full"] if breakage.full else [])]
        environ = os.environ | {
            "FAULT_PATIENCE": PATIENCE,
            "FAULT_UNSHRUNK": "yes",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            done = subprocess.run(
                command, cwd=tree, env=environ, capture_output=True, text=True, timeout=LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            sys.stdout.write(f"    not at its end after {LONGEST} s\n")
            return False
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{breakage.name}: {done.stdout[-2_000:]}")
    reasons = [line.strip() for line in done.stdout.splitlines() if line.startswith("E  ")]
    sys.stdout.write("".join(f"    {reason[:110]}\n" for reason in reasons[:1]))
    return done.returncode == 1


def main(names: list[str]) -> int:
    """Make the breakages, tell red or green for each; 1 if any was not caught."""
    unknown = set(names) - {breakage.name for breakage in BREAKAGES}
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(sorted(unknown))}\n")
        return 2
    missed = 0
    for breakage in BREAKAGES:
        if names and breakage.name not in names:
            continue
        begun = time.monotonic()
        caught = is_caught(breakage)
        missed += not caught
        took = time.monotonic() - begun
        sys.stdout.write(f"{'red  ' if caught else 'GREEN'} {breakage.name} ({took:.0f} s)\n")
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

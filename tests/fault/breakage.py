"""A deliberate breakage of the product, and those that turn several tests red."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Breakage:
    """`edits`: (file, text that stands there once, what it is changed to). `test`: file and `-k` expression.

    The file is one of this folder, or a path from the root. `full`: the test is one of the large run.
    """

    name: str
    test: tuple[str, str]
    edits: tuple[tuple[str, str, str], ...]
    full: bool = False


CLAIMING = "fiks/svarut/delivery/claims.py"
DELIVERY, OUTCOMES = "fiks/svarut/delivery/deliver.py", "fiks/svarut/delivery/outcomes.py"
RECOVERY, UNCLEAR = "fiks/svarut/operations/recovery.py", "fiks/core/queue/unknown_outcomes.py"
TRANSITIONS, RECEIPTS, CLIENT = (
    "fiks/svarut/transitions.py",
    "fiks/svarut/receipts/feed.py",
    "fiks/svarut/channels/altinn.py",
)
FEEDER, READING, WORK = (
    "fiks/utsending/sending/feeder.py",
    "fiks/utsending/receivers/list_import.py",
    "fiks/utsending/jobs/queue.py",
)
ROW_LETTER = "fiks/utsending/letters/letter_data.py"
APPROVAL, CONTROL = "fiks/utsending/approval/service.py", "fiks/utsending/draft/confirm.py"
MANUAL = "fiks/utsending/receivers/typed.py"
TAKING, UNPACKING = "fiks/utsending/jobs/upload_lock.py", "fiks/utsending/filer/workers/unzip.py"
REPEATS, LOCKS, DB = "fiks/utsending/earlier_mailings.py", "fiks/core/queue/owner_lock.py", "fiks/core/db.py"
DOORBELL, CLI = "fiks/core/doorbell.py", "workers/cli.py"
SVEIP, PLANNED = "workers/sveip.py", "workers/planned.py"

LOST_CALL_IS_READY = (
    "fiks/core/queue/delivery_attempts.py",
    "    if call_began:\n        return statuses(UNKNOWN)\n    return",
    "    return",
)
SWEEPER_IS_SILENT = (
    PLANNED,
    "        doorbell.ring_now(lane)\n    return len(ready)",
    "        pass\n    return len(ready)",
)
COMMIT_IS_SILENT = (DB, "    doorbell.ring_collected(current)", "    doorbell.forget(current)")
NO_QUARANTINE = (UNCLEAR, "LOOKUPS_BEFORE_RETRY and row.karantene_over,", "LOOKUPS_BEFORE_RETRY,")
ROWS_NOT_LOCKED = (
    CLAIMING,
    "    .with_for_update(skip_locked=True)\n)\n_TAKE",
    ")\n_TAKE",
)
CALL_UNGUARDED = (
    DELIVERY,
    '        _ROW.c.status == Leveringsstatus.SENDER,\n        _ROW.c.eier == bindparam("owner"),\n'
    '        _ROW.c.forsok == bindparam("attempt"),\n        ~_ROW.c.stopp_onsket',
    "        ~_ROW.c.stopp_onsket",
)
LOST_PARTS_STAY_LOST = (
    WORK,
    "    recovered = 0\n    for owner in owners:",
    "    recovered = 0\n    for owner in owners[:0]:",
)
FED_IN_TWO_TRANSACTIONS = (
    (FEEDER, "_feeding, _finishing = ", "NOTED_LATER = []\n_feeding, _finishing = "),
    (
        FEEDER,
        "    _link_letters(mailing.id, {row.radnr: letter for row, letter in zip(rows, ids, strict=True)})\n",
        "    made = {row.radnr: letter for row, letter in zip(rows, ids, strict=True)}\n"
        "    NOTED_LATER.append((mailing.id, made))\n",
    ),
    (
        FEEDER,
        "        return _make_letters(mailing, limit)\n",
        "        made = _make_letters(mailing, limit)\n    with transaction():\n        while NOTED_LATER:\n"
        "            _link_letters(*NOTED_LATER.pop())\n    return made\n",
    ),
)

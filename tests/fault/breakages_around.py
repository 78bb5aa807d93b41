"""Breakages for the tests of what is around the work: deploys, servers, machines, people, and death anywhere."""

from __future__ import annotations

from tests.fault.breakage import (
    CALL_UNGUARDED,
    CLAIMING,
    DELIVERY,
    DOORBELL,
    FED_IN_TWO_TRANSACTIONS,
    LOCKS,
    LOST_CALL_IS_READY,
    Breakage,
)

BROKER, CIRCUIT, WIRE = (
    "workers/broker.py",
    "fiks/svarut/delivery/circuit_breaker.py",
    "fiks/core/http/client.py",
)
REGISTERS = "fiks/svarut/delivery/register_lookup.py"
MAILING_MOVES, CLOCK, JOBS = (
    "fiks/utsending/transitions.py",
    "fiks/core/clock.py",
    "fiks/core/queue/planned_jobs.py",
)
ERRORS, STORAGE, PRINT_CLIENT = (
    "portal/ui/error_pages.py",
    "fiks/core/storage/store.py",
    "fiks/print/handover/client.py",
)
LETTERS_RESTORED = "fiks/svarut/operations/restore.py"
STATE_MACHINE = "tests/integration/utsending/test_state_machine.py"

BELL_BREAKS = (
    DOORBELL,
    'extra={"lane": lane, "error": type(error).__name__})',
    'extra={"lane": lane, "error": type(error).__name__})\n            raise',
)
LOCK_IS_IGNORED = (
    LOCKS,
    "bool(session().execute(select(func.pg_try_advisory_xact_lock(OWNER_CLASS, number))).scalar_one())",
    "True",
)
THROTTLING_COUNTS = (WIRE, "after=_retry_after(response), throttled=True)", "after=_retry_after(response))")

AROUND = (
    Breakage(
        "orphans-are-taken-and-sent-again",
        ("test_deploys.py", "f02"),
        (LOCK_IS_IGNORED, LOST_CALL_IS_READY),
        full=True,
    ),
    Breakage(
        "calls-are-cut-off-by-term",
        ("test_deploys.py", "f03"),
        ((BROKER, "    ShutdownNotifications(),", "    ShutdownNotifications(notify_shutdown=True),"),),
        full=True,
    ),
    Breakage("second-term-is-heard", ("test_deploys.py", "f04"), ((BROKER, "    EnTerm(),\n", ""),)),
    Breakage("lost-call-is-ready-f27", ("test_deploys.py", "f27"), (LOST_CALL_IS_READY,), full=True),
    Breakage(
        "database-away-is-an-error",
        ("test_servers_away.py", "f07"),
        ((ERRORS, "        (OperationalError, database_unavailable),\n", ""),),
        full=True,
    ),
    Breakage(
        "nothing-is-adopted",
        ("test_failover.py", "f08"),
        (
            (
                LETTERS_RESTORED,
                "        if found.ref is not None:\n            return _adopt",
                "        if found.ref is not None:\n            return False\n"
                "        if False:\n            return _adopt",
            ),
        ),
        full=True,
    ),
    Breakage("bell-breaks-the-use-case-f12", ("test_servers_away.py", "f12"), (BELL_BREAKS,), full=True),
    Breakage(
        "busy-letters-are-claimed",
        ("test_odd_machines.py", "f14"),
        (
            (
                CLAIMING,
                "        _ROW.c.status == Leveringsstatus.KLAR,",
                "        _ROW.c.status.in_([Leveringsstatus.KLAR, Leveringsstatus.SENDER]),",
            ),
        ),
        full=True,
    ),
    Breakage(
        "clock-is-the-machines",
        ("test_odd_machines.py", "f15"),
        (
            (
                CLOCK,
                "    value = session().execute(_MOVED_NOW).scalar_one()",
                "    from datetime import UTC\n\n    value = datetime.now(UTC) + offset()",
            ),
        ),
        full=True,
    ),
    Breakage(
        "due-jobs-are-not-taken",
        ("test_odd_machines.py", "f16 and due"),
        (
            (
                JOBS,
                "            .where(PlanlagtJobb.navn == navn, PlanlagtJobb.neste <= func.now())\n            .values",
                "            .where(PlanlagtJobb.navn == navn)\n            .values",
            ),
        ),
    ),
    Breakage(
        "channel-is-never-paused",
        ("test_storms.py", "f21"),
        ((CIRCUIT, "WINDOW, THRESHOLD = 20, 10", "WINDOW, THRESHOLD = 20, 100"),),
    ),
    Breakage(
        "pause-holds-nobody",
        ("test_storms.py", "f21 and probed"),
        (
            (
                CIRCUIT,
                "    return State.PAUSED if found is State.PROBED and not _take_probe(navn) else found",
                "    return State.OPEN",
            ),
        ),
    ),
    Breakage(
        "everybody-is-the-probe",
        ("test_storms.py", "f21 and probed"),
        (
            (
                CIRCUIT,
                "            .values(apnes=func.now() + PROBE_EVERY)\n",
                "            .values(apnes=Banestatus.apnes)\n",
            ),
        ),
    ),
    Breakage(
        "register-is-never-paused",
        ("test_storms.py", "f21 and left_alone"),
        ((REGISTERS, "FAILURES_IN_A_ROW = 5", "FAILURES_IN_A_ROW = 5_000"),),
    ),
    Breakage("throttling-is-a-try", ("test_storms.py", "f21"), (THROTTLING_COUNTS,)),
    Breakage(
        "conflict-is-a-refusal",
        ("test_storms.py", "f22"),
        (
            (
                WIRE,
                "            if response.status_code == 409:\n                return Answer(409, None)\n",
                "",
            ),
            (
                "fiks/svarut/channels/dpi.py",
                "            if _DPI_KNOWN not in refused.detalj:\n                raise\n",
                "            raise\n",
            ),
        ),
    ),
    Breakage(
        "print-file-has-its-name-at-once",
        ("test_storms.py", "f23 and middle"),
        ((PRINT_CLIENT, "{navn}.{secrets.token_hex(4)}.tmp", "{navn}.zip"),),
    ),
    Breakage(
        "full-disk-is-unforeseen",
        ("tests/integration/svarut/test_full_disk.py", "f25"),
        ((STORAGE, "        except BaseError as error:", "        except ZeroDivisionError as error:"),),
    ),
    Breakage(
        "store-away-uses-up-tries",
        ("test_servers_away.py", "f25"),
        ((BROKER, "not is_out_of_reach and ", ""),),
    ),
    Breakage(
        "call-begins-after-stop",
        ("test_people.py", "f28"),
        ((DELIVERY, "        ~_ROW.c.stopp_onsket,\n", ""),),
    ),
    Breakage(
        "approved-twice",
        ("test_people.py", "f29"),
        (
            (
                MAILING_MOVES,
                "[status for status in fra if til in OVERGANGER[status]]",
                "list(Utsendingstatus)",
            ),
        ),
    ),
    Breakage(
        "broken-claim-is-kept",
        ("test_servers_away.py", "f35"),
        (
            (
                DELIVERY,
                "    except BaseException as error:\n"
                "        _give_back_claims(claims, owner, lost=not isinstance(error, DATABASE_FAULTS))\n"
                "        raise",
                "    except BaseException:\n        raise",
            ),
        ),
        full=True,
    ),
    Breakage(
        "lost-call-is-ready-at-a-kill-point",
        ("test_killpoints.py", "death and overlevering"),
        (LOST_CALL_IS_READY,),
    ),
    Breakage(
        "fed-without-noting-at-a-kill-point",
        ("test_killpoints.py", "death and mating"),
        FED_IN_TWO_TRANSACTIONS,
    ),
    Breakage("lost-call-is-ready-on-a-walk", (STATE_MACHINE, "whatever"), (LOST_CALL_IS_READY,), full=True),
    Breakage("call-is-unguarded-on-a-walk", (STATE_MACHINE, "whatever"), (CALL_UNGUARDED,), full=True),
)

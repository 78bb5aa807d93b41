"""Breakages for faults whose tests stand with the rooms they are about: files, content, clocks, restored backups."""

from __future__ import annotations

from tests.fault.breakage import FEEDER, ROW_LETTER, UNCLEAR, Breakage
from tests.fault.breakages_around import BROKER, LETTERS_RESTORED, WIRE

CONTROL_OF_LETTERS, CHILD = "fiks/svarut/mottak/inspection.py", "fiks/core/isolate_child.py"
VALUES, CALENDAR = "fiks/utsending/sealed_values.py", "fiks/core/values/calendar.py"
LETTER_READ = "fiks/svarut/lifecycle/read_status.py"
RESTORED, OPERATIONS = "fiks/drift/restore_guard.py", "fiks/drift/service.py"

ISOLATE = "tests/unit/brev/test_isolate.py"
RELEASE = "tests/integration/utsending/test_release.py"
PRINT_RESTORED, HANDOVER = "fiks/print/operations/restore.py", "fiks/print/handover/deliver.py"
LISTS, PRINT_RESTORED_TESTS = (
    "fiks/print/operations/reconciliation.py",
    "tests/integration/print/test_restored_packages.py",
)
DATABASE_RESTORED = "tests/integration/drift/test_restored.py"

IN_BETWEEN = "tests/integration/svarut/test_in_between.py"

ELSEWHERE = (
    Breakage(
        "an-ingress-refuses",
        (IN_BETWEEN, "ingress_without_a_route_waits"),
        ((WIRE, "        if _is_refusal_by_system(status, body):", "        if status < 500:"),),
    ),
    Breakage(
        "an-ingress-knows-what-is-there",
        (IN_BETWEEN, "nightly_comparison"),
        (
            (
                WIRE,
                "            if isinstance(refusal, Avvist) and response.status_code == 404:",
                "            if response.status_code == 404:",
            ),
        ),
    ),
    Breakage(
        "children-away-are-the-letters-fault",
        ("tests/integration/svarut/test_children_away.py", "paper_waits_for_a_child"),
        (
            (
                "fiks/core/isolate.py",
                "            if isinstance(error, BarnFeil):\n",
                "            if isinstance(error, ZeroDivisionError):\n",
            ),
        ),
    ),
    Breakage(
        "pages-nobody-can-read-are-empty",
        ("tests/integration/utsending/test_unread_pages.py", "cuts_nothing_and_is_named"),
        (("fiks/utsending/samlet/analysis/boundaries.py", "    if text.ulest:", "    if False:"),),
    ),
    Breakage(
        "lacking-keys-are-the-letters-fault",
        ("tests/integration/svarut/test_key_away.py", "sealed_under_a_key_that_a_worker_lacks"),
        (
            (
                "fiks/core/crypto/encryption.py",
                "class NokkelUkjent(Utilgjengelig):",
                "class NokkelUkjent(FiksError):",
            ),
        ),
    ),
    Breakage(
        "any-key-is-the-houses",
        ("tests/integration/drift/test_own_keys.py", "worker_with_another_key"),
        (
            (
                "fiks/drift/key_check.py",
                "if known.get(name, value) != value]",
                "if name is value]",
            ),
        ),
    ),
    Breakage(
        "told-of-is-unsent",
        ("tests/integration/svarut/test_early_receipts.py", "empty_look_up_of_one"),
        (
            (
                "fiks/svarut/receipts/early_receipts.py",
                "    if kanal is None:\n        return False\n",
                "    return False\n",
            ),
        ),
    ),
    Breakage(
        "unconfirmed-is-delivered",
        ("tests/integration/svarut/test_silent_digital.py", "never_said_it_delivered"),
        (
            (
                "fiks/svarut/lifecycle/lesefrist.py",
                "    if status is Status.SENDT_ALTINN:\n",
                "    if False:\n",
            ),
        ),
    ),
    Breakage(
        "own-letters-are-lost-in-silence",
        ("tests/integration/svarut/test_own_letters.py", "copy_that_asks_for_a_password"),
        (
            (
                "fiks/svarut/lifecycle/failure_notices.py",
                "    return list(found)\n",
                "    return list(found)[:0]\n",
            ),
        ),
    ),
    Breakage(
        "files-hold-their-companions",
        ("tests/integration/print/test_held_package.py", "file_that_cannot_be_had_waits"),
        (("fiks/print/handover/blocked_files.py", "row[0] >= ROUNDS and", "row[0] < 0 and"),),
    ),
    Breakage(
        "what-waits-leaves-unasked",
        ("tests/integration/print/test_protected_since.py", "what_lay_in_a_package_while"),
        (
            (
                "fiks/print/handover/deliver.py",
                "        if may_be_handed_over(krav, vern):\n",
                "        if True:\n",
            ),
        ),
    ),
    Breakage(
        "what-is-moved-is-not-asked-about",
        ("tests/integration/print/test_protected_moves.py", "order_is_not_moved_to_another_house"),
        (("fiks/print/operations/move_order.py", "    if _is_protected(row, vern):\n", "    if False:\n"),),
    ),
    Breakage(
        "receipts-are-read-by-name",
        ("tests/contract/test_print_client.py", "receipts_are_read_in_the_order"),
        (
            ("fiks/print/handover/client.py", "{name: int(number[1]) for", "{name: number[1] for"),
            ("fiks/print/handover/client.py", "(int(begun[1]), first)", "(begun[1], first)"),
            ("fiks/print/handover/client.py", 'else (0, "")', 'else ("", "")'),
        ),
    ),
    Breakage(
        "the-next-ones-page-goes-along",
        ("tests/integration/utsending/test_next_receivers_page.py", "short_letter_among"),
        (
            (
                "fiks/utsending/samlet/analysis/other_receiver.py",
                "(K.ANNEN_MOTTAKER, next(others, 0))",
                "(K.ANNEN_MOTTAKER, 0)",
            ),
        ),
    ),
    Breakage(
        "neighbours-words-are-carried",
        ("tests/unit/samlet/test_cut_resources.py", "letter_holds_no_part"),
        (
            (
                "fiks/pdf/cut/resources.py",
                '        self._instead(owner, "/Resources", _resource_dictionary(new, held.get("/ProcSet")))\n',
                "",
            ),
        ),
    ),
    Breakage(
        "shifted-lists-are-used",
        ("tests/unit/samlet/test_extra.py", "quote_that_swallows"),
        (
            (
                "fiks/utsending/samlet/analysis/lookup_list.py",
                "        if row.forskjovet is not None:\n",
                "        if False:\n",
            ),
        ),
    ),
    Breakage(
        "last-years-letters-are-this-years",
        ("tests/integration/utsending/test_this_years.py", "last_years_tax_notes"),
        (
            (
                "fiks/utsending/rules.py",
                "timedelta(days=400), timedelta(days=300)",
                "timedelta(days=400), timedelta(days=400)",
            ),
        ),
    ),
    Breakage(
        "who-kills-is-opened-again",
        ("tests/integration/svarut/test_control.py", "document_that_kills"),
        ((CONTROL_OF_LETTERS, "    if tur.forsok >= MAX_TRIES:", "    if False:"),),
    ),
    Breakage(
        "children-calculate-for-ever",
        (ISOLATE, "child_that_only_calculates"),
        ((CHILD, "    resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, hard))\n", ""),),
    ),
    Breakage(
        "children-have-all-memory",
        (ISOLATE, "child_that_wants_too_much"),
        ((CHILD, "    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))\n", ""),),
    ),
    Breakage(
        "released-is-not-looked-at",
        (RELEASE, "what_changed_after_the_approval"),
        (
            (
                FEEDER,
                "        if compute_digest(utsending_id) != approved.innhold_digest:",
                "        if False:",
            ),
        ),
    ),
    Breakage(
        "values-are-anybodys",
        ("tests/integration/utsending/test_row_content.py", "values_that_change_places_while"),
        ((VALUES, "    if not hmac.compare_digest(row_hash(values), rad_hash):", "    if False:"),),
    ),
    Breakage(
        "dead-letters-are-not-counted",
        ("tests/workers/test_metrics.py", "dramatiqs_workers"),
        ((BROKER, "        DEAD_LETTERS.labels(known).inc()\n", ""),),
    ),
    Breakage(
        "deadlines-know-no-summer",
        ("tests/unit/core/test_calendar.py", "the_nights_of_the_clock"),
        (
            (
                CALENDAR,
                "import date, datetime, time, timedelta\n",
                "import date, datetime, time, timedelta, timezone\n",
            ),
            (
                CALENDAR,
                "used + left).replace(tzinfo=OSLO)",
                "used + left).replace(tzinfo=timezone(local.utcoffset() or _ONE_DAY))",
            ),
        ),
    ),
    Breakage(
        "read-letters-stay-on-paper",
        ("tests/integration/svarut/test_race.py", "sv12_27_at_the_deadline_exactly_one_of"),
        ((LETTER_READ, '    cancel_print(forsendelse_id, kode="LEST_FOR_PAPIR", aktor=aktor)\n', ""),),
    ),
    Breakage(
        "a-restore-is-not-seen",
        (DATABASE_RESTORED, "older_than_the_store"),
        ((RESTORED, "    if nr >= seen and identity == here:", "    if identity == here:"),),
    ),
    Breakage(
        "any-store-is-the-houses",
        (DATABASE_RESTORED, "not_the_one_that_was_used"),
        ((RESTORED, "    if noted is None and nr > FIRST_HOURS:", "    if False:"),),
    ),
    Breakage(
        "a-failover-is-not-asked-about",
        (DATABASE_RESTORED, "lives_through_a_failover"),
        (("fiks/core/queue/owner_lock.py", "        self._ask(number)\n", ""),),
    ),
    Breakage(
        "a-restore-is-started-blind",
        (DATABASE_RESTORED, "a_restored_database_is_not_started"),
        (
            (
                OPERATIONS,
                '        if reconciliation_mark.is_marked():\n            raise Konflikt("DRIFT_IKKE_AVSTEMT")\n',
                "",
            ),
        ),
    ),
    Breakage(
        "a-restored-house-asks-no-channel",
        ("tests/workers/test_reconcile.py", "what_was_sent_after_the_backup"),
        ((LETTERS_RESTORED, "(ref := port.lookup(str(row.id)))", "(ref := None)"),),
    ),
    Breakage(
        "letters-are-made-by-chance",
        ("tests/integration/drift/test_backup.py", "a_mailings_letters_that_were_made"),
        ((ROW_LETTER, "        id=letter_id(row, papers),\n", ""),),
    ),
    Breakage(
        "what-waits-at-a-house-is-not-there",
        (PRINT_RESTORED_TESTS, "what_waits_in_the_houses_folder"),
        ((PRINT_RESTORED, "        _note_waiting(kode, house)\n", ""),),
    ),
    Breakage(
        "moved-orders-stay-where-they-were",
        (PRINT_RESTORED_TESTS, "moved_after_the_backup"),
        ((PRINT_RESTORED, "    _note_moved()\n    found", "    found"),),
    ),
    Breakage(
        "listed-orders-are-handed-over",
        (PRINT_RESTORED_TESTS, "made_before_we_knew"),
        (
            (
                HANDOVER,
                "        if tx.execute(select(listed_orders_in(krav.id).exists())).scalar_one():",
                "        if False:",
            ),
        ),
    ),
    Breakage(
        "once-listed-is-always-there",
        (PRINT_RESTORED_TESTS, "comes_back_to_a_house"),
        (
            (
                LISTS,
                "    _set_listed(kode, [row.id for row, pakke in unseen"
                " if pakke == row.pakke_id or pakke not in ours])",
                "    _set_listed(kode, [row.id for row, _ in unseen])",
            ),
        ),
    ),
    Breakage(
        "late-receipts-speak-for-companions",
        ("tests/integration/print/test_returned_orders.py", "late_receipt_of_the_first_time"),
        ((HANDOVER, "    if called:\n", "    if True:\n"),),
    ),
    Breakage(
        "unknown-outcomes-have-no-end",
        ("tests/integration/svarut/test_unclear.py", "every_call_ends_unknown"),
        (
            (
                UNCLEAR,
                "used_up=row.gammel and retry_delay(row.talte_forsok) is None",
                "used_up=False",
            ),
        ),
    ),
    Breakage(
        "unanswered-claims-are-kept",
        ("tests/integration/svarut/test_claims.py", "commit_got_no_answer"),
        (
            (
                "fiks/core/queue/owner_lock.py",
                "                self.release()\n            raise",
                "                pass\n            raise",
            ),
        ),
    ),
    Breakage(
        "what-the-backup-held-is-left",
        ("tests/workers/test_reconcile.py", "what_a_process_of_the_backup"),
        ((LETTERS_RESTORED, "    recover_orphans()\n    held", "    return 0\n    held"),),
    ),
)

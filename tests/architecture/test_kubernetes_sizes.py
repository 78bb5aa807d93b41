"""The Kubernetes example is sized for what its processes take: connections, memory, disk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from fiks.core.isolate import AT_ONCE, Grenser
from fiks.pdf.cut import large_file
from fiks.pdf.sandbox import CHECK_LIMITS, INSPECT_LIMITS, MERGE_LIMITS
from fiks.utsending.brev.child import RENDER_LIMITS
from fiks.utsending.filer.errors import MAX_LETTER_BYTES, MAX_ZIP_BYTES
from fiks.utsending.filer.workers import zip_reader
from fiks.utsending.liste.child.process import WITH_CONTROL
from portal import create_app
from portal.access.machine_table import ATTACHMENT_BODY, LETTER_BODY, SOAP_BODY
from portal.access.table import TILGANG
from portal.access.utsending_table import ZIP_BODY
from portal.blueprints import DELER
from tests.architecture.test_kubernetes import (
    COMMAND,
    DEPLOYMENTS,
    PROCFILE,
    README,
    WORKLOADS,
    container,
    environment,
    named,
    of_kind,
    pod,
)
from tests.architecture.tree import ROOT
from tests.portal.apps import make_settings

MOST = {
    one["spec"]["scaleTargetRef"]["name"]: one["spec"].get("maxReplicas", one["spec"].get("maxReplicaCount"))
    for one in (*of_kind("ScaledObject"), *of_kind("HorizontalPodAutoscaler"))
}
POOL = 16
"""The most connections of a gunicorn process, however many threads it has."""
MIB = 1024 * 1024


def processes_and_threads(name: str) -> tuple[int, int]:
    """How many processes a pod has that connect to the database, and the threads of each."""
    line, env = PROCFILE[name], environment(DEPLOYMENTS[name])
    count = re.search(r"--(?:workers|processes) (?:\$\{(\w+):-|(\d+))", line)
    threads = re.search(r"--threads (\d+)", line)
    if count is None or threads is None:
        return 1, 2  # the sweeper, and who keeps house in it
    return int(env[count[1]] if count[1] else count[2]), int(threads[1])


def test_the_page_sums_the_connections_that_the_maxima_want() -> None:
    pool = create_app(make_settings()).config["SQLALCHEMY_ENGINE_OPTIONS"]
    assert pool["pool_size"] + pool["max_overflow"] == POOL
    assert processes_and_threads("web")[1] <= POOL, "no page waits for a connection that an upload holds"
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \| (\d+).* \| (\d+) \|$", README, re.MULTILINE)
    said = {name: tuple(map(int, numbers)) for name, *numbers in rows}
    assert set(said) == set(DEPLOYMENTS)
    for name, one in DEPLOYMENTS.items():
        pods = MOST.get(name) or one["spec"]["replicas"]
        processes, threads = processes_and_threads(name)
        each = POOL if "gunicorn" in PROCFILE[name] else threads + 1
        assert said[name] == (pods, processes, each, pods * processes * each), name
    [(pods, together)] = re.findall(r"^\| all \| (\d+) \| +\| +\| (\d+) \|$", README, re.MULTILINE)
    assert int(pods) == sum(numbers[0] for numbers in said.values())
    assert int(together) == sum(numbers[3] for numbers in said.values())
    [more] = re.findall(r"a rollout begins a pod more of each process \((\d+)\)", README)
    assert int(more) == sum(numbers[1] * numbers[2] for numbers in said.values())


def bytes_of(text: str) -> int:
    """A quantity as Kubernetes writes it, in Mi or Gi."""
    return int(text[:-2]) * {"Mi": MIB, "Gi": 1024 * MIB}[text[-2:]]


def memory_of(workload: dict[str, Any]) -> int:
    return bytes_of(container(workload)["resources"]["limits"]["memory"])


def room_of(workload: dict[str, Any]) -> str:
    """How much /tmp may hold."""
    [tmp] = [volume["emptyDir"] for volume in pod(workload)["volumes"] if "emptyDir" in volume]
    size: str = tmp["sizeLimit"]
    return size


@pytest.mark.parametrize(
    ("name", "largest", "part"),
    [
        ("web", ZIP_BODY, 2),
        ("nedlasting", ATTACHMENT_BODY, 1),
        ("pdf", MAX_ZIP_BYTES, 1),
        ("send", MAX_LETTER_BYTES, 1),
    ],
)
def test_what_the_threads_of_a_pod_write_to_disk_at_once_fits(name: str, largest: int, part: int) -> None:
    """All of them, but of `web` half: that thirty-two of one pod's visitors send the largest there is at once is not
    reckoned with."""
    processes, threads = processes_and_threads(name)
    assert bytes_of(room_of(DEPLOYMENTS[name])) >= processes * threads * largest / part


def test_a_pod_is_put_where_there_is_the_disk_it_may_take() -> None:
    for one in WORKLOADS:
        assert container(one)["resources"]["requests"]["ephemeral-storage"] == room_of(one)


def test_no_process_takes_larger_uploads_than_its_room_on_disk_is_reckoned_for() -> None:
    """Letters of machines go to the object store as they come (`maskin`, and the password of a konto)."""
    for part, largest in (("app", ZIP_BODY), ("nedlasting", ATTACHMENT_BODY), ("mottak", MIB)):
        app = create_app(make_settings(), blueprints=DELER[part])
        spooled = [
            TILGANG[endpoint].maks_bytes
            for endpoint in set(app.view_functions) & set(TILGANG)
            if TILGANG[endpoint].maks_bytes not in (LETTER_BODY, SOAP_BODY)
        ]
        assert max(spooled) == largest


def test_a_pod_of_send_has_room_for_what_merging_packages_takes() -> None:
    """As measured, for each process and its child."""
    [(child, process)] = re.findall(
        r"laid out one by one, each with.*child (\d+) MB, process (\d+) MB",
        (ROOT / "docs" / "ytelse.md").read_text("utf-8"),
    )
    processes, _ = processes_and_threads("send")
    assert memory_of(DEPLOYMENTS["send"]) >= 1.5 * processes * (int(child) + int(process)) * 1_000_000


HELD = {
    name: int(megabytes)
    for name, megabytes in re.findall(r"^\| `(\w+)` \| (\d+) M(?:i?)B[ ,]", README, re.MULTILINE)
}
"""MiB (or MB, which are less) of one process as measured, without its children."""
IDLE = 185
"""MiB of a child as measured, the one that draws: the others are less."""


@pytest.mark.parametrize(
    ("name", "at_work", "idle"),
    [
        ("send", (MERGE_LIMITS, RENDER_LIMITS), 0),
        ("pdf", (RENDER_LIMITS,), 3),
        ("vis", (RENDER_LIMITS,), 2),
    ],
)
def test_a_pod_has_room_for_its_children_at_the_most_each_may_take(
    name: str, at_work: Sequence[Grenser], idle: int
) -> None:
    """Where a child reaches its limit, it is the child that ends: past the pod's, all of its processes would.

    `at_work`: the children of one process that may work at once, since it has threads or has not; `idle`: those that
    live on meanwhile.
    """
    processes, threads = processes_and_threads(name)
    assert len(at_work) == 1 or threads > 1
    each = HELD[name] + sum(one.memory_mb for one in at_work) + idle * IDLE
    assert memory_of(DEPLOYMENTS[name]) >= processes * each * MIB


def test_no_child_of_a_worker_may_take_more_than_the_one_that_its_pod_is_reckoned_by() -> None:
    """A large PDF lies in memory besides, while a child cuts it up or looks into it."""
    largest = RENDER_LIMITS.memory_mb * MIB
    small = (CHECK_LIMITS.memory_mb, large_file.OPEN_LIMITS.memory_mb, zip_reader.LIMITS.memory_mb)
    assert max(WITH_CONTROL.memory, *(mb * MIB for mb in small)) <= largest
    with_file = (INSPECT_LIMITS.memory_mb, large_file.LIMITS.memory_mb)
    assert max(with_file) * MIB + MAX_LETTER_BYTES <= largest


def test_a_command_has_the_room_of_one_process_of_send() -> None:
    """`drain` does what all lanes do."""
    each = HELD["send"] + MERGE_LIMITS.memory_mb + RENDER_LIMITS.memory_mb
    assert memory_of(named("Job", COMMAND)) >= each * MIB


def test_a_pod_of_web_has_room_for_the_children_that_its_processes_have_at_once() -> None:
    """As measured, and half as much again."""
    [(portal, child)] = re.findall(
        r"portal (\d+), worker \d+, child (\d+) MiB", (ROOT / "docs" / "ytelse.md").read_text("utf-8")
    )
    processes, _ = processes_and_threads("web")
    each = int(portal) + AT_ONCE * int(child)
    assert memory_of(DEPLOYMENTS["web"]) >= 1.5 * processes * each * MIB


def test_the_page_has_the_memory_and_the_disk_that_the_files_give() -> None:
    said: dict[str, list[str]] = {}
    for names, size in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|.+\| (\d+[MG]i) \|$", README, re.MULTILINE):
        for name in re.findall(r"\w+", names):
            said.setdefault(name, []).append(size)
    given = {
        name: [container(one)["resources"]["limits"]["memory"], room_of(one)]
        for name, one in DEPLOYMENTS.items()
    }
    assert said == given

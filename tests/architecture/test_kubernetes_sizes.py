"""The Kubernetes example is sized for what its processes take: connections, memory, disk."""

from __future__ import annotations

import re

import pytest

from fiks.print.pdf.isolated import MERGE_LIMITS
from fiks.utsending.filer.limits import MAX_LETTER_BYTES, MAX_ZIP_BYTES
from portal import create_app
from portal.blueprints import DELER
from portal.krav import TILGANG
from portal.krav_maskiner import ATTACHMENT_BODY, LETTER_BODY, SOAP_BODY
from portal.krav_utsending import ZIP_BODY
from tests.architecture.test_kubernetes import (
    DEPLOYMENTS,
    PROCFILE,
    README,
    container,
    environment,
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


@pytest.mark.parametrize(
    ("name", "largest"),
    [("web", ZIP_BODY), ("nedlasting", ATTACHMENT_BODY), ("pdf", MAX_ZIP_BYTES), ("send", MAX_LETTER_BYTES)],
)
def test_what_all_threads_of_a_pod_write_to_disk_at_once_fits(name: str, largest: int) -> None:
    [tmp] = [volume["emptyDir"] for volume in pod(DEPLOYMENTS[name])["volumes"] if "emptyDir" in volume]
    processes, threads = processes_and_threads(name)
    assert bytes_of(tmp["sizeLimit"]) >= processes * threads * largest


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
    """As measured, for each process and its child; a child's own limit is less than the pod's, or it never counts."""
    [(child, process)] = re.findall(
        r"child (\d+) MB, process (\d+) MB\. A run", (ROOT / "docs" / "ytelse.md").read_text("utf-8")
    )
    limit = bytes_of(container(DEPLOYMENTS["send"])["resources"]["limits"]["memory"])
    processes, _ = processes_and_threads("send")
    assert limit >= 1.5 * processes * (int(child) + int(process)) * 1_000_000
    assert MERGE_LIMITS.memory_mb * MIB <= limit

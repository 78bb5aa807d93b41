"""Each lock names everything its packages need, since pip is told to choose nothing (`--no-deps`)."""

import re
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.tree import ROOT

# Each lock with the extras of ours it stands for.
LOCKS: dict[str, tuple[str, ...]] = {
    "requirements.txt": (),
    "requirements-demo.txt": ("demo",),
    "requirements-test.txt": ("demo", "test"),
}


def locked(lock: str) -> dict[str, Version]:
    """The packages of a lock, each with its only version."""
    lines = re.findall(r"^(\S+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(re.sub(r"\[.*", "", name)): Version(version) for name, version in lines}


def ours(extras: tuple[str, ...]) -> list[Requirement]:
    """What setup.cfg asks for, with these extras."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    texts = [
        setup["options"]["install_requires"],
        *(setup["options.extras_require"][extra] for extra in extras),
    ]
    return [Requirement(line) for text in texts for line in text.split("\n") if line]


def needed(first: list[Requirement]) -> Iterator[Requirement]:
    """What is asked for on this machine, and by those in turn; as their own metadata has it."""
    waiting, seen = list(first), set[tuple[str, frozenset[str]]]()
    while waiting:
        requirement = waiting.pop()
        yield requirement
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        for line in requires(requirement.name) or []:
            further = Requirement(line)
            asked = [{"extra": extra} for extra in ("", *requirement.extras)]
            if further.marker is None or any(further.marker.evaluate(extra) for extra in asked):
                waiting.append(further)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_all_that_its_packages_need(lock: str) -> None:
    have = locked(lock)
    wrong = {
        str(requirement)
        for requirement in needed(ours(LOCKS[lock]))
        if (version := have.get(canonicalize_name(requirement.name))) is None
        or not requirement.specifier.contains(version, prereleases=True)
    }

    assert wrong == set()


def test_what_is_tested_is_what_is_run() -> None:
    tested = locked("requirements-test.txt")

    for lock in LOCKS:
        assert locked(lock).items() <= tested.items(), lock

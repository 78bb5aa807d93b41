"""Each lock names everything its packages need, extras included, so that nothing is left for a resolver to choose."""

import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Pin:
    """A package of a lock: its only version, and the extras it is named with."""

    version: Version
    extras: frozenset[str]


Lock = Mapping[str, Pin]


def locked(lock: str) -> Lock:
    """The packages of a lock by name."""
    lines = re.findall(r"^([^\s\[=]+)(?:\[(.+)\])?==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    return {
        canonicalize_name(name): Pin(Version(version), frozenset(filter(None, extras.split(","))))
        for name, extras, version in lines
    }


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


def left_to_choose(have: Lock, asked: list[Requirement]) -> set[str]:
    """The requirements that this lock does not answer with a version that fits, under the extras that are asked for."""
    return {
        str(requirement)
        for requirement in asked
        if (pin := have.get(canonicalize_name(requirement.name))) is None
        or not requirement.specifier.contains(pin.version, prereleases=True)
        or not requirement.extras <= pin.extras
    }


def extras_in(asked: list[Requirement]) -> dict[tuple[str, str], set[str]]:
    """Each extra that is asked for, by package and extra, with the packages that only it brings."""
    found = {}
    for requirement in asked:
        lines = [Requirement(line) for line in requires(requirement.name) or []]
        for extra in requirement.extras:
            names = {
                canonicalize_name(line.name)
                for line in lines
                if line.marker
                and line.marker.evaluate({"extra": extra})
                and not line.marker.evaluate({"extra": ""})
            }
            if names:
                found[canonicalize_name(requirement.name), extra] = names
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_all_that_its_packages_need(lock: str) -> None:
    assert left_to_choose(locked(lock), list(needed(ours(LOCKS[lock])))) == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_without_a_package_that_only_an_extra_brings_is_not_closed(lock: str) -> None:
    have, asked = locked(lock), list(needed(ours(LOCKS[lock])))
    brought = extras_in(asked)
    assert ("fonttools", "woff") in brought and ("psycopg", "binary") in brought
    for extra, names in brought.items():
        for name in names:
            left = left_to_choose({other: pin for other, pin in have.items() if other != name}, asked)
            assert name in {canonicalize_name(Requirement(line).name) for line in left}, extra


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_that_does_not_name_an_extra_is_not_closed(lock: str) -> None:
    have, asked = locked(lock), list(needed(ours(LOCKS[lock])))
    for name, extra in extras_in(asked):
        without = Pin(have[name].version, have[name].extras - {extra})
        assert left_to_choose({**have, name: without}, asked) != set(), (name, extra)


def test_what_is_tested_is_what_is_run() -> None:
    tested = {name: pin.version for name, pin in locked("requirements-test.txt").items()}
    for lock in LOCKS:
        assert {name: pin.version for name, pin in locked(lock).items()}.items() <= tested.items(), lock

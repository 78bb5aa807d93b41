"""What a run took, counted from the processes themselves."""

from __future__ import annotations

import subprocess
import sys

import pytest

from testmiljo.effort import OUTSIDE, Effort, Forbruk

BUSY = "import time\nwhile time.process_time() < 0.4: pass\n"
HAS_BUSY_CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}])\n"
THEN_WAITS = "print('done', flush=True)\ninput()\n"


def test_stages_are_counted_one_after_another() -> None:
    moments = iter((10.0, 12.5, 20.0))
    effort = Effort({}, seconds=lambda: next(moments))
    assert effort.ended("lest") == 2.5
    effort.ended("laget")
    used = effort.all()
    assert list(used.etapper.items()) == [("lest", 2.5), ("laget", 7.5)]
    assert used.sekunder == 10.0


@pytest.mark.parametrize("code", [BUSY + THEN_WAITS, HAS_BUSY_CHILD + THEN_WAITS])
def test_a_process_is_told_with_its_children_also_those_that_have_ended(code: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        effort = Effort({"send": child.pid})
        assert child.stdout is not None
        child.stdout.readline()
        used = effort.all()
        child.communicate(b"\n")
    assert 0.3 < used.prosessortid["send"] < 10


def test_what_is_neither_ours_nor_a_server_is_the_world_outside() -> None:
    used = Forbruk({}, {"send": 6.0, "PostgreSQL": 2.0, OUTSIDE: 2.0})
    assert used.utenfor == 0.2
    assert Forbruk({}, {}).utenfor == 0.0

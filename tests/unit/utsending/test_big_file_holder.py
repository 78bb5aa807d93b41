"""The big PDF that a process has open, with two threads: one cuts it, the other finds nothing to do."""

from __future__ import annotations

import os
import threading
from unittest.mock import Mock

import pytest

from fiks.utsending.samlet import holder


@pytest.fixture
def fil(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """An open file that is held."""
    made = Mock()
    monkeypatch.setattr(holder, "_held", [holder._Held("objekt", made, os.getpid())])
    return made


def test_a_thread_without_work_neither_waits_for_one_that_cuts_nor_closes_its_file(fil: Mock) -> None:
    idle = threading.Thread(target=holder.release, daemon=True)
    with holder.open_file("objekt", b""):
        idle.start()
        idle.join(10)
        waited = idle.is_alive()
        fil.close.assert_not_called()
    assert not waited


def test_a_file_that_nobody_has_in_hand_is_closed(fil: Mock) -> None:
    holder.release()
    fil.close.assert_called_once_with()
    assert holder._held == []

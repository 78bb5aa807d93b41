"""A whole platform to measure on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from config.broker import make_ringer
from config.settings import Settings
from fiks.core import doorbell
from testmiljo.stack import Options, Stack, name_no_servers
from workers.app import create_app


@contextmanager
def platform(folder: Path, *, workers: bool = True) -> Iterator[tuple[Stack, Flask]]:
    """Servers and processes of its own in an emptied folder, so that the demo is neither disturbed nor measured.

    The app is for what the benchmark does itself, and rings as the portal does.
    """
    shutil.rmtree(folder, ignore_errors=True)
    name_no_servers()
    with Stack(Options(folder, workers=workers)) as stack:
        os.environ.update(stack.environ)
        doorbell.install(make_ringer(stack.environ["REDIS_URL"]))
        yield stack, create_app(Settings.from_env(stack.environ))

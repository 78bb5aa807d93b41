"""F25: the disk for documents is full. Who sends is told so, and no letter ever refers to half a file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from portal.texts import tekst
from tests.integration.databases import ROOT, Database
from tests.integration.houses import Hus
from tests.integration.svarut.full_disk import REFUSALS

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount", "--"]
CODE = "LAGER_UTILGJENGELIG"


def may_mount(folder: Path) -> bool:
    """Whether this machine lets us have a disk of our own."""
    command = [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    return shutil.which("unshare") is not None and not subprocess.run(command, capture_output=True).returncode


def test_f25_with_the_disk_full_letters_are_refused_with_a_reason_and_those_taken_in_are_whole(
    hus: Hus, database: Database, tmp_path: Path
) -> None:
    own_disk = may_mount(tmp_path)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    own = {"FIKS_ENV": "test", "DATABASE_URL": database.app_url, "OBJECT_STORE_URL": tmp_path.as_uri()}
    module = [sys.executable, "-m", "tests.integration.svarut.full_disk", str(hus.konto_id), str(tmp_path)]
    command = [*NAMESPACE, *module, "tmpfs"] if own_disk else [*module, "limit"]
    ended = subprocess.run(
        command, env=kept | own, cwd=ROOT, capture_output=True, timeout=120, check=False, text=True
    )
    assert ended.returncode == 0, ended.stderr[-2_000:]
    found = json.loads(ended.stdout)
    assert found["brev"] == 2, "one was taken in before, and one when there was room again"
    assert found["avvist"] == [CODE] * REFUSALS
    assert tekst(CODE), "people are told in words"
    assert (found["hele"], found["herrelose"], found["savnet"]) == (True, [], [])

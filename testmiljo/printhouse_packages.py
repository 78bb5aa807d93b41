"""What the print house does with a package: opens it and compares every order with the manifest."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
from cryptography.hazmat.primitives.asymmetric import rsa

from testmiljo import printhouse_keys as keys

BROKEN = (zipfile.BadZipFile, KeyError, TypeError, ValueError, pikepdf.PdfError)


def open_package(path: Path, key: rsa.RSAPrivateKey) -> list[dict[str, Any]]:
    """Every order of the package, with its own pages as one PDF. `feil` tells what is wrong with it, if anything.

    A package that cannot be opened is one order of its own name, with what is wrong.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            files = {
                fil["navn"]: _clear(archive.read(fil["navn"]), manifest, key) for fil in manifest["filer"]
            }
        if manifest["pakke"] != path.stem:
            raise ValueError("the package has another name than its file")
        return [_order(entry, manifest, files) for entry in manifest["ordrer"]]
    except BROKEN as error:
        return [_empty(path.stem, {}) | {"feil": f"{type(error).__name__}: the package cannot be opened"}]


def _clear(data: bytes, manifest: dict[str, Any], key: rsa.RSAPrivateKey) -> bytes:
    return keys.decrypt(data, key) if manifest["kryptering"] == "CMS" else data


def _empty(referanse: str, manifest: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "referanse": referanse,
        "sha256": None,
        "sider": 0,
        "ark": 0,
        "vekt": 0,
        "pdf": b"",
    }
    return facts | {"tid": datetime.now(UTC).isoformat(), "manifest": manifest, "feil": None}


def _order(entry: dict[str, Any], manifest: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    """`manifest` of the order: its own entry, and what the package says of all of them."""
    common = {name: value for name, value in manifest.items() if name not in ("filer", "ordrer")}
    order = _empty(entry["referanse"], common | entry)
    [told] = [fil for fil in manifest["filer"] if fil["navn"] == entry["fil"]]
    whole = files[entry["fil"]]
    try:
        if hashlib.sha256(whole).hexdigest() != told["sha256"]:
            order["feil"] = "sha256 is not what the manifest says"
        pdf, of_file = _pages(whole, entry["fraSide"], entry["tilSide"])
    except BROKEN as error:
        return order | {"feil": f"{type(error).__name__}: the order cannot be opened"}
    if of_file == entry["sider"] and entry["sha256"] != told["sha256"]:
        order["feil"] = "sha256 of the letter is not that of its file"
    order["pdf"] = pdf
    order["sha256"] = hashlib.sha256(pdf).hexdigest()
    order["sider"] = entry["tilSide"] - entry["fraSide"] + 1
    order["ark"] = -(-order["sider"] // 2) if manifest["tosidig"] else order["sider"]
    order["vekt"] = 5 * order["ark"] + (7 if order["ark"] <= 8 else 18)
    if entry["sider"] != order["sider"] or of_file != told["sider"] or entry["tilSide"] > of_file:
        order["feil"] = "sider is not what the manifest says"
    return order


def _pages(whole: bytes, first: int, last: int) -> tuple[bytes, int]:
    """(the pages from `first` to `last` as a PDF, how many the file has)."""
    with pikepdf.open(io.BytesIO(whole)) as document:
        count = len(document.pages)
        if (first, last) == (1, count):
            return whole, count
        with pikepdf.new() as own:
            own.pages.extend(document.pages[first - 1 : last])
            out = io.BytesIO()
            own.save(out, deterministic_id=True)
    return out.getvalue(), count

"""Where the demo keeps what survives it: everything is under var/, which is git-ignored."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var"
LILLEVIK = ROOT / "testmiljo" / "data" / "lillevik"
"""A made-up kommune: lists, letters and its register, with what is to come of them (`expected.json`)."""

DEMO_ENV = VAR / "demo.env"
DEMO_JSON = VAR / "demo.json"
SERVICES = VAR / "tjenester"
OBJECTS = VAR / "objekter"

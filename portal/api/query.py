"""Parse query strings as models, and limit lists of ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from flask import request

from fiks.svarut.mottak.errors import refuse
from fiks.svarut.sender.status_queries import MOST
from portal.api.model import Modell
from portal.api.reading import require

M = TypeVar("M", bound=Modell)


def read_query(model: type[M]) -> M:
    """Parse the query string as `model`, or UgyldigForsendelse with every parameter that is missing or wrong."""
    return require(model, request.args.to_dict())


def require_within_limit(ids: Sequence[UUID], felt: str) -> None:
    """FOR_MANGE_IDER when more letters are asked about than one answer holds."""
    if len(ids) > MOST:
        raise refuse("FOR_MANGE_IDER", felt, grense=MOST)

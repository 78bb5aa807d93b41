"""Errors of look-ups: refused, or unanswered."""

from __future__ import annotations

from typing import ClassVar

from fiks.core.errors import FiksError


class ForMangeOppslag(FiksError):
    """The actor has used up the look-ups allowed within an hour. The register was not asked."""

    status: ClassVar[int] = 429


class RegisterSvarerIkke(FiksError):
    """The register did not answer. The audit log holds the look-up all the same."""

    status: ClassVar[int] = 503

"""Why a look-up was not made, or had no answer."""

from __future__ import annotations

from typing import ClassVar

from fiks.core.errors import FiksError


class ForMangeOppslag(FiksError):
    """The actor has looked up as often as one may within an hour. Nothing was asked of the register."""

    status: ClassVar[int] = 429


class RegisterSvarerIkke(FiksError):
    """The register did not answer. That it was asked stands in the audit log all the same."""

    status: ClassVar[int] = 503

"""Errors of the SMS API: 400 as in KS' own (svarut.md 8.2 and 12, statement 57), and 429."""

from __future__ import annotations

from typing import ClassVar

from fiks.core.errors import FiksError, UgyldigInndata


class UgyldigSms(UgyldigInndata):
    """An SMS, or a question about numbers, that cannot be used. Nothing of it is stored."""

    status = 400


class ForMangeOppslag(FiksError):
    """The actor has used up the numbers allowed within an hour. The register was not asked."""

    status: ClassVar[int] = 429

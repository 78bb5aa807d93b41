"""What the interface refuses: with 400, as KS' own does (svarut.md 8.2 and 12, statement 57), and with 429."""

from __future__ import annotations

from typing import ClassVar

from fiks.core.errors import FiksError, UgyldigInndata


class UgyldigSms(UgyldigInndata):
    """An SMS, or a question about numbers, that cannot be used. Nothing of it is kept."""

    status = 400


class ForMangeOppslag(FiksError):
    """The actor has looked up as many numbers as one may within an hour. Nothing was asked of the register."""

    status: ClassVar[int] = 429

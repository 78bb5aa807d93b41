"""What the interface refuses with 400, as KS' own does (svarut.md 8.2 and 12, statement 57)."""

from __future__ import annotations

from fiks.core.errors import UgyldigInndata


class UgyldigSms(UgyldigInndata):
    """An SMS, or a question about numbers, that cannot be used. Nothing of it is kept."""

    status = 400

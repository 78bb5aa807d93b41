"""What can be wrong with a PDF that somebody else made."""

from __future__ import annotations

from fiks.core.errors import FiksError


class PdfFeil(FiksError):
    """The file cannot be opened, shown or put together; the code says why."""

    status = 422

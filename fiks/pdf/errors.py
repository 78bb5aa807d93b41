"""The error of a PDF made by others."""

from __future__ import annotations

from fiks.core.errors import FiksError


class PdfFeil(FiksError):
    """The file cannot be opened, rendered or merged; the code says why."""

    status = 422

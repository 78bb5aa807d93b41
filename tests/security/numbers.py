"""Personal numbers in what we show or write."""

from __future__ import annotations

import re

from fiks.core.values.identifiers import mask_numbers

_RANDOM = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{64}(?![0-9A-Za-z])"  # a digest
    r"|(?<![0-9A-Za-z])(?=[0-9-]*[a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])"  # an id
    r"|(?<=name=\"csrf_token\" value=\")[^\"]+|(?<=\"X-CSRFToken\": \")[^\"]+"  # a form's own token
)


def numbers_in(text: str) -> bool:
    """Whether a personal number stands in the text, bare or grouped.

    Digests, ids and tokens are random: now and then eleven of their digits happen to be somebody's number.
    """
    text = _RANDOM.sub("tilfeldig", text)
    return mask_numbers(text) != text

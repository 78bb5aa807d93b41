"""Escaping other people's text in Altinn messages: the body is Markdown, title and summary must be plain
text.

Altinn refuses a title that changes when read as HTML and Markdown, and a body with HTML in it. Source:
Altinn.Correspondence, TextValidation; Markdig with its advanced extensions.
"""

from __future__ import annotations

import re

_ANGLES = str.maketrans("<>", "‹›")
_LOOKALIKES = str.maketrans("<>[]{}`\\", "‹›()()’＼")
_WIDE = str.maketrans('*~^$=+:"_', "∗∼＾＄＝＋：”＿")
_JOINER = "\N{WORD JOINER}"
"""Invisible, and no space. A no-break space would be turned into a space by Altinn, whereupon the title would
differ from itself and be refused.
"""

_IN_PAIRS = [re.compile(one) for one in (r"\*", "~", r"\^", r"\$", "={2,}", r"\+{2,}", ":{2,}", '"{2,}')]
"""Marks that only take effect when a second one closes them."""
_AT_EDGE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])|^:{3,}")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_SCHEME = re.compile(r"\b(mailto:|tel:)(?=[^\s\u2060])")
"""Schemes that Altinn turns into a link whose text lacks them."""
_OPENING = re.compile(r"^(#{1,6}|-+|[+*:=]|(?:[0-9]{1,9}|[A-Za-z]|[ivxlcdm]+|[IVXLCDM]+)[.)])(?= |$)")
"""The start of a heading or list item: followed by a space or nothing."""

_MARK = re.compile(r'[\\`*_{}\[\]|~^$]|=(?==)|\+(?=\+)|"(?=")|:(?=\S)|(?<=www)\.|&(?=#?\w+;)', re.IGNORECASE)
_LINE_START = re.compile(r"^((?:\w{1,9}(?=[.)](?:\s|$)))?)([-+#=:.)])")
_NOT_IN_ADDRESS = re.compile(r"[\\`*_\[\]{}<>|^~$\"\s]")


def escape_text(words: str) -> str:
    """Escape text for a message body: shown as it is, without links, headings, lists or HTML of its own."""
    lines = (_MARK.sub(r"\\\g<0>", line.strip()) for line in words.translate(_ANGLES).splitlines())
    return "\n".join(_LINE_START.sub(r"\1\\\2", line) for line in lines)


def escape_address(url: str) -> str:
    """Percent-encode an address for a message body, so that none of its characters is Markdown."""
    return _NOT_IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", url)


def plain_title(title: str) -> str:
    """A one-line title that reads the same as plain text: Markdown characters are replaced by look-alikes.

    Escapes cannot be used: the backslash would be shown.
    """
    line = _ENTITY.sub("& ", " ".join(title.split()).translate(_LOOKALIKES))
    for mark in _IN_PAIRS:
        if len(mark.findall(line)) > 1:
            line = mark.sub(_widened, line)
    line = _SCHEME.sub(rf"\1{_JOINER}", _AT_EDGE.sub(_widened, line))
    return _OPENING.sub(rf"\1{_JOINER}", line)


def _widened(found: re.Match[str]) -> str:
    return found[0].translate(_WIDE)

"""Words that others wrote, in a message of Altinn's: its body is Markdown, its title and summary must be plain text.

Altinn refuses a title that, read as HTML and Markdown, says something else than it does, and a body with HTML in it.
Source: Altinn.Correspondence, TextValidation; Markdig with its advanced extensions.
"""

from __future__ import annotations

import re

_ANGLES = str.maketrans("<>", "‹›")
_LOOKALIKES = str.maketrans("<>[]{}`\\", "‹›()()’＼")
_WIDE = str.maketrans('*~^$=+:"_', "∗∼＾＄＝＋：”＿")
_JOINER = "\N{WORD JOINER}"
"""Not seen, and a space to nobody. One that does not break is made an ordinary one by Altinn, whereupon the title
differs from itself and is refused."""

_IN_PAIRS = [re.compile(one) for one in (r"\*", "~", r"\^", r"\$", "={2,}", r"\+{2,}", ":{2,}", '"{2,}')]
"""What opens something only where another closes it."""
_AT_EDGE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])|^:{3,}")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_SCHEME = re.compile(r"\b(mailto:|tel:)(?=[^\s\u2060])")
"""What Altinn makes a link of whose words are without it."""
_OPENING = re.compile(r"^(#{1,6}|-+|[+*:=]|(?:[0-9]{1,9}|[A-Za-z]|[ivxlcdm]+|[IVXLCDM]+)[.)])(?= |$)")
"""What begins a heading or an item of a list, since a space follows or nothing does."""

_MARK = re.compile(r'[\\`*_{}\[\]|~^$]|=(?==)|\+(?=\+)|"(?=")|:(?=\S)|(?<=www)\.|&(?=#?\w+;)', re.IGNORECASE)
_LINE_START = re.compile(r"^((?:\w{1,9}(?=[.)](?:\s|$)))?)([-+#=:.)])")
_NOT_IN_ADDRESS = re.compile(r"[\\`*_\[\]{}<>|^~$\"\s]")


def escaped(words: str) -> str:
    """Words as they stand in a body: shown as they are, and no link, heading, list or HTML of their own."""
    lines = (_MARK.sub(r"\\\g<0>", line.strip()) for line in words.translate(_ANGLES).splitlines())
    return "\n".join(_LINE_START.sub(r"\1\\\2", line) for line in lines)


def address(url: str) -> str:
    """An address as it stands in a body: the same one, whose characters are none of Markdown's."""
    return _NOT_IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", url)


def plain_title(title: str) -> str:
    """A title on one line that is its own plain text: what could be Markdown there looks the same, and is not.

    No escape can be used: its backslash would be shown.
    """
    line = _ENTITY.sub("& ", " ".join(title.split()).translate(_LOOKALIKES))
    for mark in _IN_PAIRS:
        if len(mark.findall(line)) > 1:
            line = mark.sub(_widened, line)
    line = _SCHEME.sub(rf"\1{_JOINER}", _AT_EDGE.sub(_widened, line))
    return _OPENING.sub(rf"\1{_JOINER}", line)


def _widened(found: re.Match[str]) -> str:
    return found[0].translate(_WIDE)

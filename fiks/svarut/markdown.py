"""Words that others wrote, in a message of Altinn's: its body is Markdown, its title and summary must be plain text.

Altinn refuses a title that, read as HTML and Markdown, says something else than it does, and a body with HTML in it.
Source: Altinn.Correspondence, TextValidation; Markdig with its advanced extensions.
"""

from __future__ import annotations

import re

_ANGLES = str.maketrans("<>", "‹›")
_LOOKALIKES = str.maketrans("<>[]{}*_~^`$\\", "‹›()()∗＿∼＾’＄＼")
_WIDE = str.maketrans('=+:"#-.)', "＝＋：”＃–．）")

_DOUBLED_OR_ALONE = re.compile(r'([=+:"])\1+|^([-#]+|[=+:]|\w{1,9}[.)])$')
_ENTITY = re.compile(r"&(?=#?\w+;)")
_OPENING = re.compile(r"^(#{1,6}|-+|[+:=]|\w{1,9}[.)]) ")
"""What begins a heading or an item of a list, since a space follows."""

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
    """A title on one line that is its own plain text: what is Markdown's looks the same, and is another character.

    No escape can be used: its backslash would be shown.
    """
    line = " ".join(title.split()).translate(_LOOKALIKES)
    line = _DOUBLED_OR_ALONE.sub(lambda found: found[0].translate(_WIDE), _ENTITY.sub("& ", line))
    return _OPENING.sub("\\1\N{NO-BREAK SPACE}", line)

"""What Altinn takes for plain text and for Markdown, as far as it matters to who sends (its TextValidation).

It reads a text as HTML, that as Markdown (Markdig, with its advanced extensions), and refuses one that then says
something else. Of HTML it makes each space that does not break an ordinary one (ReverseMarkdown's Cleaner).
"""

from __future__ import annotations

import re

_TAG = re.compile(r"</?[A-Za-z!][^>]*>")
_ENTITY = re.compile(r"&#?\w+;")
_BLOCK = re.compile(
    r"^ {0,3}(#{1,6}|[-+*]|([0-9]{1,9}|[A-Za-z]|[ivxlcdm]+|[IVXLCDM]+)[.)])([ \t]|$)"
    r"|^ {0,3}(>|:{3})|^(-{3,}|\*{3,}|_{3,})$",
    re.MULTILINE,
)
_INLINE = re.compile(
    r"\[[^\]]*\][(\[:]|\[[ xX^]|(\*+|~+|`+|\^|\$|={2}(?!=)|\+{2}(?!\+)|\"{2}(?!\")|:{2}(?!:))(?=\S).*?(?<=\S)\1"
    r"|\b_+(?=\S).*?(?<=\S)_+\b"
    r"|\\[!-/:-@\[-`{-~]|\{[#.:]?\w+[^}]*\}|\b(mailto|tel):[^\s\u2060]"
)


def is_plain(text: str) -> bool:
    """Whether the text is its own plain text: no tag, heading, item of a list, emphasis, link or escape."""
    if re.sub("[ \u00a0]", " ", text) != text:
        return False
    return not any(pattern.search(text.strip()) for pattern in (_TAG, _ENTITY, _BLOCK, _INLINE))


def is_markdown(text: str) -> bool:
    """Whether there is no HTML in it but for line breaks."""
    return not _TAG.search(re.sub(r"<br ?/?>", "", text))

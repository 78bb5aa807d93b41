"""Names used in a content stream: by its operators where all readers agree on the syntax, otherwise every
name in it.
"""

from __future__ import annotations

import re

import pikepdf

COLOURS = "/ColorSpace"
ANY = "*"
FAR = "^"
"""Prefix of a group: the page's own group, whether or not something in between has one."""

Names = frozenset[tuple[str, str]]
"""(Group of resources or ANY, with or without FAR before it; name in the group)."""

_OPERATORS = {
    b"Do": "/XObject", b"Tf": "/Font", b"gs": "/ExtGState", b"sh": "/Shading", b"scn": "/Pattern", b"SCN": "/Pattern",
    b"cs": COLOURS, b"CS": COLOURS, b"BDC": "/Properties", b"DP": "/Properties", b"ID": FAR + COLOURS,
}  # fmt: skip
GROUPS = frozenset(kind.removeprefix(FAR) for kind in _OPERATORS.values())
_OTHERS = frozenset(
    b"b B b* B* BI BMC BT BX c cm d d0 d1 EI EMC ET EX f F f* g G h i j J k K l m M MP n q Q re rg RG ri s S sc SC "
    b"T* Tc Td TD Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)
_VALUES = frozenset((b"true", b"false", b"null"))

_SPACE = rb"\x00\t\n\x0c\r "
_REGULAR = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_TEXT = rb"\((?:[^()\\]++|\\[\s\S])*+\)"
for _ in range(4):
    _TEXT = rb"\((?:[^()\\]++|\\[\s\S]|" + _TEXT + rb")*+\)"
_TOKEN = re.compile(
    rb"(?:[" + _SPACE + rb"\[\]]++|[-+.0-9]++(?!" + _REGULAR + rb")|<<|>>|<[0-9A-Fa-f" + _SPACE + rb"]*+>|%[^\r\n]*+|"
    + _TEXT + rb")++|/(" + _REGULAR + rb"*+)|(" + _REGULAR + rb"++)|([\s\S])"
)  # fmt: skip
_NAME = re.compile(rb"/(" + _REGULAR + rb"*)")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_PLAIN = rb"[\x00\t\n\r\x20-\x7f]"
_MAY_END = re.compile(rb"EI(?!" + _REGULAR + rb")((?=" + _PLAIN + rb"{15}|" + _PLAIN + rb"{0,14}\Z))?")
"""A possible end of an inline image, and whether text follows it."""
_NEXT = re.compile(rb"(?<!" + _REGULAR + rb")[BE]I(?!" + _REGULAR + rb")")

_DEVICES = frozenset(("/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/Pattern"))
_MADE_OF = {"/Indexed": 1, "/I": 1, "/Pattern": 1, "/Separation": 2, "/DeviceN": 2}
_WITHIN_EACH_OTHER = 8
"""Colour spaces that are not resources, the position of their base space, and how deep they may nest."""


def names_in(content: bytes) -> Names:
    """Return the names a content stream uses. In a malformed stream: everything that may be a name."""
    found = _strict(content)
    if found is None:
        found = {(kind, _name(raw)) for raw in _NAME.findall(content) for kind in (ANY, FAR + COLOURS)}
    return frozenset(found)


def _strict(content: bytes) -> set[tuple[str, str]] | None:
    """Return the names used by operators; None at the first token that readers may interpret differently."""
    found: set[tuple[str, str]] = set()
    operands: list[str] = []
    before = b""
    begin: int | None = 0
    while begin is not None:
        at, begin = begin, None
        for token in _TOKEN.finditer(content, at):
            name, word, odd = token.groups()
            if name is not None:
                operands.append(_name(name))
            elif odd is not None:
                return None
            elif word is not None and word not in _VALUES:
                if word not in _OTHERS:
                    found.update((_OPERATORS.get(word, ANY), operand) for operand in operands)
                operands.clear()
                if word == b"ID":
                    begin = _picture_ends(content, token.end()) if before == b"BI" else None
                    if begin is None:
                        return None
                    break
                before = word
    found.update((ANY, operand) for operand in operands)
    return found


def _picture_ends(content: bytes, at: int) -> int | None:
    """Return the end of an inline image; None when it is ambiguous."""
    end = _MAY_END.search(content, at)
    if end is None or end[1] is None:
        return None
    other = _NEXT.search(content, end.end())
    return None if other is not None and other[0] == b"EI" else end.end()


def _name(raw: bytes) -> str:
    """Decode a name as the library writes it."""
    plain = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), raw) if b"#" in raw else raw
    return "/" + plain.decode("utf-8", "surrogateescape")


def colours(space: object) -> Names:
    """Return the resource name of a colour space, or of its base space, when it is given by name."""
    for _ in range(_WITHIN_EACH_OTHER):
        if isinstance(space, pikepdf.Name):
            name = _name(space.unparse()[1:])
            return frozenset() if name in _DEVICES else frozenset({(COLOURS, name)})
        if not isinstance(space, pikepdf.Array) or not len(space):
            break
        kind = space[0]
        at = _MADE_OF.get(_name(kind.unparse()[1:]), 0) if isinstance(kind, pikepdf.Name) else 0
        if at >= len(space) or (at == 0 and len(space) > 1):
            break
        space = space[at]
    return frozenset()

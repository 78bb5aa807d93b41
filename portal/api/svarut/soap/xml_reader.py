"""Streaming parser of a SOAP message: small elements become a tree, documents are passed on and never
collected.

Plain elements only: no DTD (so no entities), and limits on depth, number, text and token size. Names are
compared without namespace, since clients differ in which they write (svarut.md 3.5, 10).
"""

from __future__ import annotations

import binascii
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from fiks.svarut.mottak.errors import refuse

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PIECE = 64 * 1024
MAX_DEPTH, MAX_ELEMENTS = 32, 50_000
MAX_TEXT = 2 * 1024 * 1024
"""Most characters outside documents."""
MAX_TOKEN = 1024 * 1024
"""Most bytes without an event: expat keeps a tag or a comment in memory until it ends."""
WHITESPACE = {ord(sign): None for sign in " \t\r\n"}
DOCUMENT_PATH = ("forsendelse", "dokumenter", "data")
"""Path of a document's bytes below the operation."""

Take = Callable[[Iterator[bytes]], None]


@dataclass(slots=True, repr=False)
class Node:
    """One element. `type`: xsi:type without prefix; `href`: target of an xop:Include; `tatt`: its document
    was passed on.
    """

    navn: str
    type: str = ""
    tekst: str = ""
    barn: list[Node] = field(default_factory=list)
    href: str = ""
    tatt: bool = False

    def all(self, navn: str) -> list[Node]:
        """The children of this name."""
        return [child for child in self.barn if child.navn == navn]

    def first(self, navn: str) -> Node | None:
        """The first child of this name."""
        return next((child for child in self.barn if child.navn == navn), None)

    def text(self, navn: str) -> str:
        """Text of the first child of this name; empty without one."""
        found = self.first(navn)
        return found.tekst if found else ""


@dataclass(frozen=True, slots=True)
class Start:
    navn: str
    rom: str
    type: str
    href: str
    nil: bool


@dataclass(frozen=True, slots=True)
class Slutt:
    pass


Hendelse = Start | Slutt | str


class Melding:
    """One message: `operasjon` and `konvolutt` (the envelope's namespace) are known at once, the rest after
    `read`.
    """

    def __init__(self, pieces: Iterable[bytes], encoding: str | None = None) -> None:
        self._all = _events(pieces, encoding)
        self._events = self._bounded()
        envelope = self._next_start()
        if envelope.navn != "Envelope" or envelope.rom not in (SOAP_11, SOAP_12):
            raise refuse("XML_UGYLDIG")
        self.konvolutt = envelope.rom
        opened = self._next_start()
        if opened.navn == "Header":
            self._read(Node("Header"), 2, (), None)
            opened = self._next_start()
        if opened.navn != "Body":
            raise refuse("XML_UGYLDIG")
        self.operasjon = self._next_start().navn

    def read(self, take: Take | None = None) -> Node:
        """The operation and everything below it. Each document is passed to `take` as it streams, and is not
        kept.
        """
        node = Node(self.operasjon)
        self._read(node, 3, (), take)
        for event in self._events:  # Body and Envelope end, and nothing else
            if isinstance(event, Start) or (isinstance(event, str) and event.strip()):
                raise refuse("XML_UGYLDIG")
        return node

    def _bounded(self) -> Iterator[Hendelse]:
        """Events outside documents, up to the limits."""
        elements = length = 0
        for event in self._all:
            elements += isinstance(event, Start)
            length += len(event) if isinstance(event, str) else 0
            if elements > MAX_ELEMENTS or length > MAX_TEXT:
                raise refuse("XML_UGYLDIG")
            yield event

    def _next_start(self) -> Start:
        for event in self._events:
            if isinstance(event, Start):
                return event
            if isinstance(event, Slutt) or event.strip():
                break
        raise refuse("XML_UGYLDIG")

    def _read(self, node: Node, depth: int, path: tuple[str, ...], take: Take | None) -> None:
        """Read until `node` ends. `path`: its place below the operation."""
        if depth > MAX_DEPTH:
            raise refuse("XML_UGYLDIG")
        texts: list[str] = []
        for event in self._events:
            if isinstance(event, Slutt):
                node.tekst = "".join(texts)
                return
            if isinstance(event, str):
                texts.append(event)
            else:
                self._child(node, event, depth + 1, (*path, event.navn), take)
        raise refuse("XML_UGYLDIG")

    def _child(self, node: Node, start: Start, depth: int, path: tuple[str, ...], take: Take | None) -> None:
        child = Node(start.navn, start.type, href=start.href)
        if take is not None and path == DOCUMENT_PATH:
            self._document(child, depth, take)
        else:
            self._read(child, depth, path, take)
            if start.nil:
                return
        node.barn.append(child)

    def _document(self, node: Node, depth: int, take: Take) -> None:
        """Pass a document's bytes on; or note the reference when it holds only an xop:Include."""
        texts = self._texts(node, depth)
        first = next((text for text in texts if text.strip()), "")
        if not node.barn:
            node.tatt = True
            take(decode_base64(first, texts))
        elif first:
            raise refuse("XML_UGYLDIG", "dokumenter")
        else:
            node.href = node.barn[0].href

    def _texts(self, node: Node, depth: int) -> Iterator[str]:
        """Texts in a `data` element until it ends; an element in it is added to `node`."""
        for event in self._all:
            if isinstance(event, Slutt):
                return
            if isinstance(event, Start):
                if event.navn != "Include" or node.barn or node.tatt:
                    raise refuse("XML_UGYLDIG", "dokumenter")
                node.barn.append(Node(event.navn, href=event.href))
                self._read(node.barn[0], depth + 1, (), None)
            else:
                yield event
        raise refuse("XML_UGYLDIG")


def decode_base64(first: str, texts: Iterator[str]) -> Iterator[bytes]:
    """Decode base64 that comes in pieces, with white space anywhere. XML_UGYLDIG for anything else."""
    rest, ended = first.translate(WHITESPACE), False
    while True:
        whole = len(rest) // 4 * 4
        if rest and ended:
            raise refuse("XML_UGYLDIG", "dokumenter.data")
        if whole:
            yield _bytes(rest[:whole])
            ended = rest[whole - 1] == "="
        more = next(texts, None)
        if more is None:
            if rest[whole:]:
                raise refuse("XML_UGYLDIG", "dokumenter.data")
            return
        rest = rest[whole:] + more.translate(WHITESPACE)


def _bytes(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:  # also what is not ASCII
        raise refuse("XML_UGYLDIG", "dokumenter.data") from error


def _events(pieces: Iterable[bytes], encoding: str | None) -> Iterator[Hendelse]:
    """Elements and texts of the message in order. XML_UGYLDIG for invalid XML or more than plain elements."""
    told: deque[Hendelse] = deque()
    parser = expat.ParserCreate(encoding, " ")
    parser.buffer_text = True
    parser.buffer_size = PIECE
    parser.StartElementHandler = lambda name, attributes: told.append(_start(name, attributes))
    parser.EndElementHandler = lambda name: told.append(Slutt())
    parser.CharacterDataHandler = told.append
    parser.CommentHandler = lambda text: told.append("")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    silent = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            silent = 0 if told else silent + len(piece)
            if silent > MAX_TOKEN:
                raise refuse("XML_UGYLDIG")
            while told:
                yield told.popleft()
        parser.Parse(b"", True)
        yield from told
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise refuse("XML_UGYLDIG") from error


def _refuse_doctype(*declaration: object) -> None:
    raise refuse("XML_UGYLDIG")


def _start(name: str, attributes: dict[str, str]) -> Start:
    rom, _, navn = name.rpartition(" ")
    kind = attributes.get(f"{XSI} type", "").rpartition(":")[2].strip()
    nil = attributes.get(f"{XSI} nil", "").strip() in ("true", "1")
    return Start(navn, rom, kind, attributes.get("href", ""), nil)

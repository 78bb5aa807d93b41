"""Looking at everything one visitor can get at: every link is followed, every file opened."""

from __future__ import annotations

import io
import zipfile
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

import pikepdf
from flask.testing import FlaskClient

SKIPPED = ("/innlogging/", "/static/", "/logg-ut", "/logget-ut", "/logg-inn?", "/velg-organisasjon?")
MOST = 600


@dataclass(frozen=True, repr=False)
class Side:
    """One answer. `bit`: it was asked for as a part of a page."""

    rolle: str
    stadium: str
    adresse: str
    status: int
    slag: str
    hoder: dict[str, str]
    innhold: bytes
    bit: bool

    def __str__(self) -> str:
        return f"{self.stadium} {self.rolle} {self.adresse}"

    @property
    def html(self) -> str:
        """The page's source; empty for what is not a page."""
        return self.innhold.decode() if self.slag == "text/html" else ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, bool] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        posts = tag == "form" and given.get("method", "get").lower() == "post"
        for name in ("href", "src", "action", "hx-get"):
            address = given.get(name, "").split("#")[0]
            if address.startswith("/") and not address.startswith(("//", *SKIPPED)) and not posts:
                self.found.setdefault(address, name == "hx-get")


def links(html: str) -> dict[str, bool]:
    """Own addresses a page leads to by GET, and whether each is a part fetched by the page itself."""
    parser = _Links()
    parser.feed(html)
    return parser.found


def crawl(client: FlaskClient, rolle: str, stadium: str, starts: Iterable[tuple[str, bool]]) -> list[Side]:
    """Every page and file the visitor reaches from `starts` (address, whether it is a part), and every redirect."""
    waiting = deque(starts)
    seen: dict[tuple[str, bool], Side] = {}
    while waiting and len(seen) < MOST:
        address, bit = waiting.popleft()
        if (address, bit) in seen:
            continue
        answer = client.get(address, headers={"HX-Request": "true"} if bit else {})
        side = Side(
            rolle,
            stadium,
            address,
            answer.status_code,
            answer.mimetype,
            dict(answer.headers),
            answer.data,
            bit,
        )
        seen[address, bit] = side
        answer.close()
        if answer.location and answer.location.startswith("/") and not answer.location.startswith(SKIPPED):
            waiting.append((answer.location.split("#")[0], False))
        waiting.extend(links(side.html).items())
    assert len(seen) < MOST, (
        "there are more pages than expected: raise MOST, or something links to itself for ever"
    )
    return list(seen.values())


def readable(content: bytes) -> str:
    """Everything that can be read in a file: itself, the parts of a zip, the streams of a PDF."""
    parts = [content]
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    if content[:5] == b"%PDF-":
        with pikepdf.open(io.BytesIO(content)) as document:
            parts += [
                item.read_bytes()
                for item in document.objects
                if isinstance(item, pikepdf.Stream) and _plain(item)
            ]
    return "\n".join(part.decode("utf-8", "replace") + part.decode("latin-1") for part in parts)


def _plain(stream: pikepdf.Stream) -> bool:
    """Whether the stream is text or the like, not a picture that only its viewer can open."""
    return str(stream.get("/Subtype", "")) != "/Image"

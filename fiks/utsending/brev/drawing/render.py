"""WeasyPrint engine: HTML of one letter to a tagged PDF/A-3a and PDF/UA-1; same input, same bytes.

Import only in the drawing process: fonts load at the first letter, never before a fork (Pango's font thread
does not survive one). Portal and services use `child`.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from fiks.utsending.brev.context import Brevkontekst, Brevmal, Logo, context_from_wire, template_from_wire
from fiks.utsending.brev.drawing.accessibility import (
    add_header_id_tree,
    claim_pdf_ua,
    mark_margins_as_artifacts,
)
from fiks.utsending.brev.drawing.glyphs import stabilise_glyphs
from fiks.utsending.brev.drawing.page_boxes import BOXES, check_boxes, foot_size, has_room, sender_html
from fiks.utsending.brev.errors import RenderFeil, SkriftMangler
from fiks.utsending.brev.language.fill import compose
from fiks.utsending.brev.language.letterhead import LOGO_URL, footer
from fiks.utsending.brev.logo import vet_svg

VARIANT = "pdf/a-3a"
FONT_URL = "brev:font/"
FONT_FILES: Mapping[str, tuple[str, int]] = {
    "inter-latin-400-normal.woff2": ("Inter", 400),
    "inter-latin-600-normal.woff2": ("Inter", 600),
    "inter-latin-ext-400-normal.woff2": ("InterExt", 400),
    "inter-latin-ext-600-normal.woff2": ("InterExt", 600),
}
"""Two families on purpose: with one family name for both files WeasyPrint draws wrong glyphs for č, đ and
similar letters.
"""

_MAX_LOGOS = 16
_LOGGER = logging.getLogger("weasyprint")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a page may request by its exact name."""

    data: bytes
    mediatype: str


@dataclass(slots=True)
class _Log(logging.Handler):
    """Collects WeasyPrint's warnings; any warning fails the letter."""

    records: list[logging.LogRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        logging.Handler.__init__(self, logging.WARNING)

    def __hash__(self) -> int:
        return id(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class Assets(URLFetcher):  # type: ignore[misc]
    """URL fetcher that serves exact names from memory only, and records what it served and refused."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        super().__init__(allow_redirects=False)
        self.assets = assets
        self.given: set[str] = set()
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return the asset of exactly this name, or record a refusal and raise."""
        asset = self.assets.get(url)
        if asset is None:
            self.refused.append(url)
            raise ValueError("refused")
        self.given.add(url)
        return URLFetcherResponse(url, asset.data, {"Content-Type": asset.mediatype})


class Engine:
    """Fonts, style sheets and decoded logos of one process. Not thread-safe.

    `fonts`: folder with the four woff2 files of FONT_FILES. Raises SkriftMangler if one cannot be used.
    """

    def __init__(self, fonts: Path) -> None:
        self.pid = os.getpid()
        self.font_config = FontConfiguration()
        self.images: dict[str, Any] = {}
        self.sheets: dict[str, weasyprint.CSS] = {}
        self.senders: dict[str, list[weasyprint.CSS]] = {}
        sheet = (files("fiks.utsending.brev") / "templates" / "brev.css").read_text("utf-8")
        try:
            assets = {
                FONT_URL + name: Asset((fonts / name).read_bytes(), "font/woff2") for name in FONT_FILES
            }
        except OSError as error:
            raise SkriftMangler("SKRIFT_MANGLER") from error
        fetcher, log = Assets(assets), _Log()
        with _captured_warnings(log):
            self.sheet = weasyprint.CSS(
                string=_font_faces() + sheet, font_config=self.font_config, url_fetcher=fetcher
            )
        if log.records or fetcher.refused or fetcher.given != set(assets):
            raise SkriftMangler("SKRIFT_MANGLER")
        self.sizes = {
            name: [weasyprint.CSS(string=rules, font_config=self.font_config) for rules in box.storrelser]
            for name, box in BOXES.items()
        }

    def draw(self, html: str, foot: str, assets: Mapping[str, Asset]) -> tuple[bytes, int]:
        """Draw a letter; return (PDF, number of pages). Raises what `laid_out` raises."""
        with self.laid_out(html, foot, assets) as document:
            return bytes(document.write_pdf(finisher=make_pdf_ua, pdf_variant=VARIANT)), len(document.pages)

    @contextmanager
    def laid_out(self, html: str, foot: str, assets: Mapping[str, Asset]) -> Iterator[weasyprint.Document]:
        """Lay out a letter, for painting inside the block.

        Raises RenderFeil if an asset is unused, anything else is requested, or WeasyPrint logs a warning.
        """
        fetcher, log = Assets(assets), _Log()
        if len(self.images) > 3 * _MAX_LOGOS:
            self.images.clear()
        with _captured_warnings(log):
            document = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url=None).render(
                font_config=self.font_config,
                stylesheets=[self.sheet, self.foot_sheet(foot), *self.sender_sheets(html)],
                cache=self.images,
                pdf_variant=VARIANT,
            )
            _raise_on_warning(fetcher, log)
            check_boxes(document)
            stabilise_glyphs(document)
            yield document
        _raise_on_warning(fetcher, log)
        if any(self.images.get(url) is None for url in assets):
            raise RenderFeil("VEDLEGG_IKKE_BRUKT")

    def foot_sheet(self, foot: str) -> weasyprint.CSS:
        """Return the style sheet that puts the sender's footer on each page."""
        if foot not in self.sheets:
            if len(self.sheets) > _MAX_LOGOS:
                self.sheets.clear()
            quoted = "".join(c if c.isalnum() or c in " ·.,-" else f"\\{ord(c):06x}" for c in foot)
            rule = f'@page {{ @bottom-left {{ content: "{quoted}"{foot_size(foot)} }} }}'
            self.sheets[foot] = weasyprint.CSS(string=rule, font_config=self.font_config)
        return self.sheets[foot]

    def sender_sheets(self, html: str) -> list[weasyprint.CSS]:
        """Return style sheets that write the sender in the largest size that fits, else the smallest.

        They depend on the sender alone, so they are the same in all letters of a mailing, stamped or not.
        """
        sender = sender_html(html)
        if sender not in self.senders:
            if len(self.senders) > _MAX_LOGOS:
                self.senders.clear()
            self.senders[sender] = [self._size(name, sender) for name in BOXES] if sender else []
        return self.senders[sender]

    def _size(self, name: str, sender: str) -> weasyprint.CSS:
        *larger, smallest = self.sizes[name]
        for size in larger:
            alone = weasyprint.HTML(
                string=f"<header>{sender}</header>", url_fetcher=Assets({}), base_url=None
            ).render(font_config=self.font_config, stylesheets=[self.sheet, size])
            if has_room(name, alone):
                return size
        return smallest


class _captured_warnings:
    """Context manager: sends WeasyPrint's log to our handler only."""

    def __init__(self, log: _Log) -> None:
        self.log = log

    def __enter__(self) -> None:
        self.before = _LOGGER.propagate, _LOGGER.level, _LOGGER.disabled, logging.root.manager.disable
        _LOGGER.propagate = _LOGGER.disabled = (
            False  # a program that has silenced it must not hide a missing glyph
        )
        logging.disable(logging.NOTSET)
        _LOGGER.setLevel(logging.WARNING)
        _LOGGER.addHandler(self.log)

    def __exit__(self, *_: object) -> None:
        _LOGGER.removeHandler(self.log)
        _LOGGER.propagate, level, _LOGGER.disabled, disabled_below = self.before
        _LOGGER.setLevel(level)
        logging.disable(disabled_below)


_engines: dict[tuple[int, Path], Engine] = {}
atexit.register(_engines.clear)  # an engine takes its unpacked fonts with it


def engine(fonts: Path) -> Engine:
    """Return this process's engine for a font folder; a fork gets a new one."""
    key = os.getpid(), fonts
    if key not in _engines:
        _engines[key] = Engine(fonts)
    return _engines[key]


def render(mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst, *, fonts: Path) -> bytes:
    """Return the letter as PDF: tagged PDF/A-3a and PDF/UA-1, all fonts embedded, the same bytes for the same input.

    Raises SkriftMangler, MalFeil, BrevFeil (the row does not fill the template) or RenderFeil:
    VEDLEGG_MANGLER, VEDLEGG_IKKE_BRUKT, TEGN_UTEN_SKRIFT (no font has a sign of the row),
    ADRESSE_UTENFOR_VINDU, AVSENDER_I_VINDUET, KONTAKT_FOR_LANG, TEGNING_FEILET.
    """
    return _letter(compose(mal, row, kontekst), kontekst, fonts)


def render_test_letter(mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst, *, fonts: Path) -> bytes:
    """Return the same letter with PRØVEBREV across every page."""
    return _letter(compose(mal, row, kontekst, prove=True), kontekst, fonts)


def warm(fonts: Path) -> None:
    """Load fonts and style sheet now, so that the first letter is as fast as the others."""
    engine(fonts)


def _letter(html: str, kontekst: Brevkontekst, fonts: Path) -> bytes:
    pdf, _ = engine(fonts).draw(html, footer(kontekst), assets_of(kontekst))
    return pdf


@lru_cache(maxsize=16)
def assets_of(kontekst: Brevkontekst) -> Mapping[str, Asset]:
    """Return the files that letters of a mailing show, by name: the logo, if any."""
    logo = kontekst.avsender.logo
    return {LOGO_URL + logo.digest: _logo_asset(logo)} if logo else {}


def _logo_asset(logo: Logo) -> Asset:
    if logo.mediatype == "image/svg+xml":
        return Asset(vet_svg(logo.data).data, logo.mediatype)
    return Asset(logo.data, logo.mediatype)


def _font_faces() -> str:
    return "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{FONT_URL}{name}"); '
        f"font-weight: {weight}; font-style: normal }}\n"
        for name, (family, weight) in FONT_FILES.items()
    )


def _raise_on_warning(fetcher: Assets, log: _Log) -> None:
    if fetcher.refused:
        raise RenderFeil("VEDLEGG_MANGLER", antall=len(fetcher.refused))
    for record in log.records:
        if str(record.msg).startswith(".notdef"):
            raise RenderFeil("TEGN_UTEN_SKRIFT")
        raise RenderFeil("TEGNING_FEILET", melding=str(record.msg))


def make_pdf_ua(document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    """Make a letter conform to PDF/UA-1, and declare it."""
    claim_pdf_ua(pdf)
    add_header_id_tree(pdf)
    mark_margins_as_artifacts(pdf)


def test_letter_wire(mal: list[Any], row: dict[str, str], kontekst: dict[str, Any], fonts: str) -> bytes:
    """Entry point in the child process for `render_test_letter`."""
    return render_test_letter(template_from_wire(mal), row, context_from_wire(kontekst), fonts=Path(fonts))


def warm_wire(fonts: str) -> None:
    """Entry point in the child process for `warm`."""
    warm(Path(fonts))

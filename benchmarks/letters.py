"""The ready tax note, drawn naively, with everything shared, and stamped: turn about in one process, fresh receivers.

CPU time, medians of rounds; what is drawn is tagged PDF/A each time. Stamping is timed over many letters at once, with
the plans made for them in the same round, and once more without those.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from importlib.resources import files
from itertools import cycle
from statistics import median

import weasyprint
from fontTools.ttLib import TTFont
from weasyprint.text.fonts import FontConfiguration

from benchmarks.report import Figure, Report
from config.paths import FONTS
from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal, bundled_template, compose, vet_svg
from fiks.utsending.brev.drawing import render as drawing
from fiks.utsending.brev.language.letterhead import LOGO_URL, footer
from fiks.utsending.brev.stamping.press import Press
from testmiljo.demo import LILLEVIK
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.seed import load_kommune

ROUNDS, QUICK_ROUNDS = 8, 3
PER_ROUND, STAMPED = 4, 500
ROWS = 10_000
LEAST_RATIO, QUICK_RATIO = 100.0, 60.0
Row = Mapping[str, str]


@dataclass(slots=True)
class _Round:
    """Seconds of CPU for one letter of each kind, in one round."""

    naive: float
    shared: float
    stamped: float
    settled: float


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` fewer rounds and a lower limit."""
    mal, kontekst = replace(bundled_template("eiendomsskatt"), hurtig=True), context()
    receivers, press = cycle(rows()), Press(drawing.engine(FONTS))
    draw = partial(drawing.render, mal, kontekst=kontekst, fonts=FONTS)
    naive = partial(_naive, mal, kontekst=kontekst)
    for warm in (draw, naive):
        warm(next(receivers))
    rounds, sizes = [], dict[str, int]()
    for _ in range(QUICK_ROUNDS if quick else ROUNDS):
        rounds.append(_round(naive, draw, press, receivers, (mal, kontekst), sizes))
    return _report(rounds, sizes, press, quick=quick)


def _round(
    naive: Callable[[Row], bytes],
    draw: Callable[[Row], bytes],
    press: Press,
    rows: Iterator[Row],
    common: tuple[Brevmal, Brevkontekst],
    sizes: dict[str, int],
) -> _Round:
    slow = [next(rows) for _ in range(PER_ROUND)]
    many = [next(rows) for _ in range(STAMPED)]
    mal, kontekst = common
    times = []
    for name, drawer, some in (("naive", naive, slow), ("shared", draw, slow)):
        began = time.process_time()
        for row in some:
            sizes[name] = len(drawer(row))
        times.append((time.process_time() - began) / len(some))
    for _ in range(2):
        began = time.process_time()
        done = [press.letter(mal, row, kontekst) for row in many]
        times.append((time.process_time() - began) / len(many))
        sizes["stamped"] = len(done[-1].pdf)
        for block in (block for shape in press.shapes.values() if shape for block in shape.blocks):
            block.known.clear()
    return _Round(*times)


def _report(rounds: list[_Round], sizes: dict[str, int], press: Press, *, quick: bool) -> Report:
    naive, shared, stamped, settled = (
        1000 * median(getattr(one, name) for one in rounds)
        for name in ("naive", "shared", "stamped", "settled")
    )
    limit = QUICK_RATIO if quick else LEAST_RATIO
    return Report(
        "letters, one core, tagged PDF/A-3a",
        [
            Figure("naive WeasyPrint", naive, "ms CPU"),
            Figure("WeasyPrint, everything shared", shared, "ms CPU"),
            Figure("stamped, plans made on the way", stamped, "ms CPU"),
            Figure("stamped, plans there already", settled, "ms CPU"),
            Figure("naive / stamped", naive / stamped, "×", limit, at_least=True),
            Figure("naive / stamped, plans there already", naive / settled, "×"),
            Figure("shared / stamped", shared / stamped, "×"),
            Figure("letters a second and core", 1000 / stamped, "letters/s"),
            Figure("letters laid out for plans", float(press.compiled), ""),
            Figure("naive letter", sizes["naive"] / 1024, "kB"),
            Figure("stamped letter", sizes["stamped"] / 1024, "kB"),
        ],
    )


def _naive(mal: Brevmal, row: Row, kontekst: Brevkontekst) -> bytes:
    """As one does it the first time: everything loaded and parsed anew for each letter."""
    fonts = {
        drawing.FONT_URL + name: drawing.Asset(_unpacked(name), "font/ttf") for name in drawing.FONT_FILES
    }
    logo = kontekst.avsender.logo
    logos = {LOGO_URL + logo.digest: drawing.Asset(logo.data, logo.mediatype)} if logo else {}
    faces = "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{drawing.FONT_URL}{name}"); font-weight: {weight} }}'
        for name, (family, weight) in drawing.FONT_FILES.items()
    )
    sheet = (files("fiks.utsending.brev") / "templates" / "brev.css").read_text("utf-8")
    foot = f'@page {{ @bottom-left {{ content: "{footer(kontekst)}" }} }}'
    html = compose(mal, row, kontekst).replace("</head>", f"<style>{faces}{sheet}{foot}</style></head>", 1)
    document = weasyprint.HTML(string=html, url_fetcher=drawing.Assets({**fonts, **logos}))
    pdf: bytes = document.write_pdf(font_config=FontConfiguration(), pdf_variant=drawing.VARIANT)
    return pdf


@cache
def _unpacked(name: str) -> bytes:
    """A font as TrueType, unpacked once: to unpack our WOFF2 for each letter would take more than drawing it."""
    font, unpacked = TTFont(FONTS / name), io.BytesIO()
    font.flavor = None
    font.save(unpacked)
    return unpacked.getvalue()


def context() -> Brevkontekst:
    """Lillevik's mailing of tax notes."""
    facts = load_kommune(LILLEVIK)
    sender = Avsender(
        navn=facts.navn,
        orgnr=facts.orgnr,
        kommunenr=facts.kommunenr,
        adresselinjer=(facts.adresselinje1,),
        postnr=facts.postnr,
        poststed=facts.poststed,
        epost="eiendomsskatt@lillevik.kommune.example",
        telefon="00 00 00 00",
        apningstid="Mandag–fredag 9–15",
        nett="lillevik.kommune.example",
        logo=vet_svg(facts.logo) if facts.logo else None,
    )
    return Brevkontekst(sender, "Eiendomsskatt 2027", date(2027, 2, 22), date(2027, 3, 1))


def rows() -> list[dict[str, str]]:
    """Generated rows of tax notes."""
    folder = make_folder(VAR / "benchmarks" / f"lister-{ROWS}", ROWS)
    with (folder / "eiendomsskatt.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))

"""The ready tax note, drawn naively and as we draw it, turn about in one process with fresh receivers each round.

CPU time for what is drawn here, wall time for what a child process draws; medians. Fast rendering (layout once, stamp
many) is a later change; this is the ground it will be measured against.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from importlib.resources import files
from itertools import cycle
from statistics import median

import weasyprint
from weasyprint.text.fonts import FontConfiguration

from benchmarks.report import Figure, Report
from config.paths import FONTS
from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal, Brevtrykker, compose, ready_template, vet_svg
from fiks.utsending.brev import render as drawing
from fiks.utsending.brev.letter import LOGO_URL, footer
from testmiljo.demo import LILLEVIK
from testmiljo.folders import VAR
from testmiljo.lists import make_folder
from testmiljo.seed import load_kommune

ROUNDS, QUICK_ROUNDS = 12, 3
PER_ROUND = 5
LEAST_RATIO = 1.2
Row = Mapping[str, str]
Draw = Callable[[Row], bytes]


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` a quarter of the letters."""
    mal, kontekst, rows = ready_template("eiendomsskatt"), _context(), cycle(_rows())
    printer = Brevtrykker(FONTS)
    drawers: dict[str, tuple[Draw, Callable[[], float]]] = {
        "naive": (lambda row: _naive(mal, row, kontekst), time.process_time),
        "shared": (lambda row: drawing.render(mal, row, kontekst, fonts=FONTS), time.process_time),
        "child": (lambda row: printer.letter(mal, row, kontekst), time.perf_counter),
    }
    try:
        taken, sizes = _in_turn(drawers, rows, QUICK_ROUNDS if quick else ROUNDS)
    finally:
        printer.close()
    naive, shared, child = (1000 * median(taken[name]) for name in drawers)
    return Report(
        "letters, one core",
        [
            Figure("naive WeasyPrint", naive, "ms CPU"),
            Figure("ours, in process", shared, "ms CPU"),
            Figure("ours, as the workers do it (child process)", child, "ms wall"),
            Figure("naive / ours", naive / shared, "×", LEAST_RATIO, at_least=True),
            Figure("letters a second and core, as the workers do it", 1000 / child, "letters/s"),
            Figure("naive letter", sizes["naive"] / 1024, "kB"),
            Figure("our letter", sizes["shared"] / 1024, "kB"),
        ],
    )


def _in_turn(
    drawers: Mapping[str, tuple[Draw, Callable[[], float]]], rows: Iterator[Row], rounds: int
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """({name: seconds of each letter}, {name: bytes of the last letter}); a first letter is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in drawers}
    sizes: dict[str, int] = {}
    for draw, _ in drawers.values():
        draw(next(rows))
    for _ in range(rounds):
        for name, (draw, clock) in drawers.items():
            for _ in range(PER_ROUND):
                row = next(rows)
                began = clock()
                sizes[name] = len(draw(row))
                taken[name].append(clock() - began)
    return taken, sizes


def _naive(mal: Brevmal, row: Row, kontekst: Brevkontekst) -> bytes:
    """As one does it the first time: everything loaded and parsed anew for each letter."""
    fonts = {
        drawing.FONT_URL + name: drawing.Asset((FONTS / name).read_bytes(), "font/woff2")
        for name in drawing.FONT_FILES
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


def _context() -> Brevkontekst:
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


def _rows() -> list[dict[str, str]]:
    folder = make_folder(VAR / "benchmarks" / "lister-200", 200)
    with (folder / "eiendomsskatt.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))

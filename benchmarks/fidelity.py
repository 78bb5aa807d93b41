"""Whether stamped letters look and read as WeasyPrint draws them: pixels at 144 dpi, and text, letter by letter.

Rows by chance, the same each time, and strange values. That nothing was stamped, or nothing drawn, is a failure too.
"""

from __future__ import annotations

import random
from dataclasses import replace

from benchmarks.letters import context, rows
from benchmarks.report import Figure, Report
from config.paths import FONTS
from fiks.core.errors import FiksError
from fiks.utsending.brev import bundled_template
from fiks.utsending.brev.drawing import render as drawing
from fiks.utsending.brev.stamping.comparison import same_letter
from fiks.utsending.brev.stamping.press import Press

LETTERS, QUICK_LETTERS = 300, 40
SEED = 20270227
LEAST_STAMPED = 0.9
STRANGE = (
    "Иван Петров",
    "محمد علي",
    "李小龙",
    "Ola 😀 Nordmann",
    "A\u030ase Bjo\u0308rn",
    "Q" * 120,
    "<b>x</b> & y",
    "Nguyễn Thị Ánh Tuyết Đặng",
    "Čáhput Đoski ŊŠŦŽ",
    "Eigedoms\u00adskatte\u00adkontoret",
    "Per-Christian-Magnus-Johannes-Sebastian Haugen-Kristoffersen-Bjørnstad-Ødegård",
)


def run(*, quick: bool) -> Report:
    """Run the benchmark; with `quick` on fewer letters."""
    mal, kontekst = replace(bundled_template("eiendomsskatt"), hurtig=True), context()
    press = Press(drawing.engine(FONTS))
    ordinary = random.Random(SEED).sample(list(rows()), QUICK_LETTERS if quick else LETTERS)
    strange = [
        {**ordinary[n], field: value} for n, value in enumerate(STRANGE) for field in ("navn", "medeiere")
    ]
    stamped = differ = refused = fast = 0
    for nr, row in enumerate([*ordinary, *strange]):
        try:
            plain = drawing.render(mal, row, kontekst, fonts=FONTS)
            done = press.letter(mal, row, kontekst)
        except FiksError:
            refused += 1
            continue
        stamped += done.stemplet
        fast += done.stemplet and nr < len(ordinary)
        differ += not same_letter(done.pdf, plain)
    drawn = len(ordinary) + len(strange) - refused
    return Report(
        "fidelity",
        [
            Figure("letters compared", drawn, "letters", len(ordinary), at_least=True),
            Figure("of them with strange values", len(strange) - refused, "letters"),
            Figure("stamped", stamped, "letters"),
            Figure("of the others stamped", fast, "letters", LEAST_STAMPED * len(ordinary), at_least=True),
            Figure("with other pixels or text", differ, "letters", 0),
        ],
    )

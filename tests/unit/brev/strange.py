"""Rows nobody would send on purpose, and many that somebody might: what stamped letters are compared on."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.unit.brev.letters import given_rows

HOSTILE = [
    "Иван Петров",
    "محمد علي",
    "李小龙",
    "Ola 😀 Nordmann",
    "A\u030ase Bjo\u0308rn A\u0327\u0323",
    "Q" * 120,
    "a b " * 30 + "x",
    "<b>x</b> & <script>alert(1)</script>",
    "</span><span data-v='1'>1</span>",
    "Nguyễn Thị Ánh Tuyết Đặng",
    "Eigedoms\u00adskatte\u00adkontoret",
    "Ola\u00a0\u00a0Nordmann",
    "Ola\u200bNord\u200dmann",
    "Ola\u202eNordmann",
    "Ola\u2028Nordmann",
    "Łukasz Żółć-Świątek",
    "Čáhput Đoski ŊŠŦŽ",
    "O’Neil “Q” – ‘x’ …",
    "Office Filflå Affi -> <- 1x2 (A) [B] A:B 12:30 A-B 3×4",
    "١٢٣ ४५६",
    "ǅ ĳ ŉ ſ",
    "Per-Christian-Magnus-Aleksander-Johannes-Sebastian Haugen-Kristoffersen-Bjørnstad-Ødegård",
    "x",
    "-",
    "((navn)) {{7*7}} \\* |",
    "‰ 3,1 ‰",
    "€ 100 $ 5 £ 3",
]
"""Scripts we do not shape, signs that break or join, words wider than the page, and marks that change their look."""

_FIRST = [
    "Kari",
    "Per-Olav",
    "Åse",
    "Bjørn Ivar",
    "Anne-Grethe",
    "Øyvind",
    "Li",
    "Wenche Elisabeth",
    "Máret",
    "Zoë",
]
_LAST = [
    "Li",
    "Ødegård-Haugen",
    "Nordmann",
    "Bakke",
    "Sæther",
    "Kristoffersen",
    "Näs",
    "Vågå",
    "D’Angelo",
    "Berg",
]
_COMPANIES = ["Borettslaget", "Eiendomsselskapet", "Utleie & Forvaltning", "Sameiet", "Hytteforeningen"]
_TAILS = ["AS", "ANS", "DA", "BA (under avvikling)", "v/ styreleder Kari Nordmann, 4. etasje"]
_STREETS = ["Skogstihaugen", "Øvre Storgate", "Kirkeveien", "Fv. 47", "Gamle Kongsvei", "Åsvegen"]


def people(count: int, seed: int) -> Iterator[dict[str, str]]:
    """Ordinary rows of random names, addresses, amounts, owners and terms; `seed` decides which."""
    choice = random.Random(seed)
    rows = given_rows()
    for _ in range(count):
        row = dict(choice.choice(rows))
        row["navn"] = _name(choice) if choice.random() < 0.8 else _company(choice)
        row["adresselinje1"] = (
            f"{choice.choice(_STREETS)} {choice.randint(1, 399)}{choice.choice(['', 'B', ' H0203'])}"
        )
        row["adresselinje2"] = choice.choice(["", "", f"c/o {_name(choice)}"])
        row["eiendomsadresse"] = f"{choice.choice(_STREETS)} {choice.randint(1, 399)}"
        row["medeiere"] = "; ".join(_name(choice) for _ in range(choice.choice([0, 0, 1, 2, 8])))
        row["takst"] = f"{choice.randint(1, 99_999) * 1000},00"
        row["bunnfradrag"] = choice.choice(["", "600000,00", "99999999,00"])
        row["malform"] = choice.choice(["", "nb", "nn"])
        yield row


def _name(choice: random.Random) -> str:
    return f"{choice.choice(_FIRST)} {choice.choice(_LAST)}"


def _company(choice: random.Random) -> str:
    return " ".join([*choice.sample(_COMPANIES, choice.randint(1, 4)), choice.choice(_TAILS)])

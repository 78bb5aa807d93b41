"""`fiks print …`: manual acts of operations on print orders and print houses."""

from __future__ import annotations

import argparse
from pathlib import Path
from uuid import UUID

from fiks.core.actor import KOMMANDO
from fiks.core.crypto.cms_writer import load_certificate
from fiks.core.errors import Konflikt
from fiks.print import print_houses, queries
from fiks.print.operations import manual_decision, move_order
from workers.console import read_file
from workers.process import Process


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `fiks print`."""
    acts = parser.add_subparsers(dest="handling", required=True)
    move = acts.add_parser("flytt", help="la et annet trykkeri skrive ut en ordre som ikke er trykt")
    move.add_argument("referanse", type=UUID)
    move.add_argument("hus", metavar="HUS", help="koden til trykkeriet som skal ha den")
    move.add_argument("--grunn", required=True, help="hvorfor; står i revisjonsloggen")
    end = acts.add_parser("avslutt", help="trykkeriet har skrevet hva det ble av en ordre uten kvittering")
    end.add_argument("referanse", type=UUID)
    answer = end.add_mutually_exclusive_group(required=True)
    answer.add_argument("--trykt", action="store_true", help="den er trykt og postlagt")
    answer.add_argument("--ikke-trykt", action="store_true", help="den er ikke trykt, og blir det aldri")
    end.add_argument("--grunn", required=True, help="hvem som skrev det, og når; står i revisjonsloggen")
    settle = acts.add_parser(
        "avgjor", help="et trykkeri som er borte, har skrevet om det fikk en uavklart pakke"
    )
    settle.add_argument("pakke", type=UUID)
    answer = settle.add_mutually_exclusive_group(required=True)
    answer.add_argument("--har", action="store_true", help="trykkeriet har pakken")
    answer.add_argument(
        "--har-ikke", action="store_true", help="trykkeriet har den ikke: ordrene kan flyttes"
    )
    settle.add_argument("--grunn", required=True, help="hvem som skrev det, og når; står i revisjonsloggen")
    acts.add_parser("avvik", help="vis referanser som trykkeriets bøker og våre er uenige om")
    acts.add_parser("hus", help="vis trykkeriene: klasser, adresse, sertifikat og ordrer som venter")
    new = acts.add_parser("nytt-hus", help="inngå avtale med et trykkeri til")
    new.add_argument("hus", metavar="HUS", help="koden, som i innstillingen PRINT_HUS")
    new.add_argument("--navn", required=True)
    _add_terms(new)
    terms = acts.add_parser("avtale", help="vis eller endre avtalen med et trykkeri")
    terms.add_argument("hus", metavar="HUS")
    _add_terms(terms)


def _add_terms(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for the terms agreed with a print house."""
    parser.add_argument("--klasser", metavar="KLASSE,…", help="NORMAL, UNNTATT_OFFENTLIGHETEN eller begge")
    parser.add_argument("--prioritet", type=int, metavar="N", help="1 til 1000; laveste får ordrene")
    parser.add_argument("--aktiv", choices=["ja", "nei"], help="nei: får ingen ordrer")
    parser.add_argument("--brev-per-pakke", type=int, metavar="N", help="1 til 1000")
    parser.add_argument(
        "--ventetid", type=int, metavar="SEKUNDER", help="lengste ventetid før en pakke lages"
    )
    parser.add_argument("--samlefil", choices=["ja", "nei"], help="én PDF for hele pakken")
    parser.add_argument("--c5-ark", type=int, metavar="N", help="flest ark i en C5-konvolutt")
    parser.add_argument("--c4-ark", type=int, metavar="N", help="flest ark i en C4-konvolutt")
    parser.add_argument("--sertifikat", type=Path, metavar="FIL", help="PEM som brevene krypteres til")


def run(process: Process, options: argparse.Namespace) -> int:
    """Do one act and print the result."""
    with process.app.app_context():
        try:
            print(ACTS[options.handling](process, options))
        except Konflikt as error:
            if error.kode not in REFUSED:
                raise
            raise ValueError(f"{error.kode}: {REFUSED[error.kode]}") from error
    return 0


REFUSED = {
    "ORDREN_VENTER_IKKE_PA_KVITTERING": "Bare en ordre som et trykkeri har fått og ikke svart på, kan avsluttes.",
    "PAKKEN_ER_IKKE_UAVKLART": "Det er ikke tvil om hvor pakken er, eller den sendes nå.",
    "PAKKEN_ER_I_KARANTENE": "Den siste sendingen kan være underveis ennå. Prøv igjen om en halv time.",
    "PAKKEN_ER_HOS_TRYKKERIET": "Trykkeriet har svart på en av ordrene i pakken, eller har den i listen sin.",
    "TRYKKERIET_ER_I_BRUK": "Ta trykkeriet ut av bruk først: fiks print avtale HUS --aktiv nei",
    "TRYKKERIET_KAN_SPORRES": (
        "Trykkeriet har en adresse i innstillingene, og blir spurt om pakken av seg selv hvert minutt. "
        "Er det borte for godt, tar du bort adressen først."
    ),
}
"""Explanations for refused acts that a person may believe are the last way out."""


def _move(process: Process, options: argparse.Namespace) -> str:
    move_order.move_order(
        options.referanse,
        options.hus,
        grunn=options.grunn,
        houses=process.houses,
        vern=process.vern,
        actor=KOMMANDO,
    )
    return f"Ordre {options.referanse} er flyttet til {options.hus}."


def _end(process: Process, options: argparse.Namespace) -> str:
    end = manual_decision.confirm_printed if options.trykt else manual_decision.confirm_not_printed
    end(options.referanse, grunn=options.grunn, actor=KOMMANDO)
    if options.trykt:
        return f"Ordre {options.referanse} er trykt."
    return f"Ordre {options.referanse} er ikke trykt. Kommunen kan prøve igjen fra siden til brevet."


def _settle(process: Process, options: argparse.Namespace) -> str:
    settle = manual_decision.confirm_has_package if options.har else manual_decision.confirm_has_not_package
    settle(options.pakke, grunn=options.grunn, houses=process.houses, actor=KOMMANDO)
    if options.har:
        return f"Pakke {options.pakke} er hos trykkeriet."
    return f"Pakke {options.pakke} er ikke hos trykkeriet. Flytt ordrene i den: fiks print flytt"


def _disagreements(process: Process, options: argparse.Namespace) -> str:
    found = queries.disagreements()
    lines = [
        f"{one.funnet.isoformat(timespec='seconds')}  {one.leverandor:<16}  {one.art:<18}  {one.referanse}"
        for one in found
    ]
    return "\n".join(lines) or "Ingen avvik."


def _houses(process: Process, options: argparse.Namespace) -> str:
    reachable = {house.kode for house in process.settings.print_houses}
    return "\n".join(_house_line(one, one.avtale.kode in reachable) for one in print_houses.overview())


def _house_line(one: print_houses.Trykkeristand, reachable: bool) -> str:
    parts = [
        f"får {', '.join(one.far) or 'ingen nye ordrer'}",
        "adresse" if reachable else "INGEN ADRESSE",
        f"{one.venter} ordrer venter",
    ]
    return f"{one.avtale.kode}: {'; '.join(parts)}\n  {_terms_line(one.avtale)}"


def _new(process: Process, options: argparse.Namespace) -> str:
    return _terms_line(print_houses.add_house(options.hus, options.navn, _vilkar(options), actor=KOMMANDO))


def _terms(process: Process, options: argparse.Namespace) -> str:
    return _terms_line(print_houses.change_agreement(options.hus, _vilkar(options), actor=KOMMANDO))


def _vilkar(options: argparse.Namespace) -> print_houses.Vilkar:
    return print_houses.Vilkar(
        brev_per_pakke=options.brev_per_pakke,
        ventetid_sekunder=options.ventetid,
        samlefil=_yes(options.samlefil),
        sertifikat=None if options.sertifikat is None else read_file(options.sertifikat),
        klasser=None if options.klasser is None else tuple(options.klasser.split(",")),
        prioritet=options.prioritet,
        aktiv=_yes(options.aktiv),
        c5_ark=options.c5_ark,
        c4_ark=options.c4_ark,
    )


def _yes(answer: str | None) -> bool | None:
    return None if answer is None else answer == "ja"


def _terms_line(now: print_houses.Avtale) -> str:
    return (
        f"{now.navn}: {now.brev_per_pakke} brev per pakke, ventetid {now.ventetid_sekunder} s, "
        f"samlefil {_yes_or_no(now.samlefil)}, sertifikat {_until(now.sertifikat)}, "
        f"klasser {', '.join(now.klasser)}, prioritet {now.prioritet}, "
        f"C5 {now.c5_ark} ark, C4 {now.c4_ark} ark, aktiv {_yes_or_no(now.aktiv)}"
    )


def _yes_or_no(answer: bool) -> str:
    return "ja" if answer else "nei"


def _until(sertifikat: str | None) -> str:
    if sertifikat is None:
        return "nei"
    return f"til {load_certificate(sertifikat.encode()).not_valid_after_utc:%d.%m.%Y}"


ACTS = {
    "flytt": _move,
    "avslutt": _end,
    "avgjor": _settle,
    "avvik": _disagreements,
    "hus": _houses,
    "nytt-hus": _new,
    "avtale": _terms,
}

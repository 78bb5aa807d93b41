"""Paper in the demo: the print house's certificate in its agreement, and a konto that prints its letters itself."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from uuid import UUID

from fiks.core.actor import system
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.konto.rules import Printleverandor
from fiks.konfigurasjon.rules import P
from fiks.print import print_houses
from fiks.print.print_houses import Vilkar
from fiks.print.rules import Konfidensialitetsklasse
from testmiljo.letters import Brevplan, Entry, send_letters
from testmiljo.machines import Fagsystem
from testmiljo.seed import Seeded

ROOT = system("testmiljo")
PACKAGE, PACKAGE_SECONDS = 200, 1
"""What the demo agrees on: full packages in a mass mailing, and a letter alone does not wait long for others."""
KONTO = "Servicetorget"
PRINTS = ("Saksbehandler", "Saksbehandler og godkjenner")


def _on_paper(krr: Entry) -> bool:
    return bool(krr["reservert"])


PLAN = (
    Brevplan("Svar på søknad om startlån", "startlan-201", _on_paper),
    Brevplan("Vedtak om skjenkebevilling", "bevilling-202", _on_paper),
    Brevplan("Varsel om feiing", "feiing-203", _on_paper),
)
"""What the konto sends: to people who have said no to digital post."""


def agree_with_house(path: Path, *, letters: int = 1, wait_seconds: int = 0) -> None:
    """Agree with the print house on its certificate of `path` and on packages, unless it is so; in an app context.

    A package is made of so many letters, or when the oldest has waited so long.
    """
    pem = path.read_bytes()
    house = print_houses.house_for_class(Konfidensialitetsklasse.NORMAL)
    assert house is not None, "the schema comes with a print house"
    agreed = house.sertifikat, house.brev_per_pakke, house.ventetid_sekunder
    if agreed != (pem.decode("ascii"), letters, wait_seconds):
        vilkar = Vilkar(sertifikat=pem, brev_per_pakke=letters, ventetid_sekunder=wait_seconds)
        print_houses.change_agreement(house.kode, vilkar, actor=ROOT)


def make_konto(seeded: Seeded) -> UUID:
    """A konto of the kommune that prints its letters itself, made once; `seeded` is told of it. In an app context."""
    if KONTO not in seeded.kontoer:
        made = konfigurasjon.create_konto(
            seeded.organisasjon_id,
            visningsnavn=KONTO,
            avsender=f"servicetorget-{seeded.organisasjon_id}",
            actor=ROOT,
            printleverandor=str(Printleverandor.MANUELL_PRINT),
        )
        for role, right in product(PRINTS, (P.SENDE, P.LESE)):
            konfigurasjon.grant_privilegium(seeded.personer[role], right, made, actor=ROOT)
        seeded.kontoer[KONTO] = made
    return seeded.kontoer[KONTO]


def send_to_print(seeded: Seeded, folder: Path, fagsystem: Fagsystem) -> list[UUID]:
    """Letters from the fagsystem for the konto's queue; doing it again makes no more. In an app context."""
    return send_letters(seeded, folder, fagsystem, PLAN, KONTO)

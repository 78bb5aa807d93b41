"""Rules for what a person writes about an integrasjon (konfigurasjon.md 5.1): pure checks, all faults at
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fiks.core.errors import UgyldigInndata
from fiks.core.values.identifiers import is_orgnr, mask_numbers
from fiks.konfigurasjon.rules import INTEGRASJON_KODE, TJENESTER, Definisjon, for_machines

MAX_NAME, MAX_TEXT = 200, 1_000


@dataclass(frozen=True, slots=True)
class Integrasjonsfakta:
    """What a person writes about an integrasjon. `autorisert_orgnr` is the organisation that calls, normally
    the supplier.

    `tjenester` are codes of the services it is meant for: information for those who give it access, not
    access itself.
    """

    navn: str
    autorisert_orgnr: str
    beskrivelse: str = ""
    tjenester: Sequence[str] = ()

    def tidied(self) -> Integrasjonsfakta:
        """Return the same facts without extra spaces and duplicate services."""
        return Integrasjonsfakta(
            " ".join(self.navn.split()),
            "".join(self.autorisert_orgnr.split()),
            self.beskrivelse.strip(),
            sorted(set(self.tjenester)),
        )

    def faults(self) -> dict[str, str]:
        """Return field to fault code, in page order."""
        tidy, faults = self.tidied(), dict[str, str]()
        if not 2 <= len(tidy.navn) <= MAX_NAME or not tidy.navn.isprintable():
            faults["navn"] = "INTEGRASJON_NAVN_UGYLDIG"
        if len(tidy.beskrivelse) > MAX_TEXT:
            faults["beskrivelse"] = "INTEGRASJON_BESKRIVELSE_UGYLDIG"
        for felt, text in (("navn", tidy.navn), ("beskrivelse", tidy.beskrivelse)):
            if mask_numbers(text) != text:
                faults[felt] = "TEKST_MED_FNR"
        if not is_orgnr(tidy.autorisert_orgnr):
            faults["autorisert_orgnr"] = "ORGNR_UGYLDIG"
        if not set(tidy.tjenester) <= {t.kode for t in TJENESTER}:
            faults["tjenester"] = "TJENESTE_UKJENT"
        return faults

    def checked(self) -> Integrasjonsfakta:
        """Return the tidied facts; raises UgyldigInndata for the first fault, with its field."""
        for felt, kode in self.faults().items():
            raise UgyldigInndata(kode, felt=felt)
        return self.tidied()


def code_fault(kode: str) -> bool:
    """Return whether this is not a valid code of a global integrasjon."""
    return INTEGRASJON_KODE.fullmatch(kode) is None


def requested_fault(forespurte: Sequence[Definisjon]) -> bool:
    """Return whether a global integrasjon cannot request these privileges: there are none, or a machine may
    not hold one of them.
    """
    return not forespurte or not set(forespurte) <= set(for_machines())

"""Rules about persons: their data as an organisation gives it, and whether two spellings of a name may be the
same person's.

A grant goes to whoever has the number, so the name a page states is checked against it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from fiks.core.values.identifiers import is_fnr
from fiks.konfigurasjon.field_rules import (
    Feltfeil,
    email_fault,
    faults_by_field,
    line_fault,
    missing_fault,
    person_name_fault,
    phone_fault,
)
from fiks.konfigurasjon.rules import norwegian_order


@dataclass(frozen=True, slots=True)
class Personopplysninger:
    """A person as an organisation names them: `fnr` is eleven digits and is never printed."""

    fnr: str = field(repr=False)
    navn: str
    tittel: str = ""
    epost: str = ""
    telefon: str = ""

    def faults(self) -> dict[str, Feltfeil]:
        """Return field to fault code. The use case decides whether a synthetic number is allowed."""
        return faults_by_field(
            [
                (
                    "fnr",
                    missing_fault(self.fnr)
                    or (None if is_fnr("".join(self.fnr.split())) else Feltfeil.FNR_UGYLDIG),
                ),
                ("personnavn", missing_fault(self.navn) or person_name_fault(self.navn)),
                ("tittel", line_fault(self.tittel)),
                ("epost", email_fault(self.epost) if self.epost else None),
                ("telefon", phone_fault(self.telefon) if self.telefon else None),
            ]
        )


_WORD = re.compile(r"\w+")


def may_be_name_of(navn: str, written: str) -> bool:
    """Return whether `written` may mean the person named `navn`: one of the two contains every word of the
    other.

    Case, accents, spaces, hyphens and word order are ignored, and middle names may be omitted; a single word
    is enough only for a person with a single name. A person without a known name matches any.
    """
    known, said = _words(navn), _words(written)
    if not known:
        return True
    enough = len(said) >= min(2, len(known))
    return enough and (said <= known or known <= said)


def is_exact_name(navn: str, written: str) -> bool:
    """Return whether `written` is the name word for word: as `may_be_name_of`, but no name may be omitted or
    added.

    Used where more is at stake than an organisation's own administrators decide: the platform, or a whole
    organisation.
    """
    return not _words(navn) or _words(navn) == _words(written)


def _words(navn: str) -> frozenset[str]:
    return frozenset(map(norwegian_order, _WORD.findall(unicodedata.normalize("NFC", navn))))

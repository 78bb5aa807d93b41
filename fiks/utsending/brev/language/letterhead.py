"""The sender on a letter's pages: letterhead and footer. The same in every letter of a mailing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from fiks.utsending.brev.context import Avsender, Brevkontekst
from fiks.utsending.brev.language.formats import HOLE, NBSP

LOGO_URL = "brev:logo-"


def escape_text(text: str) -> str:
    """Escape text of the template or the sender."""
    return escape(text).replace(HOLE, "\ufffd")


def footer(kontekst: Brevkontekst) -> str:
    """Return the footer of every page; the same in every letter of a mailing."""
    a = kontekst.avsender
    place = f"{a.postnr} {a.poststed}".strip()
    parts = (a.navn, *a.adresselinjer, place, f"Org.nr. {a.orgnr}" if a.orgnr else "", a.nett)
    return " · ".join(part for part in parts if part)


def letterhead(a: Avsender) -> str:
    """Return the HTML of the sender: logo, postal address and contact details."""
    logo = ""
    if a.logo:
        logo = f'<img class="logo" src="{LOGO_URL}{a.logo.digest}" alt="{escape_text(a.navn)}">'
    place = f"{a.postnr}{NBSP}{a.poststed}" if a.postnr else a.poststed
    post = _lines((*a.adresselinjer, place))
    contact = _lines((a.apningstid, a.telefon and f"Telefon {a.telefon}", a.epost, a.nett))
    indent = "" if a.logo else " utenlogo"
    return (
        f'{logo}<p class="avsender{indent}"><strong>{escape_text(a.navn)}</strong><br>{post}</p>'
        f'<p class="kontakt">{contact}</p>'
    )


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(escape_text(line) for line in lines if line)

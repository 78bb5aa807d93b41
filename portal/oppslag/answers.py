"""Results of register look-ups, as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from fiks.core.values.identifiers import Fnr
from fiks.registeroppslag.rules import (
    Enhetstatus,
    Kontaktsvar,
    Personsvar,
    Registeradresse,
    Registernavn,
    Virksomhet,
)
from portal.texts import oppslag
from portal.texts.frame import NOT_GIVEN

Ledd = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, repr=False)
class Svar:
    """`ledd`: facts as pairs; `merknad` stands instead of them or above. No repr: it holds personal data."""

    tittel: str
    ledd: Ledd
    merknad: str
    logget: str


def of_contact(found: Kontaktsvar, nummer: Fnr) -> Svar:
    """KRR's answer about a person, identified by the masked number only."""
    facts = [
        ("Gjelder", nummer.masked),
        ("Reservert mot digital kommunikasjon", _yes_or_no(found.reservert)),
        ("Digital postkasse", oppslag.POSTKASSER.get(found.postkasse or "", found.postkasse or "Ingen")),
        ("Kan varsles på e-post eller SMS", _yes_or_no(found.kan_varsles)),
    ]
    if found.strengt_fortrolig:
        return _of_person(Registernavn.KRR, [], oppslag.STRENGT_FORTROLIG)
    if not found.registrert:
        return _of_person(Registernavn.KRR, [], oppslag.KONTAKT_UKJENT)
    return _of_person(Registernavn.KRR, facts)


def of_person(found: Personsvar) -> Svar:
    """Folkeregisteret's answer about a person."""
    if found.strengt_fortrolig:
        return _of_person(Registernavn.FOLKEREGISTER, [], oppslag.STRENGT_FORTROLIG)
    if not found.funnet or found.status is None:
        return _of_person(Registernavn.FOLKEREGISTER, [], oppslag.PERSON_UKJENT)
    address = "Vises ikke, fordi adressen er fortrolig" if found.adresse_skjult else one_line(found.adresse)
    return _of_person(
        Registernavn.FOLKEREGISTER,
        [("Navn", found.navn), ("Status", oppslag.PERSONSTATUSER[found.status]), ("Postadresse", address)],
    )


def of_unit(found: Virksomhet) -> Svar:
    """Enhetsregisteret's answer about an organisation."""
    title = oppslag.REGISTRE[Registernavn.ENHETSREGISTER][0]
    if found.status is Enhetstatus.IKKE_FUNNET:
        return Svar(title, [], oppslag.ENHET_UKJENT, oppslag.LOGGET_ENHET)
    facts = [
        ("Navn", found.navn),
        ("Organisasjonsnummer", found.orgnr),
        ("Organisasjonsform", found.organisasjonsform or NOT_GIVEN),
        ("Status", oppslag.ENHETSTATUSER[found.status]),
        ("Postadresse", one_line(found.adresse)),
    ]
    return Svar(title, facts, "", oppslag.LOGGET_ENHET)


def one_line(address: Registeradresse | None) -> str:
    """The address with commas between its lines."""
    if address is None:
        return NOT_GIVEN
    place = f"{address.postnr} {address.poststed}".strip()
    return ", ".join(part for part in (*address.adresselinjer, place, address.land) if part) or NOT_GIVEN


def _of_person(register: Registernavn, facts: Ledd, note: str = "") -> Svar:
    return Svar(oppslag.REGISTRE[register][0], facts, note, oppslag.LOGGET_PERSON)


def _yes_or_no(value: bool) -> str:
    return "Ja" if value else "Nei"

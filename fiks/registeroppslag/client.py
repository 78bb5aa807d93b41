"""The national registers over the wire: Folkeregisteret, Enhetsregisteret and KRR.

Each look-up takes any number of ids, asks in batches and answers by id. Raises Avvist (our request is wrong) and
ProvIgjen (everything else); a look-up has no effect, so there is no unknown outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from babel import Locale
from babel.core import get_global

from fiks.core.wire import CONNECT_SECONDS, Wire
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Kontaktinformasjon,
    Person,
    Personstatus,
    Registeradresse,
    Virksomhet,
)

BATCH = 1000
TIMEOUT = (CONNECT_SECONDS, 30.0)

Row = dict[str, Any]

_STATUS = {
    "doed": Personstatus.DOED,
    "utflyttet": Personstatus.UTFLYTTET,
    "ikkeBosatt": Personstatus.UTFLYTTET,
    "inaktiv": Personstatus.UTFLYTTET,
    "opphoert": Personstatus.UTFLYTTET,
}
_GRADERING = {
    "ugradert": Adressebeskyttelse.UGRADERT,
    "klientadresse": Adressebeskyttelse.FORTROLIG,
    "fortrolig": Adressebeskyttelse.FORTROLIG,
}
_POSTKASSER = {"984661185": "DIGIPOST", "996460320": "EBOKS"}


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), BATCH):
        yield unique[start : start + BATCH]


class FolkeregisterClient:
    """Folkeregisteret. Source: Skatteetaten's konsumenttjenester, `v1/personer/bulkoppslag`."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = Wire("folkeregister", base_url, timeout)

    def personer(self, fnrs: Sequence[str]) -> dict[str, Person]:
        """Look persons up by fnr or d-number; those unknown to the register are absent. Raises ProvIgjen, Avvist."""
        found: dict[str, Person] = {}
        for batch in _batches(fnrs):
            body = {"foedselsEllerDNummer": batch}
            answer = self._wire.read(
                "POST", "/v1/personer/bulkoppslag", params={"part": "person-basis"}, json=body
            )
            try:
                hits = [hit for hit in answer["oppslag"] if hit.get("folkeregisterperson")]
                found |= {hit["foedselsEllerDNummer"]: _person(hit) for hit in hits}
            except (KeyError, TypeError, AttributeError):
                raise self._wire.unreadable() from None
        return found


def _current(document: Row, part: str) -> Row | None:
    """The row that is in force among a property's rows."""
    rows: list[Row] = document.get(part) or []
    return next((row for row in rows if row.get("erGjeldende", True)), None)


def _person(hit: Row) -> Person:
    document: Row = hit["folkeregisterperson"]
    name = _current(document, "navn") or {}
    status = (_current(document, "status") or {}).get("status", "")
    grade = (_current(document, "adressebeskyttelse") or {}).get("graderingsnivaa", "ugradert")
    dead = _current(document, "doedsfall") is not None
    return Person(
        fnr=hit["foedselsEllerDNummer"],
        fornavn=name.get("fornavn") or "",
        mellomnavn=name.get("mellomnavn"),
        etternavn=name.get("etternavn") or "",
        status=Personstatus.DOED if dead else _STATUS.get(status, Personstatus.BOSATT),
        # A grading we do not know is handled as the strictest.
        adressebeskyttelse=_GRADERING.get(grade, Adressebeskyttelse.STRENGT_FORTROLIG),
        adresse=_address(document),
    )


def _address(document: Row) -> Registeradresse | None:
    """Where post goes: the estate's contact, else postal address, abroad, and last the home."""
    if estate := _current(document, "kontaktinformasjonForDoedsbo"):
        return _estate(estate)
    if postal := _current(document, "postadresse"):
        free = postal.get("postadresseIFrittFormat")
        return (
            _domestic(free.get("adresselinje") or [], free)
            if free
            else _street(postal.get("vegadresse") or {})
        )
    if abroad := _current(document, "postadresseIUtlandet"):
        return _foreign(abroad.get("utenlandskAdresseIFrittFormat") or {})
    if home := _current(document, "bostedsadresse"):
        return _street(home.get("vegadresse") or {})
    return None


def _domestic(lines: Sequence[str | None], holder: Row) -> Registeradresse:
    place = holder.get("poststed") or {}
    return Registeradresse(
        adresselinjer=tuple(line for line in lines if line),
        postnr=place.get("postnummer") or "",
        poststed=place.get("poststedsnavn") or "",
    )


def _street(street: Row) -> Registeradresse | None:
    if not street:
        return None
    number = street.get("adressenummer") or {}
    house = f"{number.get('husnummer') or ''}{number.get('husbokstav') or ''}"
    line = f"{street.get('adressenavn') or ''} {house}".strip()
    return _domestic([street.get("coAdressenavn"), line], street)


def _foreign(address: Row) -> Registeradresse:
    return Registeradresse(
        adresselinjer=tuple(line for line in address.get("adresselinje") or [] if line),
        postnr=address.get("postkode") or "",
        poststed=address.get("byEllerStedsnavn") or "",
        land=country(address.get("landkode") or ""),
    )


def _estate(contact: Row) -> Registeradresse:
    name = (contact.get("person") or {}).get("personnavn") or {}
    who = " ".join(filter(None, (name.get("fornavn"), name.get("mellomnavn"), name.get("etternavn"))))
    address = contact.get("adresse") or {}
    lines = [f"c/o {who}" if who else None, *(address.get(f"adresselinje{n}") for n in (1, 2, 3))]
    return Registeradresse(
        adresselinjer=tuple(line for line in lines if line),
        postnr=address.get("postnummer") or "",
        poststed=address.get("poststedsnavn") or "",
    )


def country(code: str) -> str:
    """The Norwegian name of an ISO 3166 country code of three letters; the code itself if it is unknown."""
    two = (get_global("territory_aliases").get(code) or [code])[0]
    return str(Locale("nb").territories.get(two, code))


class EnhetsregisterClient:
    """Enhetsregisteret's open API. Organisation numbers go in the body, never in the address."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = Wire("enhetsregister", base_url, timeout)

    def virksomheter(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        """Look units up; every number asked for is in the answer, unknown ones as IKKE_FUNNET.

        Raises ProvIgjen, Avvist.
        """
        found: dict[str, Virksomhet] = {}
        for batch in _batches(orgnrs):
            body = {"organisasjonsnummer": batch, "size": BATCH}
            answer = self._wire.read("POST", "/enhetsregisteret/api/enheter", json=body)
            found |= {orgnr: Virksomhet(orgnr, "", Enhetstatus.IKKE_FUNNET) for orgnr in batch}
            try:
                units = (answer.get("_embedded") or {}).get("enheter") or []
                found |= {unit["organisasjonsnummer"]: _unit(unit) for unit in units}
            except (KeyError, TypeError, AttributeError):
                raise self._wire.unreadable() from None
        return found


def _unit(unit: Row) -> Virksomhet:
    address = unit.get("postadresse") or unit.get("forretningsadresse")
    deleted = bool(unit.get("slettedato")) or unit.get("respons_klasse") == "SlettetEnhet"
    return Virksomhet(
        orgnr=unit["organisasjonsnummer"],
        navn=unit.get("navn") or "",
        status=Enhetstatus.SLETTET if deleted else Enhetstatus.FUNNET,
        organisasjonsform=(unit.get("organisasjonsform") or {}).get("kode"),
        adresse=_business(address) if address else None,
    )


def _business(address: Row) -> Registeradresse:
    abroad = address.get("landkode") not in (None, "NO")
    return Registeradresse(
        adresselinjer=tuple(line for line in address.get("adresse") or [] if line),
        postnr=address.get("postnummer") or "",
        poststed=address.get("poststed") or "",
        land=address.get("land") if abroad else None,
    )


class KrrClient:
    """Kontakt- og reservasjonsregisteret, REST v2."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = Wire("krr", base_url, timeout)

    def kontakt(self, fnrs: Sequence[str]) -> dict[str, Kontaktinformasjon]:
        """Look contact information up; every fnr asked for is in the answer, unknown ones with `registrert` False.

        Raises ProvIgjen, Avvist.
        """
        found: dict[str, Kontaktinformasjon] = {}
        for batch in _batches(fnrs):
            answer = self._wire.read("POST", "/rest/v2/personer", json={"personidentifikatorer": batch})
            found |= {fnr: Kontaktinformasjon(fnr, registrert=False) for fnr in batch}
            try:
                found |= {row["personidentifikator"]: _contact(row) for row in answer["personer"]}
            except (KeyError, TypeError, AttributeError):
                raise self._wire.unreadable() from None
        return found


def _contact(row: Row) -> Kontaktinformasjon:
    contact, mailbox = row.get("kontaktinformasjon") or {}, row.get("digital_post") or {}
    provider = mailbox.get("postkasseleverandoeradresse")
    reserved = row.get("reservasjon") == "JA"
    return Kontaktinformasjon(
        fnr=row["personidentifikator"],
        registrert=row.get("status") == "AKTIV",
        reservert=reserved,
        # KRR does not notify the reserved either; passive is who is active, not reserved and still not notified.
        passiv=row.get("varslingsstatus") == "KAN_IKKE_VARSLES" and not reserved,
        postkasse=_POSTKASSER.get(provider, provider) if provider else None,
        epost=contact.get("epostadresse"),
        mobil=contact.get("mobiltelefonnummer"),
        spraak=row.get("spraak"),
    )

"""The national registers over the wire: Folkeregisteret, Enhetsregisteret and KRR.

Each look-up takes any number of ids, asks in batches and answers by id. Raises Avvist (our request is wrong) and
ProvIgjen (everything else); a look-up has no effect, so there is no unknown outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fiks.core.wire import CONNECT_SECONDS, Wire
from fiks.registeroppslag.persondokument import Row, numbers_of, read_person
from fiks.registeroppslag.rules import (
    Enhetstatus,
    Kontaktinformasjon,
    Person,
    Registeradresse,
    Virksomhet,
)

BATCH = 1000
TIMEOUT = (CONNECT_SECONDS, 30.0)

_NO_SUCH_PERSON = "FREG-004"
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
        """Look persons up by fnr or d-number; only those of whom the register says that they do not exist are absent.

        Raises ProvIgjen, Avvist. ProvIgjen("UFORSTAAELIG_SVAR") also when it says nothing, or something else, of one of
        them: nobody may be taken for unprotected because of that.
        """
        found: dict[str, Person] = {}
        for batch in _batches(fnrs):
            body = {"foedselsEllerDNummer": batch}
            answer = self._wire.read(
                "POST", "/v1/personer/bulkoppslag", params={"part": "person-basis"}, json=body
            )
            try:
                known, unknown = _known(answer["oppslag"], batch), _unknown(answer["oppslag"])
            except (KeyError, TypeError, AttributeError):
                raise self._wire.unreadable() from None
            if not unknown.union(known).issuperset(batch):
                raise self._wire.unreadable()
            found |= known
        return found


def _known(hits: Sequence[Row], asked: Sequence[str]) -> dict[str, Person]:
    """The persons that were found, by the numbers they were asked about by.

    One who was asked about by a number that is no longer in use may be answered under the new one: the document has
    both. What is said under the asked number itself goes before that.
    """
    direct, through_other = dict[str, Person](), dict[str, Person]()
    for hit in hits:
        if hit.get("folkeregisterperson") and not hit.get("feilmelding"):
            direct[hit["foedselsEllerDNummer"]] = person = _person(hit)
            through_other |= dict.fromkeys(numbers_of(hit["folkeregisterperson"]), person)
    found = through_other | direct
    return {number: replace(found[number], fnr=number) for number in asked if number in found}


def _unknown(hits: Sequence[Row]) -> set[str]:
    """The numbers of which the register said that there is no such person, and not that something else was wrong."""
    return {
        hit["foedselsEllerDNummer"]
        for hit in hits
        if (hit.get("feilmelding") or {}).get("kode") == _NO_SUCH_PERSON
    }


def _person(hit: Row) -> Person:
    return read_person(hit["foedselsEllerDNummer"], hit["folkeregisterperson"])


class EnhetsregisterClient:
    """Enhetsregisteret's open API. Organisation numbers go in the body, never in the address."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = Wire("enhetsregister", base_url, timeout)

    def virksomheter(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        """Look units up; every number asked for is in the answer, unknown ones as IKKE_FUNNET.

        Raises ProvIgjen, Avvist. ProvIgjen("UFORSTAAELIG_SVAR") also when the answer doesn't say how many were found,
        or has fewer: nobody may be taken for unknown because of that. It has no `_embedded` when there are none.
        """
        found: dict[str, Virksomhet] = {}
        for batch in _batches(orgnrs):
            body = {"organisasjonsnummer": batch, "size": BATCH}
            answer = self._wire.read("POST", "/enhetsregisteret/api/enheter", json=body)
            found |= {orgnr: Virksomhet(orgnr, "", Enhetstatus.IKKE_FUNNET) for orgnr in batch}
            try:
                units = (answer.get("_embedded") or {}).get("enheter") or []
                known = {unit["organisasjonsnummer"]: _unit(unit) for unit in units}
                whole = len(known) >= answer["page"]["totalElements"]
            except (KeyError, TypeError, AttributeError):
                raise self._wire.unreadable() from None
            if not whole:
                raise self._wire.unreadable()
            found |= known
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

        Raises ProvIgjen, Avvist. ProvIgjen("UFORSTAAELIG_SVAR") also when it says nothing of one of them: it has a line
        for whom it doesn't know too, with status IKKE_REGISTRERT (docs.digdir.no, Oppslagstjenesten: Person).
        """
        found: dict[str, Kontaktinformasjon] = {}
        for batch in _batches(fnrs):
            answer = self._wire.read("POST", "/rest/v2/personer", json={"personidentifikatorer": batch})
            try:
                known = {row["personidentifikator"]: _contact(row) for row in answer["personer"]}
            except (KeyError, TypeError, AttributeError):
                raise self._wire.unreadable() from None
            if not known.keys() >= set(batch):
                raise self._wire.unreadable()
            found |= known
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

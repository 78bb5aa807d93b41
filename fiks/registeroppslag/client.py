"""Clients of the national registers: Folkeregisteret, Enhetsregisteret and KRR.

Each look-up takes any number of ids, asks in batches and answers by id. Raises Avvist (our request is wrong)
and ProvIgjen (everything else); a look-up has no effect, so there is no unknown outcome.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.core.http.client import CONNECT_SECONDS, HttpClient, Params
from fiks.registeroppslag.persondokument import Row, numbers_of, read_person
from fiks.registeroppslag.rules import Enhetstatus, Kontaktinformasjon, Person, Registeradresse, Virksomhet

BATCH = 1000
ORGNRS_PER_URL = 200
"""Organisation numbers per URL: 2 400 characters, while servers and proxies begin to refuse at 4 000."""
TIMEOUT = (CONNECT_SECONDS, 30.0)
KEPT_SECONDS, KEPT_AT_MOST = 60 * 60.0, 20_000
"""Lifetime and size of the cache of units looked up one by one. The search is always asked first, so a unit
that has come into existence is found at once.
"""

_NO_SUCH_PERSON = "FREG-004"
_POSTKASSER = {"984661185": "DIGIPOST", "996460320": "EBOKS"}

_ENHETER, _PARTS = "/enhetsregisteret/api", ("enheter", "underenheter")
_POST_GOES_TO = ("postadresse", "forretningsadresse", "beliggenhetsadresse")
_DELETED = frozenset({"SlettetEnhet", "SlettetUnderEnhet"})
_NOT_THERE, _GONE = "HTTP_404", "HTTP_410"


def _batches(ids: Sequence[str], size: int = BATCH) -> Iterator[list[str]]:
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), size):
        yield unique[start : start + size]


class FolkeregisterClient:
    """Folkeregisteret. Source: Skatteetaten's konsumenttjenester, `v1/personer/bulkoppslag`."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = HttpClient("folkeregister", base_url, timeout)

    def personer(self, fnrs: Sequence[str]) -> dict[str, Person]:
        """Look persons up by fnr or d-number; absent are only those that the register says do not exist.

        Raises ProvIgjen, Avvist. ProvIgjen("UFORSTAAELIG_SVAR") also when the answer says nothing about a
        number, or anything else than found or unknown: nobody may count as unprotected because of that.
        """
        found: dict[str, Person] = {}
        for batch in _batches(fnrs):
            body = {"foedselsEllerDNummer": batch}
            answer = self._wire.read(
                "POST", "/v1/personer/bulkoppslag", params={"part": "person-basis"}, json=body
            )
            try:
                known, unknown = (
                    _persons_by_number(answer["oppslag"], batch),
                    _numbers_not_found(answer["oppslag"]),
                )
            except (KeyError, TypeError, AttributeError):
                raise self._wire.unreadable() from None
            if not unknown.union(known).issuperset(batch):
                raise self._wire.unreadable()
            found |= known
        return found


def _persons_by_number(hits: Sequence[Row], asked: Sequence[str]) -> dict[str, Person]:
    """Return the persons found, by the number asked about.

    A number no longer in use may be answered under the new one; the document holds both. An answer under the
    asked number itself takes precedence.
    """
    direct, through_other = dict[str, Person](), dict[str, Person]()
    for hit in hits:
        if hit.get("folkeregisterperson") and not hit.get("feilmelding"):
            direct[hit["foedselsEllerDNummer"]] = person = _person(hit)
            through_other |= dict.fromkeys(numbers_of(hit["folkeregisterperson"]), person)
    found = through_other | direct
    return {number: replace(found[number], fnr=number) for number in asked if number in found}


def _numbers_not_found(hits: Sequence[Row]) -> set[str]:
    """Return the numbers that the register says belong to nobody; other faults do not count."""
    return {
        hit["foedselsEllerDNummer"]
        for hit in hits
        if (hit.get("feilmelding") or {}).get("kode") == _NO_SUCH_PERSON
    }


def _person(hit: Row) -> Person:
    return read_person(hit["foedselsEllerDNummer"], hit["folkeregisterperson"])


class EnhetsregisterClient:
    """Enhetsregisteret's open API, which separates units from subunits (underenheter: a school, a NAV
    office).

    Source: data.brreg.no/enhetsregisteret/api/dokumentasjon. Its only search is GET with the numbers in the
    URL; organisation numbers are open data. A search does not return deleted units; those are only reported
    one by one.
    """

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._wire = HttpClient("enhetsregister", base_url, timeout)
        self._kept = _UnitCache()

    def virksomheter(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        """Look units up; every number asked for is in the answer, unknown ones as IKKE_FUNNET.

        Raises ProvIgjen, Avvist. ProvIgjen("UFORSTAAELIG_SVAR") also when the answer lacks the number of
        hits, or has fewer units than that: nobody may count as unknown because of that. There is no
        `_embedded` when nothing was found. Units looked up one by one before a failure are cached.
        """
        found, further = dict[str, Virksomhet](), False
        try:
            for batch in _batches(orgnrs, ORGNRS_PER_URL):
                found |= self._searched(batch)
                found |= self._kept.of([orgnr for orgnr in batch if orgnr not in found])
                for orgnr in [orgnr for orgnr in batch if orgnr not in found]:
                    found[orgnr] = self._kept.keep(orgnr, self._alone(orgnr))
                    further = True
        except ProvIgjen as error:
            error.further = further
            raise
        return found

    def _searched(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        found: dict[str, Virksomhet] = {}
        for part in _PARTS:
            if left := [orgnr for orgnr in orgnrs if orgnr not in found]:
                found |= self._search(part, left)
        return found

    def _search(self, part: str, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        params: Params = {"organisasjonsnummer": ",".join(orgnrs), "size": ORGNRS_PER_URL}
        answer = self._wire.read("GET", f"{_ENHETER}/{part}", params=params)
        try:
            units = (answer.get("_embedded") or {}).get(part) or []
            known = {unit["organisasjonsnummer"]: _unit(unit) for unit in units}
            whole = len(known) >= answer["page"]["totalElements"]
        except (KeyError, TypeError, AttributeError):
            raise self._wire.unreadable() from None
        if not whole:
            raise self._wire.unreadable()
        return known

    def _alone(self, orgnr: str) -> Virksomhet:
        """Look up one number that no search found: deleted, or IKKE_FUNNET."""
        for part in _PARTS:
            try:
                unit = self._wire.find(f"{_ENHETER}/{part}/{orgnr}")
                if unit is not None:
                    return _unit(unit)
            except (KeyError, TypeError, AttributeError):
                raise self._wire.unreadable() from None
            except KanalFeil as error:
                # Who says it may be somebody in between: that it is not there, the search has said already.
                if error.kode == _GONE:
                    return Virksomhet(orgnr, "", Enhetstatus.SLETTET)
                if error.kode != _NOT_THERE:
                    raise
        return Virksomhet(orgnr, "", Enhetstatus.IKKE_FUNNET)


class _UnitCache:
    """Cache of units looked up one by one, by the number asked about. Thread-safe."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, tuple[float, Virksomhet]] = OrderedDict()
        self._lock = Lock()

    def of(self, orgnrs: Collection[str]) -> dict[str, Virksomhet]:
        """Return the cached units among these numbers."""
        since = time.monotonic() - KEPT_SECONDS
        with self._lock:
            told = {orgnr: self._told[orgnr] for orgnr in orgnrs if orgnr in self._told}
        return {orgnr: unit for orgnr, (then, unit) in told.items() if then > since}

    def keep(self, orgnr: str, unit: Virksomhet) -> Virksomhet:
        """Cache the unit and return it; the oldest entries beyond the maximum size are dropped."""
        with self._lock:
            self._told[orgnr] = time.monotonic(), unit
            self._told.move_to_end(orgnr)
            while len(self._told) > KEPT_AT_MOST:
                self._told.popitem(last=False)
        return unit


def _unit(unit: Row) -> Virksomhet:
    address = next(filter(None, map(unit.get, _POST_GOES_TO)), None)
    deleted = bool(unit.get("slettedato")) or unit.get("respons_klasse") in _DELETED
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
        self._wire = HttpClient("krr", base_url, timeout)

    def kontakt(self, fnrs: Sequence[str]) -> dict[str, Kontaktinformasjon]:
        """Look contact information up; every fnr asked for is in the answer, unknown ones with `registrert`
        False.

        Raises ProvIgjen, Avvist. ProvIgjen("UFORSTAAELIG_SVAR") also when a person is missing in the answer:
        KRR also has a line for persons it does not know, with status IKKE_REGISTRERT (docs.digdir.no,
        Oppslagstjenesten: Person).
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
        epost_bekreftet=_confirmed(contact, "epostadresse"),
        mobil_bekreftet=_confirmed(contact, "mobiltelefonnummer"),
    )


def _confirmed(contact: Row, field: str) -> datetime | None:
    """Return when the field was last written or confirmed: either within 18 months will do (docs.digdir.no,
    18-månedersregel).
    """
    told = (contact.get(f"{field}_{how}") for how in ("oppdatert", "sist_verifisert"))
    return max(filter(None, map(_moment, told)), default=None)


def _moment(said: object) -> datetime | None:
    """Return the time, None when it is unreadable; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

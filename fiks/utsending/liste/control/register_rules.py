"""Rules that need the national registers: death, protection, deleted units, names, digital channel."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Kontaktinformasjon,
    Person,
    Personstatus,
    Virksomhet,
)
from fiks.utsending.liste.findings import Alvorlighet, Funn, Funnkode, Rad, funn
from fiks.utsending.liste.rules.postal import is_norwegian
from fiks.utsending.liste.rules.text import LINES

ADDRESS = (*LINES, "postnr", "poststed")
SHOWN_ADDRESS = ("adresselinje1", "adresselinje2", "postnr", "poststed")
_APOSTROPHES = re.compile(r"['’‘´`ʼ]")
_NOT_LETTERS = re.compile(r"[^\w?\ufffd]+|_")
_ORG_FORMS = frozenset(
    "as asa ans da sa ba ks nuf enk brl sti fli kf iks hf rhf esek ab".split()  # noqa: SIM905
)
_ESTATE = frozenset("dødsbo dødsboet dødsbu dødsbuet etter boet v bo".split())  # noqa: SIM905


def has_digital_channel(
    person: Person | None,
    kontakt: Kontaktinformasjon | None,
    virksomhet: Virksomhet | None,
    svarinn: bool = False,
) -> bool:
    """Return whether the letter can reach its receiver without paper (svarut.md 2.3).

    A person: alive, in KRR, not reserved, confirmed within 18 months. A unit: found and not deleted, or
    `svarinn`: it has a mottakersystem.
    """
    if person is not None:
        alive = person.status is not Personstatus.DOED
        return (
            alive
            and kontakt is not None
            and kontakt.registrert
            and not kontakt.reservert
            and not kontakt.passiv
        )
    return svarinn or (virksomhet is not None and virksomhet.status is Enhetstatus.FUNNET)


def check_register(
    rad: Rad,
    values: Mapping[str, str],
    person: Person | None,
    virksomhet: Virksomhet | None,
    digital: bool,
    kun_digital: bool = False,
) -> list[Funn]:
    """Return the register findings of a row whose id is valid or absent.

    `values` are normalised, with proposed repairs applied. A fortrolig address gives no finding (pages mask
    it). `kun_digital`: no paper, so no address is needed, but a receiver without a digital channel cannot be
    reached.
    """
    found = list(_who(rad, values, person, virksomhet, digital))
    blocked = any(f.kode is Funnkode.ADRESSE_SPERRET and f.alvorlighet is Alvorlighet.FEIL for f in found)
    if kun_digital and not digital:
        found.append(funn(rad, id_field(values), Funnkode.KAN_IKKE_NAAS, Alvorlighet.ADVARSEL))
    elif not kun_digital and not blocked:
        found.extend(_address(rad, values, digital))
    return found


def id_field(values: Mapping[str, str]) -> str:
    """Return the column that says who a row is for: fnr, orgnr or navn."""
    return next((n for n in ("fnr", "orgnr") if values.get(n)), "navn")


def _who(
    rad: Rad, values: Mapping[str, str], person: Person | None, virksomhet: Virksomhet | None, digital: bool
) -> Iterator[Funn]:
    warning = Alvorlighet.ADVARSEL
    if values.get("fnr"):
        if person is None:
            yield funn(rad, "fnr", Funnkode.PERSON_IKKE_FUNNET, warning)
            return
        if person.status is Personstatus.DOED:
            yield funn(rad, "fnr", Funnkode.MOTTAKER_DOED, warning)
        if person.adressebeskyttelse is Adressebeskyttelse.STRENGT_FORTROLIG:
            yield funn(rad, "fnr", Funnkode.ADRESSE_SPERRET, warning if digital else Alvorlighet.FEIL)
        if values.get("navn") and not person_name_matches(values["navn"], person):
            yield funn(rad, "navn", Funnkode.NAVN_AVVIKER_REGISTER, warning)
    elif values.get("orgnr"):
        if virksomhet is None or virksomhet.status is Enhetstatus.IKKE_FUNNET:
            yield funn(rad, "orgnr", Funnkode.ORG_IKKE_FUNNET, warning)
            return
        if virksomhet.status is Enhetstatus.SLETTET:
            yield funn(rad, "orgnr", Funnkode.ORG_SLETTET, warning)
        if values.get("navn") and not unit_name_matches(values["navn"], virksomhet.navn):
            yield funn(rad, "navn", Funnkode.NAVN_AVVIKER_REGISTER, warning)


def _address(rad: Rad, values: Mapping[str, str], digital: bool) -> Iterator[Funn]:
    """Report a missing address if the letter must go on paper; an incomplete one in any case."""
    missing = [] if any(map(values.get, LINES)) else ["adresselinje1"]
    if not values.get("postnr") and is_norwegian(values.get("land", "")):
        missing.append("postnr")
    if not values.get("poststed"):
        missing.append("poststed")
    if not missing:
        return
    if any(map(values.get, ADDRESS)):
        level = Alvorlighet.ADVARSEL if digital else Alvorlighet.FEIL
        yield funn(rad, missing[0], Funnkode.ADRESSE_UFULLSTENDIG, level, felter=SHOWN_ADDRESS)
    elif not digital:
        yield funn(rad, "adresselinje1", Funnkode.ADRESSE_MANGLER, Alvorlighet.FEIL, felter=SHOWN_ADDRESS)


def _tokens(name: str) -> list[str]:
    """Return a name's words without case, apostrophes, hyphens and punctuation; accents stay."""
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFC", name).casefold())
    return [token for token in _NOT_LETTERS.split(plain.replace("&", " og ")) if token]


def person_name_matches(listed: str, person: Person) -> bool:
    """Return whether the listed name fits the registered person, in any order, with or without middle names.

    Required: a first given name and the last name, and no word the register lacks. An initial matches a name
    that starts with it, a lost character ("?") any letter; a dead person may be written as an estate.
    """
    if person.status is not Personstatus.DOED and listed.casefold() in _as_written(person):
        return True
    given, last = _tokens(person.fornavn), _tokens(person.etternavn)
    known = Counter([*given, *_tokens(person.mellomnavn or ""), *last])
    wanted = _tokens(listed)
    if person.status is Personstatus.DOED:
        wanted = [token for token in wanted if token not in _ESTATE]
    missing = Counter(wanted) - known
    if not missing:
        return bool(given) and given[0] in wanted and (not last or last[-1] in wanted)
    return _match_loosely(wanted, list(known.elements()), given, last)


def _as_written(person: Person) -> tuple[str, str]:
    """Return the name as most lists write it, without and with middle names."""
    short = f"{person.fornavn} {person.etternavn}".casefold()
    middle = person.mellomnavn
    return short, f"{person.fornavn} {middle} {person.etternavn}".casefold() if middle else short


def _match_loosely(wanted: list[str], known: list[str], given: list[str], last: list[str]) -> bool:
    """Match with initials and lost letters: every listed word must be registered, and the main ones present."""
    taken: list[str] = []
    for token in sorted(wanted, key=len, reverse=True):
        hit = next((word for word in known if word not in taken and _same_word(token, word)), None)
        if hit is None:
            return False
        taken.append(hit)
    return (not given or given[0] in taken) and (not last or last[-1] in taken)


def _same_word(token: str, word: str) -> bool:
    if len(token) == 1 and token.isalpha():
        return word.startswith(token)
    return len(token) == len(word) and all(a == b or a in "?\ufffd" for a, b in zip(token, word, strict=True))


def unit_name_matches(listed: str, registered: str) -> bool:
    """Return whether two unit names differ only in case, order, punctuation and organisational form."""
    if listed.casefold() == registered.casefold():
        return True
    one, two = (sorted(_without_form(name)) for name in (listed, registered))
    return one == two or (
        len(one) == len(two) and _same_words(_without_form(listed), _without_form(registered))
    )


def _without_form(name: str) -> list[str]:
    tokens = _tokens(re.sub(r"\b([aA])/([sS])\b", r"\1\2", name))
    return [token for token in tokens if token not in _ORG_FORMS] or tokens


def _same_words(listed: list[str], registered: list[str]) -> bool:
    return all(_same_word(a, b) for a, b in zip(listed, registered, strict=True))

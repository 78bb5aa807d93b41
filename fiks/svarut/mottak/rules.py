"""Validation rules of intake (svarut.md 1.2-1.7 and 12, statements 3-14). Pure: facts in, findings out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fiks.core.values.address import Adresse, Portosone, is_known_country, postal_zone
from fiks.core.values.cost_code import KONTERINGSKODE
from fiks.core.values.identifiers import is_fnr, is_orgnr
from fiks.svarinn.rules import FORSENDELSESTYPER
from fiks.svarut.mottak.errors import Funn, UgyldigForsendelse
from fiks.svarut.mottak.innsending import (
    ADDRESS_ALWAYS,
    Dokumentfakta,
    Ekstrametadata,
    Grenser,
    Innsending,
    Signering,
    Svaradresse,
    limits_of,
)
from fiks.svarut.rules import Opphav
from fiks.svarut.sealed_content import Lenke

MAX_TITLE, MAX_TEXT, MAX_NAME, MAX_LINE, MAX_POSTCODE = 1_000, 100, 100, 70, 20
MAX_LINKS, MAX_URL = 5, 1_000
MAX_DOCUMENTS, MAX_FILE_NAME, MAX_MIME = 100, 226, 127
MAX_EXPOSED = 100
SIGNING_AHEAD = timedelta(days=1)
PRINTABLE_BYTES = 350 * 1024 * 1024
MAX_BYTES = 5 * 1024 * 1024 * 1024
"""The printable PDFs of a letter are less than PRINTABLE_BYTES together; all its documents at most MAX_BYTES.
"""

CONTROL = re.compile(r"[\x7f-\x84\x86-\x9f]")
"""Control characters that lenient readers accept: in Latin-1 they are what Windows uses for dashes and
quotes. U+0085 is not one of them, since it is a line break.
"""
FORBIDDEN_IN_FILE_NAME = frozenset('*:"\\/<>|?')
UNSHOWABLE = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Direction marks that turn the text after them, so that a name reads differently than it is."""
KONTERINGSKODE_V1 = re.compile(r"[a-zA-Z0-9\-.øæåØÆÅ]{0,20}")
MIME = re.compile(r"[\w.+-]+/[\w.+-]+(\s*;.*)?", re.ASCII)
ROUTED_TYPES = FORSENDELSESTYPER
"""The types in KS' list (svarut.md 5.2); v3 accepts no other, the older interfaces accept any text."""


def check(innsending: Innsending, *, now: datetime | None, synthetic: bool) -> None:
    """Raise UgyldigForsendelse with all findings, if there are any.

    `now`: None for a letter that is sent again, whose times were judged at its intake. `synthetic`: test
    persons are allowed.
    """
    if found := faults(innsending, now=now, synthetic=synthetic):
        raise UgyldigForsendelse(found)


def faults(innsending: Innsending, *, now: datetime | None, synthetic: bool) -> list[Funn]:
    """All findings of the submission, in the order of its fields. `now` as in `check`.

    Unshowable characters come last and are not judged for a letter sent again: intake has become stricter,
    and a sender refused now would send what was taken in before as a new letter.
    """
    return [
        *_letter(innsending),
        *_receiver(innsending, synthetic),
        *_documents(innsending),
        *_options(innsending, synthetic),
        *_signing(innsending, now, synthetic),
        *(_unshowable(innsending) if now is not None else ()),
    ]


def _letter(new: Innsending) -> Iterator[Funn]:
    if not new.tittel.strip():
        yield Funn("TITTEL_MANGLER", "tittel")
    elif len(new.tittel) > MAX_TITLE:
        yield Funn("TITTEL_FOR_LANG", "tittel", {"grense": MAX_TITLE})
    pattern = KONTERINGSKODE_V1 if new.opphav in (Opphav.V1, Opphav.SOAP) else KONTERINGSKODE
    if not pattern.fullmatch(new.konteringskode):
        yield Funn("KONTERINGSKODE_UGYLDIG", "konteringskode")
    longest = limits_of(new.opphav).tekst
    for text, limit, code, name in (
        (new.ekstern_referanse, MAX_TEXT, "EKSTERN_REFERANSE_FOR_LANG", "eksternReferanse"),
        (new.korrelasjonsid, MAX_TEXT, "KORRELASJONSID_FOR_LANG", "korrelasjonsid"),
        (new.avgivende_system, MAX_TEXT, "AVGIVENDE_SYSTEM_FOR_LANGT", "avgivendeSystem"),
        (new.avgivende_aktor, longest, "AVGIVENDE_AKTOR_FOR_LANG", "avgivendeSystemAktor"),
    ):
        if len(text) > limit:
            yield Funn(code, name, {"grense": limit})
    listed = new.forsendelsestype in ("", *ROUTED_TYPES)
    if len(new.forsendelsestype) > MAX_TEXT or (new.opphav is Opphav.V3 and not listed):
        yield Funn("FORSENDELSESTYPE_UGYLDIG", "forsendelsestype")
    yield from _links(new.lenker, longest)


def _links(links: Sequence[Lenke], longest: int) -> Iterator[Funn]:
    if len(links) > MAX_LINKS:
        yield Funn("LENKER_FOR_MANGE", "lenker", {"grense": MAX_LINKS})
    for nr, link in enumerate(links[:MAX_LINKS]):
        if not _is_web_address(link.url):
            yield Funn("LENKE_UGYLDIG", f"lenker[{nr}].url")
        if not link.tekst.strip() or max(len(link.tekst), len(link.ledetekst)) > longest:
            yield Funn("LENKETEKST_UGYLDIG", f"lenker[{nr}].tekst", {"grense": longest})


def _is_web_address(url: str) -> bool:
    """Whether the link is safe to follow: a whole http(s) address, without spaces or password."""
    if len(url) > MAX_URL or any(sign.isspace() or ord(sign) < 32 for sign in url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(host) and "@" not in parts.netloc


def _receiver(new: Innsending, synthetic: bool) -> Iterator[Funn]:
    if not new.navn.strip():
        yield Funn("MOTTAKERNAVN_MANGLER", "mottaker.navn")
    elif len(new.navn) > MAX_NAME and new.opphav is Opphav.V3:
        yield Funn("MOTTAKERNAVN_FOR_LANGT", "mottaker.navn", {"grense": MAX_NAME})
    if new.digital_id and not (is_fnr(new.digital_id, synthetic) or is_orgnr(new.digital_id)):
        yield Funn("DIGITAL_ID_UGYLDIG", "mottaker.digitalId")
    if not new.digital_id and (new.kun_digital or new.strengt_digital):
        yield Funn("DIGITAL_ID_MANGLER", "mottaker.digitalId")
    if new.adresse is None:
        needed = new.opphav in ADDRESS_ALWAYS and not (new.kun_digital or new.strengt_digital)
        if needed or not new.digital_id:
            yield Funn("ADRESSE_MANGLER", "mottaker.adresse")
    elif new.can_be_printed:
        yield from address_faults(new.adresse, new.opphav)


def address_faults(address: Adresse, opphav: Opphav) -> Iterator[Funn]:
    """Findings that keep an address from being printed and posted.

    Only v3 limits each line and lists countries: elsewhere the lines share the window, and an unknown country
    takes world postage (svarut.md 1.3).
    """
    lines = (address.adresselinje1, address.adresselinje2, address.adresselinje3)
    if opphav is Opphav.V3:
        limit, longest = MAX_LINE, max(len(line) for line in lines)
    else:
        limit, longest = MAX_LINE * len(lines), sum(len(line) for line in lines)
    if longest > limit:
        yield Funn("ADRESSE_FOR_LANG", "mottaker", {"grense": limit})
    elif len(address.poststed) > MAX_LINE or len(address.postnr) > MAX_POSTCODE:
        yield Funn("ADRESSE_FOR_LANG", "mottaker", {"grense": MAX_LINE})
    if opphav is Opphav.V3 and not is_known_country(address.land):
        yield Funn("LAND_UKJENT", "mottaker.land")
        return
    norwegian = postal_zone(address.land) is Portosone.NORGE
    if norwegian and not re.fullmatch(r"[0-9]{4}", address.postnr):
        yield Funn("POSTNUMMER_UGYLDIG", "mottaker.postnummer")
    if not address.poststed.strip():
        yield Funn("POSTSTED_MANGLER", "mottaker.poststed")


def _documents(new: Innsending) -> Iterator[Funn]:
    if not new.dokumenter:
        yield Funn("DOKUMENTER_MANGLER", "dokumenter")
        return
    if len(new.dokumenter) > MAX_DOCUMENTS:
        yield Funn("DOKUMENTER_FOR_MANGE", "dokumenter", {"grense": MAX_DOCUMENTS})
        return
    seen: set[str] = set()
    for nr, document in enumerate(new.dokumenter):
        where = f"dokumenter[{nr}]"
        if not is_file_name(document.filnavn):
            yield Funn("FILNAVN_UGYLDIG", f"{where}.filnavn", {"grense": MAX_FILE_NAME})
        elif document.filnavn.casefold() in seen:
            yield Funn("FILNAVN_DUPLIKAT", f"{where}.filnavn")
        seen.add(document.filnavn.casefold())
        yield from _document(new, document, where)
    if new.can_be_printed and all(d.ekskluderes or not d.is_pdf for d in new.dokumenter):
        yield Funn("INGENTING_A_SKRIVE_UT", "dokumenter")


def is_file_name(name: str) -> bool:
    """Whether this is a valid file name: no folder, at most 226 characters, none that file systems forbid."""
    printable = not any(sign in FORBIDDEN_IN_FILE_NAME or ord(sign) < 32 or ord(sign) == 127 for sign in name)
    return printable and 0 < len(name) <= MAX_FILE_NAME and name.strip() not in ("", ".", "..")


def _document(new: Innsending, document: Dokumentfakta, where: str) -> Iterator[Funn]:
    if len(document.mime_type) > MAX_MIME or not MIME.fullmatch(document.mime_type):
        yield Funn("MIMETYPE_UGYLDIG", f"{where}.mimeType")
    elif not document.is_pdf and not document.ekskluderes and new.can_be_printed:
        yield Funn("KUN_PDF_KAN_SKRIVES_UT", f"{where}.mimeType")
    if document.giroark and (not document.is_pdf or document.ekskluderes or min(document.giroark) < 1):
        yield Funn("GIROARK_UGYLDIG", f"{where}.giroarkSider")
    limits = limits_of(new.opphav)
    if len(document.dokument_type) > limits.tekst:
        yield Funn("DOKUMENTTYPE_FOR_LANG", f"{where}.dokumentType", {"grense": limits.tekst})
    if not _is_extra(document.ekstra, limits):
        yield Funn("EKSTRAMETADATA_UGYLDIG", f"{where}.ekstraMetadata")


def _is_extra(extra: Sequence[Ekstrametadata], limits: Grenser) -> bool:
    keys = [one.key for one in extra]
    fits = all(0 < len(one.key) <= limits.navn and len(one.value) <= limits.verdi for one in extra)
    return fits and len(extra) <= limits.antall and len(set(keys)) == len(keys)


def _unshowable(new: Innsending) -> Iterator[Funn]:
    """Texts of the letter that cannot be drawn or shown as they are. eDialog checks what citizens write
    itself.
    """
    if new.opphav is Opphav.EDIALOG:
        return
    yield from (Funn("TEKST_MED_NULLTEGN", felt) for felt, text in _texts(new) if CONTROL.search(text))
    seen: dict[str, str] = {}
    for nr, document in enumerate(new.dokumenter):
        name, folded = document.filnavn, document.filnavn.casefold()
        if not is_file_name(name):
            continue
        if not _is_showable(name):
            yield Funn("FILNAVN_UGYLDIG", f"dokumenter[{nr}].filnavn", {"grense": MAX_FILE_NAME})
        if seen.setdefault(unicodedata.normalize("NFC", folded), folded) != folded:
            yield Funn("FILNAVN_DUPLIKAT", f"dokumenter[{nr}].filnavn")


def _is_showable(name: str) -> bool:
    """Whether a name is one line, read in its order.

    Invisible joiners and a Mac's replacements of forbidden characters are allowed: they occur in real names.
    """
    return not TURNING.search(name) and not any(unicodedata.category(sign) in UNSHOWABLE for sign in name)


def _texts(new: Innsending) -> Iterator[tuple[str, str]]:
    """Each text that stands in the letter or describes it, by v2's field name."""
    yield "tittel", new.tittel
    yield "mottaker.navn", new.navn
    answers = new.svar_sendes_til
    for where, address in (("mottaker", new.adresse), ("svarSendesTil", answers and answers.adresse)):
        for part, text in asdict(address).items() if address is not None else ():
            if (where, part) != ("mottaker", "navn"):
                yield f"{where}.{'postnummer' if part == 'postnr' else part}", text
    for nr, link in enumerate(new.lenker):
        yield f"lenker[{nr}].tekst", link.ledetekst + link.tekst


def _options(new: Innsending, synthetic: bool) -> Iterator[Funn]:
    if new.niva4 and not new.kryptert:
        yield Funn("NIVA4_UTEN_KRYPTERING", "kryptert")
    if len(new.eksponert_for) > MAX_EXPOSED or not all(
        is_fnr(number, synthetic) or is_orgnr(number) for number in new.eksponert_for
    ):
        yield Funn("EKSPONERT_UGYLDIG", "eksponertFor", {"grense": MAX_EXPOSED})
    elif len(set(new.eksponert_for)) != len(new.eksponert_for):
        yield Funn("EKSPONERT_DUPLIKAT", "eksponertFor")
    if new.kan_svares and not _answers_to_organisation(new.svar_sendes_til):
        yield Funn("SVARLENKE_UTEN_ORGNR", "svarSendesTil.digitalId")
    if new.svar_sendes_til is not None and not _is_answer_address(new.svar_sendes_til, synthetic):
        yield Funn("SVARADRESSE_UGYLDIG", "svarSendesTil")
    if not _is_noark(new.noark_fra.values()) or not _is_noark(new.noark_til.values()):
        yield Funn("NOARK_UGYLDIG", "metadataFraAvleverendeSystem")


def _answers_to_organisation(answers: Svaradresse | None) -> bool:
    return answers is not None and is_orgnr(answers.digital_id)


def _is_answer_address(answers: Svaradresse, synthetic: bool) -> bool:
    number = answers.digital_id
    known = not number or is_fnr(number, synthetic) or is_orgnr(number)
    return known and bool(answers.adresse.navn.strip())


def _is_noark(values: Iterable[object]) -> bool:
    return all(not isinstance(value, str) or len(value) <= MAX_TITLE for value in values)


def _signing(new: Innsending, now: datetime | None, synthetic: bool) -> Iterator[Funn]:
    """Signing needs one PDF, a person, a reply address and enough time (svarut.md 1.7)."""
    marked = [(nr, d) for nr, d in enumerate(new.dokumenter) if d.skal_signeres]
    if not marked and new.signering is None:
        return
    if not marked or not _is_complete(new.signering):
        yield Funn("SIGNERING_UFULLSTENDIG", "signering")
        return
    assert new.signering is not None and new.signering.utloper is not None
    if len(marked) > 1:
        yield Funn("SIGNERING_FLERE_DOKUMENTER", f"dokumenter[{marked[1][0]}].skalSigneres")
    if not marked[0][1].is_pdf:
        yield Funn("SIGNERING_IKKE_PDF", f"dokumenter[{marked[0][0]}].mimeType")
    if not is_fnr(new.digital_id, synthetic):
        yield Funn("SIGNERING_UTEN_FNR", "mottaker.digitalId")
    if not _answers_to_organisation(new.svar_sendes_til):
        yield Funn("SIGNERING_UTEN_SVARADRESSE", "svarSendesTil.digitalId")
    if now is not None and new.signering.utloper < now + SIGNING_AHEAD:
        yield Funn("SIGNERING_UTLOPER_FOR_TIDLIG", "signeringUtloper")


def _is_complete(signing: Signering | None) -> bool:
    return signing is not None and signing.utloper is not None and signing.type is not None

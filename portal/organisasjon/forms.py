"""The forms of an organisation's own data: the same four serve the first-time set-up and later changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon import contact, queries
from fiks.konfigurasjon.organisation_queries import invoice_of
from fiks.konfigurasjon.organisation_rules import (
    Fakturaopplysninger,
    Feltfeil,
    Innbyggerkontakt,
    Kontakt,
    Personopplysninger,
)
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.setup_rules import Oppsettstrinn as S
from portal.texts import error_text, tekst
from portal.texts.organisasjon import SKJEMAFELT, Feltbeskrivelse


@dataclass(frozen=True, slots=True)
class Del:
    """One part of the data. `read` makes it of what was sent, `save` is the use case, `stored` what stands now."""

    privilegium: P
    read: Callable[[Mapping[str, str]], Any]
    save: Callable[[UUID, Any, Aktor], None]
    stored: Callable[[UUID], dict[str, str]]


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").strip()


def _texts(form: Mapping[str, str], kind: type) -> dict[str, str]:
    return {f.name: _text(form, f.name) for f in fields(kind)}


def _read_kontakt(form: Mapping[str, str]) -> Kontakt:
    lines = tuple(line.strip() for line in form.get("varsel_epost", "").splitlines() if line.strip())
    return Kontakt(**_texts(form, Kontakt) | {"varsel_epost": lines})  # type: ignore[arg-type]


def _read_faktura(form: Mapping[str, str]) -> Fakturaopplysninger:
    given = _texts(form, Fakturaopplysninger)
    for name in ("orgnr", "endepunkt_id"):
        given[name] = "".join(given[name].split())
    return Fakturaopplysninger(**given)


def _read_innbyggere(form: Mapping[str, str]) -> Innbyggerkontakt:
    return Innbyggerkontakt(**_texts(form, Innbyggerkontakt))


def read_person(form: Mapping[str, str]) -> Personopplysninger:
    """A person as named in a form; the number may be written with spaces."""
    return Personopplysninger(
        "".join(form.get("fnr", "").split()),
        _text(form, "personnavn"),
        tittel=_text(form, "tittel"),
        epost=_text(form, "epost"),
        telefon=_text(form, "telefon"),
    )


def _stored_kontakt(organisasjon_id: UUID) -> dict[str, str]:
    org = queries.organisasjon(organisasjon_id)
    names = ("adresselinje1", "postnr", "poststed", "epost")
    return {name: getattr(org, name) or "" for name in names} | {"varsel_epost": "\n".join(org.varsel_epost)}


def _stored_faktura(organisasjon_id: UUID) -> dict[str, str]:
    """What is kept; before there is any, the organisation's own name, number and address are suggested."""
    row, org = invoice_of(organisasjon_id), queries.organisasjon(organisasjon_id)
    if row is not None:
        return {f.name: getattr(row, f.name) or "" for f in fields(Fakturaopplysninger)}
    suggested = {"orgnr": org.orgnr, "navn": org.navn, "adresselinje1": org.adresselinje1}
    return {k: v or "" for k, v in (suggested | {"postnummer": org.postnr, "poststed": org.poststed}).items()}


def _stored_innbyggere(organisasjon_id: UUID) -> dict[str, str]:
    org = queries.organisasjon(organisasjon_id)
    return {f.name: getattr(org, f.name) or "" for f in fields(Innbyggerkontakt)}


DELER: dict[S, Del] = {
    S.KONTAKT: Del(
        P.ORG_REDIGER, _read_kontakt, lambda i, d, a: contact.set_kontakt(i, d, actor=a), _stored_kontakt
    ),
    S.FAKTURA: Del(
        P.ORG_REDIGER, _read_faktura, lambda i, d, a: contact.set_faktura(i, d, actor=a), _stored_faktura
    ),
    S.INNBYGGERE: Del(
        P.ORG_REDIGER,
        _read_innbyggere,
        lambda i, d, a: contact.set_innbyggerkontakt(i, d, actor=a),
        _stored_innbyggere,
    ),
    # Whoever is named now is shown beside the form, never in it: a number is not sent back to the browser.
    S.AVTALEADMINISTRATOR: Del(
        P.ADMIN,
        read_person,
        lambda i, d, a: contact.set_avtaleadministrator(i, d, actor=a),
        lambda i: {},
    ),
}


@dataclass(frozen=True, slots=True)
class Skjema:
    """A form as it stands on the page."""

    felter: tuple[Feltbeskrivelse, ...]
    verdier: Mapping[str, str]
    feil: Mapping[str, str]


def shown(step: S, organisasjon_id: UUID) -> Skjema:
    """The form with what is stored."""
    return Skjema(SKJEMAFELT[step], DELER[step].stored(organisasjon_id), {})


def said(felter: tuple[Feltbeskrivelse, ...], felt: str, kode: Feltfeil) -> str:
    """The fault in words. The summary at the top lists them without their fields, so an empty one is named."""
    if kode is Feltfeil.FELT_MANGLER:
        etikett = next((one.etikett for one in felter if one.navn == felt), "")
        return tekst("FYLL_UT_FELTET", felt=etikett[:1].lower() + etikett[1:]) if etikett else tekst(kode)
    return tekst(kode)


def save(step: S, organisasjon_id: UUID, form: Mapping[str, str], actor: Aktor) -> Skjema | None:
    """Save what was sent; the form with every fault of it when it cannot be used, and then nothing is saved."""
    part = DELER[step]
    data = part.read(form)
    feil = {felt: said(SKJEMAFELT[step], felt, kode) for felt, kode in data.faults().items()}
    if not feil:
        try:
            part.save(organisasjon_id, data, actor)
            return None
        except UgyldigInndata as error:
            feil = {error.felt or SKJEMAFELT[step][0].navn: error_text(error)}
    # A personal number that was written is not sent back.
    return Skjema(SKJEMAFELT[step], {k: v for k, v in form.items() if k != "fnr"}, feil)

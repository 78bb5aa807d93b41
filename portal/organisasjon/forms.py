"""The four forms of an organisation's own data, used by the first-time set-up and by later changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.field_rules import Feltfeil
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.organisasjon.queries import current_values, invoice_of
from fiks.konfigurasjon.organisasjon.rules import Fakturaopplysninger, Innbyggerkontakt, Kontakt
from fiks.konfigurasjon.organisasjon.rules import Oppsettstrinn as S
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.stale_form import mark_of
from portal.texts import tekst
from portal.texts.form_fields import Feltbeskrivelse
from portal.texts.konfigurasjon.organisasjon import SKJEMAFELT
from portal.ui.edit_conflict import Skjema, save_part, to_form_values


@dataclass(frozen=True, slots=True)
class Del:
    """One part of the data. `read` parses the form, `save` is the use case, called with the mark of what the
    page showed; `suggested`: values proposed before anything is stored.
    """

    privilegium: P
    read: Callable[[Mapping[str, str]], Any]
    save: Callable[[UUID, Any, str, Aktor], None]
    suggested: Callable[[UUID], dict[str, str]] = lambda organisasjon_id: {}


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
    """A person in a form; the number may contain spaces."""
    return Personopplysninger(
        "".join(form.get("fnr", "").split()),
        _text(form, "personnavn"),
        tittel=_text(form, "tittel"),
        epost=_text(form, "epost"),
        telefon=_text(form, "telefon"),
    )


def _suggested_faktura(organisasjon_id: UUID) -> dict[str, str]:
    """Before any is stored, propose the organisation's own name, number and address."""
    if invoice_of(organisasjon_id) is not None:
        return {}
    org = queries.organisasjon(organisasjon_id)
    suggested = {"orgnr": org.orgnr, "navn": org.navn, "adresselinje1": org.adresselinje1}
    return {k: v or "" for k, v in (suggested | {"postnummer": org.postnr, "poststed": org.poststed}).items()}


DELER: dict[S, Del] = {
    S.KONTAKT: Del(
        P.ORG_REDIGER, _read_kontakt, lambda i, d, v, a: own_data.set_kontakt(i, d, vist=v, actor=a)
    ),
    S.FAKTURA: Del(
        P.ORG_REDIGER,
        _read_faktura,
        lambda i, d, v, a: own_data.set_faktura(i, d, vist=v, actor=a),
        _suggested_faktura,
    ),
    S.INNBYGGERE: Del(
        P.ORG_REDIGER,
        _read_innbyggere,
        lambda i, d, v, a: own_data.set_innbyggerkontakt(i, d, vist=v, actor=a),
    ),
    # Whoever is named now is shown beside the form, never in it: a number is not sent back to the browser.
    S.AVTALEADMINISTRATOR: Del(
        P.ADMIN, read_person, lambda i, d, v, a: own_data.set_avtaleadministrator(i, d, vist=v, actor=a)
    ),
}


def stored_facts_form(step: S, organisasjon_id: UUID) -> Skjema:
    """The form with the stored data."""
    now = current_values(organisasjon_id, step)
    values = to_form_values(now) | DELER[step].suggested(organisasjon_id)
    # The person who is named is told of beside the form.
    values = {} if step is S.AVTALEADMINISTRATOR else values
    return Skjema(SKJEMAFELT[step], values, {}, mark_of(now))


def fault_text(felter: tuple[Feltbeskrivelse, ...], felt: str, kode: Feltfeil) -> str:
    """The fault in words. The error summary shows no field names, so the text for an empty field names it."""
    if kode is Feltfeil.FELT_MANGLER:
        etikett = next((one.etikett for one in felter if one.navn == felt), "")
        return tekst("FYLL_UT_FELTET", felt=etikett[:1].lower() + etikett[1:]) if etikett else tekst(kode)
    return tekst(kode)


def save(step: S, organisasjon_id: UUID, form: Mapping[str, str], actor: Aktor) -> Skjema | None:
    """Save the form. Return None when saved, else the form with every fault, or with the conflict; then
    nothing is saved.
    """
    data = DELER[step].read(form)
    return save_part(
        form,
        lambda vist: DELER[step].save(organisasjon_id, data, vist, actor),
        lambda: stored_facts_form(step, organisasjon_id),
        # A personal number that was written is not sent back.
        {felt.navn: form.get(felt.navn, "") for felt in SKJEMAFELT[step] if felt.navn != "fnr"},
        {felt: fault_text(SKJEMAFELT[step], felt, kode) for felt, kode in data.faults().items()},
    )

"""The forms of a konto's settings, part by part, and the same parts as pairs to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.environment import current
from fiks.konfigurasjon.konto import safeguards, settings
from fiks.konfigurasjon.konto.rules import (
    Altinnoppsett,
    Angrefristoppsett,
    Bankkonto,
    Forside,
    Kontodel,
    Lagringsoppsett,
    Postkasseoppsett,
    Printoppsett,
)
from fiks.konfigurasjon.konto.settings import Oppsett
from portal.organisasjon.forms import fault_text
from portal.organisasjon.summary import Pairs, angrefrist_text, mark_empty
from portal.texts.formats import antall, tid
from portal.texts.konfigurasjon.konto import LEVERANDORER, SKJEMAFELT
from portal.ui.edit_conflict import Skjema, save_part, stored_form, to_form_values


@dataclass(frozen=True, slots=True)
class Del:
    """One part: the class its form is parsed into, where it stands in the settings, and the use case that
    saves it, called with the mark of what the page showed.
    """

    slag: type
    naa: Callable[[Oppsett], Any]
    save: Callable[[UUID, Any, str, Aktor], None]


DELER: dict[Kontodel, Del] = {
    Kontodel.FORSIDE: Del(
        Forside, lambda o: o.forside, lambda i, d, v, a: settings.set_forside(i, d, vist=v, actor=a)
    ),
    Kontodel.ALTINN: Del(
        Altinnoppsett, lambda o: o.altinn, lambda i, d, v, a: settings.set_altinn(i, d, vist=v, actor=a)
    ),
    Kontodel.SDP: Del(
        Postkasseoppsett, lambda o: o.sdp, lambda i, d, v, a: settings.set_sdp(i, d, vist=v, actor=a)
    ),
    Kontodel.PRINT: Del(
        Printoppsett, lambda o: o.print, lambda i, d, v, a: settings.set_print(i, d, vist=v, actor=a)
    ),
    Kontodel.LAGRING: Del(
        Lagringsoppsett,
        lambda o: o.lagring,
        lambda i, d, v, a: settings.set_lagring(i, d, vist=v, actor=a),
    ),
    Kontodel.ANGREFRIST: Del(
        Angrefristoppsett,
        lambda o: o.angrefrist,
        lambda i, d, v, a: safeguards.set_angrefrist(i, d, vist=v, actor=a),
    ),
    Kontodel.BANKKONTO: Del(
        Bankkonto, lambda o: o.bankkonto, lambda i, d, v, a: safeguards.set_bankkonto(i, d, vist=v, actor=a)
    ),
}


NUMBERS = frozenset({"orgnr", "postnr", "dager", "minutter", "kontonummer"})


def stored_settings_form(part: Kontodel, konto_id: UUID) -> Skjema:
    """The form with the stored settings."""
    stands = asdict(DELER[part].naa(settings.kontooppsett(konto_id)))
    return stored_form(tuple(f for f in SKJEMAFELT[part] if _is_offered(f.navn, stands)), stands)


def _is_offered(felt: str, stands: Mapping[str, object]) -> bool:
    """Signing can be chosen where there is a signing service, and switched off where it was chosen earlier."""
    return felt != "signering" or current().signing or bool(stands[felt])


def read(part: Kontodel, form: Mapping[str, str]) -> Any:
    """The posted form as the part's own class. Numbers may contain spaces, an account number dots."""
    given: dict[str, object] = {}
    for field in fields(DELER[part].slag):
        text = "\n".join(form.get(field.name, "").strip().splitlines())
        compact = "".join(text.split()) if field.name in NUMBERS else text
        if field.name == "kontonummer":
            compact = compact.replace(".", "")
        given[field.name] = field.name in form if isinstance(field.default, bool) else compact
    return DELER[part].slag(**given)


def save(part: Kontodel, konto_id: UUID, form: Mapping[str, str], actor: Aktor) -> Skjema | None:
    """Save the form. Return None when saved, else the form with every fault, or with the conflict; then
    nothing is saved.
    """
    data = read(part, form)
    # An angrefrist that is left as it stands is no fault: the use case knows how it stands.
    faults = {} if part is Kontodel.ANGREFRIST else data.faults()
    return save_part(
        form,
        lambda vist: DELER[part].save(konto_id, data, vist, actor),
        lambda: stored_settings_form(part, konto_id),
        to_form_values(asdict(data)),
        {felt: fault_text(SKJEMAFELT[part], felt, kode) for felt, kode in faults.items()},
    )


def summary(konto_id: UUID) -> dict[Kontodel, Pairs]:
    """Each part's present settings, to read."""
    now = settings.kontooppsett(konto_id)
    found: dict[Kontodel, Pairs] = {
        Kontodel.FORSIDE: _forside(now),
        Kontodel.ALTINN: [
            ("Varsel på SMS eller e-post", "Ja" if now.altinn.aktiv else "Nei"),
            ("Teksten i meldingen", now.altinn.avsendertekst or "Vanlig tekst"),
            ("Tekst etter meldingen", now.altinn.ekstratekst),
        ],
        Kontodel.SDP: _mailboxes(now.sdp),
        Kontodel.PRINT: [
            ("Hvem som skriver ut", LEVERANDORER[now.print.leverandor]),
            (
                "Ulest post til virksomheter",
                "Sendes på papir" if now.print.ettersending else "Blir liggende i Altinn",
            ),
        ],
        Kontodel.LAGRING: [
            ("Dokumentene lagres", antall(int(now.lagring.dager), "dag", "dager")),
            ("E-post", now.lagring.epost),
        ],
        Kontodel.ANGREFRIST: [("Angrefrist", angrefrist_text(now.angrefrist))],
        Kontodel.BANKKONTO: _account(konto_id, now.bankkonto.kontonummer),
    }
    return mark_empty(found)


def _account(konto_id: UUID, kontonummer: str) -> Pairs:
    last = safeguards.last_account_change(konto_id)
    told = [("Sist endret", f"{tid(last.tid)} av {last.navn}")] if last else []
    return [("Kontonummer", safeguards.format_kontonummer(kontonummer) or ""), *told]


def _forside(now: Oppsett) -> Pairs:
    f = now.forside
    lines = (f.adresselinje1, f.adresselinje2, f.adresselinje3, f"{f.postnr} {f.poststed}".strip())
    own = "Kontoens egen" if now.avvikende_forside else "Organisasjonens navn og adresse"
    return [
        ("Avsender", own),
        ("Navn", f.navn),
        ("Adresse", ", ".join(line for line in lines if line)),
        ("Organisasjonsnummer", f.orgnr),
        ("Tekst på forsiden", f.tekst),
    ]


def _mailboxes(sdp: Postkasseoppsett) -> Pairs:
    if not sdp.aktiv:
        return [("Digital postkasse", "Av. Brevene går til Altinn.")]
    return [
        ("Digital postkasse", "På"),
        ("Organisasjonsnummer", sdp.orgnr),
        ("Navn på underenheten", sdp.avsendernavn),
        ("Avsender-id", sdp.sdp_id),
        ("I postkassen ligger", "Selve brevet" if sdp.med_dokumenter else "En melding med lenke"),
        ("Tekst i meldingen", sdp.ekstratekst),
        ("Signering", "Ja" if sdp.signering and current().signing else "Nei"),
    ]

"""Forms for one part of shared data, with optimistic locking: the form as stored, and the conflict shown when
somebody else has changed the same part meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fiks.core.errors import FiksError, Konflikt, UgyldigeFelt, UgyldigInndata
from fiks.konfigurasjon.stale_form import digest_of, digests_in, form_value, mark_of
from portal.texts import error_text, tekst
from portal.texts.form_fields import Feltbeskrivelse
from portal.texts.frame import NOT_GIVEN

VIST = "vist"
"""Name of the field with the mark of what the page showed (`fiks.konfigurasjon.seen`)."""
ENDRET = "OPPLYSNINGER_ENDRET"
NO_FAULTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Endring:
    """A field that somebody else has changed: its present value, and what this person typed in it, None if
    nothing.
    """

    etikett: str
    naa: str
    skrev: str | None


@dataclass(frozen=True, slots=True)
class Skjema:
    """A form as it stands on the page. `endret` is None unless somebody else has changed the same data."""

    felter: tuple[Feltbeskrivelse, ...]
    verdier: Mapping[str, str]
    feil: Mapping[str, str]
    vist: str
    endret: tuple[Endring, ...] | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return status_of(self.feil, self.endret)


def status_of(feil: Mapping[str, str], endret: tuple[Endring, ...] | None) -> int:
    """HTTP status of a form's page: 409 with a conflict, 422 with faults, else 200."""
    return 409 if endret is not None else 422 if feil else 200


def to_form_values(facts: Mapping[str, object]) -> dict[str, str]:
    """Values as a form sends them; an unticked box sends nothing."""
    return {name: form_value(value) for name, value in facts.items()}


def stored_form(felter: tuple[Feltbeskrivelse, ...], stands: Mapping[str, object]) -> Skjema:
    """The form with the stored value in each field."""
    return Skjema(felter, to_form_values(stands), {}, mark_of(stands))


def save_part(
    form: Mapping[str, str],
    save: Callable[[str], object],
    now: Callable[[], Skjema],
    typed: Mapping[str, str],
    feil: Mapping[str, str] = NO_FAULTS,
) -> Skjema | None:
    """Save what was typed. Return None when saved, else the form with its faults, or with the conflict.

    `save` is called with the mark of what the page showed; `now` makes the form of the stored values; with
    `feil` given nothing is saved. A conflict about anything but a field is raised.
    """
    vist = form.get(VIST, "")
    if not feil:
        try:
            save(vist)
            return None
        except (UgyldigInndata, Konflikt) as error:
            if isinstance(error, Konflikt) and error.felt is None:
                return conflict_form(error, now(), typed, vist)
            feil = _field_errors(error, now().felter[0].navn)
    return Skjema(now().felter, typed, feil, vist)


def _field_errors(error: FiksError, first: str) -> dict[str, str]:
    """Faults by field; a fault without a field goes to the `first`."""
    if isinstance(error, UgyldigeFelt):
        return {one.felt or first: tekst(one.kode, **one.params) for one in error.feil}
    return {error.felt or first: error_text(error)}


def conflict_form(error: Konflikt, now: Skjema, typed: Mapping[str, str], vist: str) -> Skjema:
    """The form with the stored values and what was typed on top; raises `error` when it is about something
    else.

    A field the person did not change shows the other person's value, so that saving does not undo it; so does
    a read-only field, which is not in `typed`.
    """
    if error.kode != ENDRET:
        raise error
    seen, changes = digests_in(vist), list[Endring]()
    values = {**now.verdier, **typed}
    for felt in now.felter:
        name = felt.navn
        stands = now.verdier.get(name, "")
        if name not in now.verdier or digest_of(stands) == seen.get(name):
            continue
        said = form_value(typed.get(name, ""))
        untouched = name not in typed or digest_of(said) == seen.get(name)
        values[name] = stands if untouched else typed.get(name, "")
        if form_value(stands) != said:
            changes.append(
                Endring(
                    felt.etikett,
                    display_value(felt, stands),
                    None if untouched else display_value(felt, said),
                )
            )
    return Skjema(now.felter, values, {}, now.vist, tuple(changes))


def display_value(felt: Feltbeskrivelse, value: str) -> str:
    """A field's value in words: the names of the choices, «Ja» or «Nei» for a box."""
    if felt.avkryssing:
        return "Ja" if value == "ja" else "Nei"
    names = {choice: text for choice, text, _ in felt.valg}
    return ", ".join(names.get(line, line) for line in value.splitlines() or [""]) or NOT_GIVEN

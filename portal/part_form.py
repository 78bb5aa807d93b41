"""A form of a part of what several may change: as it stands on the page, and as it is shown again when somebody else
has changed the same part meanwhile."""

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
"""The field with the mark of what the page showed (`fiks.konfigurasjon.stale_form`)."""
ENDRET = "OPPLYSNINGER_ENDRET"
NO_FAULTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Endring:
    """A field that somebody else has changed: what stands in it now, and what was written in it, if anything was."""

    etikett: str
    naa: str
    skrev: str | None


@dataclass(frozen=True, slots=True)
class Skjema:
    """A form as it stands on the page. `endret` is None unless somebody else has changed what it is about."""

    felter: tuple[Feltbeskrivelse, ...]
    verdier: Mapping[str, str]
    feil: Mapping[str, str]
    vist: str
    endret: tuple[Endring, ...] | None = None

    @property
    def status(self) -> int:
        """What its page is answered with."""
        return status_of(self.feil, self.endret)


def status_of(feil: Mapping[str, str], endret: tuple[Endring, ...] | None) -> int:
    """What the page of a form with these faults and changes is answered with."""
    return 409 if endret is not None else 422 if feil else 200


def as_written(facts: Mapping[str, object]) -> dict[str, str]:
    """Values as a form has them; a box that is not ticked sends nothing."""
    return {name: form_value(value) for name, value in facts.items()}


def as_stored(felter: tuple[Feltbeskrivelse, ...], stands: Mapping[str, object]) -> Skjema:
    """The form with what stands in each field."""
    return Skjema(felter, as_written(stands), {}, mark_of(stands))


def save_part(
    form: Mapping[str, str],
    save: Callable[[str], object],
    now: Callable[[], Skjema],
    typed: Mapping[str, str],
    feil: Mapping[str, str] = NO_FAULTS,
) -> Skjema | None:
    """Save what was typed; None when it is saved, else the form with what is wrong in each field, or with what somebody
    else has written since it was shown.

    `save` is given the mark of what the page showed, `now` makes the form of what stands, and with `feil` in it already
    nothing is saved. A conflict about else than a field is raised.
    """
    vist = form.get(VIST, "")
    if not feil:
        try:
            save(vist)
            return None
        except (UgyldigInndata, Konflikt) as error:
            if isinstance(error, Konflikt) and error.felt is None:
                return changed_meanwhile(error, now(), typed, vist)
            feil = _told(error, now().felter[0].navn)
    return Skjema(now().felter, typed, feil, vist)


def _told(error: FiksError, first: str) -> dict[str, str]:
    """What is wrong in each field; in the `first` what is said of none."""
    if isinstance(error, UgyldigeFelt):
        return {one.felt or first: tekst(one.kode, **one.params) for one in error.feil}
    return {error.felt or first: error_text(error)}


def changed_meanwhile(error: Konflikt, now: Skjema, typed: Mapping[str, str], vist: str) -> Skjema:
    """The form of what stands by now, with what was written in it on top; raises `error` when it is about else.

    A field in which nothing was written shows what the other has put there, so that saving does not undo it; so does
    one that is only shown, and is not in `typed`.
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
            changes.append(Endring(felt.etikett, read(felt, stands), None if untouched else read(felt, said)))
    return Skjema(now.felter, values, {}, now.vist, tuple(changes))


def read(felt: Feltbeskrivelse, value: str) -> str:
    """A field's value as it is read: the name of each choice, yes or no for a box."""
    if felt.avkryssing:
        return "Ja" if value == "ja" else "Nei"
    names = {choice: text for choice, text, _ in felt.valg}
    return ", ".join(names.get(line, line) for line in value.splitlines() or [""]) or NOT_GIVEN

"""What eDialog's pages share: who writes, what the registers know of them, and errors in their own language."""

from __future__ import annotations

import builtins
import unicodedata
from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec

import structlog
from flask import current_app, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.address import Adresse
from fiks.core.contact import Brukbart, usable
from fiks.core.crypto import VerdiOdelagt
from fiks.core.errors import FiksError, KanalFeil
from fiks.edialog.rules import LINE_BREAK, Avsender
from fiks.konfigurasjon.person import service
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.registeroppslag.register import Register
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Person,
    Registeradresse,
    is_strictly_protected,
)
from portal.access import current_actor
from portal.minside.actor import acting_for
from portal.minside.language import TEXTS, language, ord

log = structlog.get_logger(__name__)
Side = AnyResponse | str | tuple[str, int]
P = ParamSpec("P")


def writer() -> Aktor:
    """Who writes, and for whom, checked now. Raises RollerUtilgjengelig, RepresentererIkke."""
    acting_for()
    return current_actor()


def error_word(error: FiksError) -> str:
    """The error in the citizen's language. What a child process ran into with a file is the file's."""
    known = error.kode if error.kode in TEXTS[language()] else "EDIALOG_IKKE_PDF"
    return ord(known, **error.params)


def fault_word(kode: str, params: Mapping[str, object]) -> str:
    """What is wrong with a field, in the citizen's language. Signs that cannot be printed are named one by one."""
    signs = params.get("tegn", LINE_BREAK)
    if signs != LINE_BREAK:
        params = {**params, "tegn": ", ".join(_sign_name(sign) for sign in str(signs))}
    return ord(kode, **params)


def _sign_name(sign: str) -> str:
    """A sign as it can be read; one that cannot be seen, by its number."""
    unseen = unicodedata.category(sign)[0] in "CZ"
    return ord("ED_USYNLIG", nummer=f"U+{builtins.ord(sign):04X}") if unseen else sign


def turned_away(error: FiksError) -> AnyResponse:
    """Tell why it cannot be, and show what there is instead."""
    flash(ord(error.kode, **error.params), "warning")
    return redirect(url_for("minside.henvendelser"), 303)


def readable(view: Callable[P, Side]) -> Callable[P, Side]:
    """A page of one skjema: what is damaged has none, and is told of among one's own."""

    @wraps(view)
    def shown(*args: P.args, **kwargs: P.kwargs) -> Side:
        try:
            return view(*args, **kwargs)
        except VerdiOdelagt as error:
            log.error("edialog_kan_ikke_leses", kode=error.kode, **{k: str(v) for k, v in kwargs.items()})
            return turned_away(error)

    return shown


def suggestion(part: Altinnpart | None) -> Avsender:
    """What the registers know of the sender: name, address and how to reach them. Without answer, only the name.

    It goes to the receiver as it stands: the address of somebody protected is never filled in for them, nor how to
    reach who is strengt fortrolig, nor what has not been confirmed.
    """
    if part is None:
        return suggestion_of_person(current_actor().navn)
    try:
        return _unit(part, current_app.extensions["fiks_register"])
    except KanalFeil as error:
        log.warning("edialog_uten_forslag", kode=error.kode)
        return Avsender(Adresse(part.navn))


def suggestion_of_person(navn: str) -> Avsender:
    """What the registers know of the person who writes; `navn` is what they are called when those do not answer."""
    try:
        return _person(navn, current_actor(), current_app.extensions["fiks_register"])
    except KanalFeil as error:
        log.warning("edialog_uten_forslag", kode=error.kode)
        return Avsender(Adresse(navn))


def _unit(part: Altinnpart, register: Register) -> Avsender:
    found = register.virksomheter([part.orgnr]).get(part.orgnr)
    return Avsender(_address(part.navn, found.adresse if found is not None else None))


def _person(navn: str, actor: Aktor, register: Register) -> Avsender:
    assert actor.person_id is not None
    pid = service.pid_of(actor.person_id)
    person = register.personer([pid]).get(pid)
    open_ = person is not None and person.adressebeskyttelse is Adressebeskyttelse.UGRADERT
    address = person.adresse if person is not None and open_ else None
    name = _name(person) if person is not None else navn
    known = Brukbart() if is_strictly_protected(person) else _reached_by(pid, register)
    return Avsender(_address(name, address), known.epost, known.mobil)


def _reached_by(pid: str, register: Register) -> Brukbart:
    found = register.kontakt([pid]).get(pid)
    return usable(found, clock.now())


def _name(person: Person) -> str:
    return " ".join(filter(None, (person.fornavn, person.mellomnavn, person.etternavn)))


def _address(navn: str, found: Registeradresse | None) -> Adresse:
    if found is None:
        return Adresse(navn)
    return Adresse(navn, *found.tre_linjer, found.postnr, found.poststed, found.land or "")

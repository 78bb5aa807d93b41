"""Shared by eDialog's pages: the checked actor, the sender's details from the registers, errors in the
citizen's language.
"""

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
from fiks.core.crypto.encryption import VerdiOdelagt
from fiks.core.errors import FiksError, KanalFeil
from fiks.core.values.address import Adresse
from fiks.core.values.krr_contact import Brukbart, usable_contact
from fiks.edialog.rules import LINE_BREAK, Avsender
from fiks.konfigurasjon.person import service
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.registeroppslag.register import Register
from fiks.registeroppslag.rules import Adressebeskyttelse, Person, Registeradresse, is_strictly_protected
from portal.access.actor import current_actor
from portal.minside.language import TEXTS, citizen_text, language
from portal.minside.representation import acting_for

log = structlog.get_logger(__name__)
Side = AnyResponse | str | tuple[str, int]
P = ParamSpec("P")


def checked_actor() -> Aktor:
    """Return the actor after checking that they may still represent the chosen party.

    Raises RollerUtilgjengelig, RepresentererIkke.
    """
    acting_for()
    return current_actor()


def citizen_error(error: FiksError) -> str:
    """The error in the citizen's language. A failure of the child process is reported as a fault of the file."""
    known = error.kode if error.kode in TEXTS[language()] else "EDIALOG_IKKE_PDF"
    return citizen_text(known, **error.params)


def citizen_fault(kode: str, params: Mapping[str, object]) -> str:
    """A field's fault in the citizen's language. Unprintable characters are named one by one."""
    signs = params.get("tegn", LINE_BREAK)
    if signs != LINE_BREAK:
        params = {**params, "tegn": ", ".join(_sign_name(sign) for sign in str(signs))}
    return citizen_text(kode, **params)


def _sign_name(sign: str) -> str:
    """A character as text; an invisible one by its code point."""
    unseen = unicodedata.category(sign)[0] in "CZ"
    return citizen_text("ED_USYNLIG", nummer=f"U+{builtins.ord(sign):04X}") if unseen else sign


def refuse_with_message(error: FiksError) -> AnyResponse:
    """Flash the reason for the refusal and show the list of henvendelser."""
    flash(citizen_text(error.kode, **error.params), "warning")
    return redirect(url_for("minside.henvendelser"), 303)


def handle_unreadable(view: Callable[P, Side]) -> Callable[P, Side]:
    """Decorator for pages of one skjema: a damaged skjema has no page; its error is flashed on the list
    instead.
    """

    @wraps(view)
    def shown(*args: P.args, **kwargs: P.kwargs) -> Side:
        try:
            return view(*args, **kwargs)
        except VerdiOdelagt as error:
            log.error("edialog_kan_ikke_leses", kode=error.kode, **{k: str(v) for k, v in kwargs.items()})
            return refuse_with_message(error)

    return shown


def suggested_sender(part: Altinnpart | None) -> Avsender:
    """Suggested sender details from the registers: name, address, contact. Only the name if a register does
    not answer.

    The receiver sees them as they stand, so a protected person's address is never filled in, nor the contact
    details of somebody with strengt fortrolig address, nor unconfirmed ones.
    """
    if part is None:
        return suggested_person(current_actor().navn)
    try:
        return _unit(part, current_app.extensions["fiks_register"])
    except KanalFeil as error:
        log.warning("edialog_uten_forslag", kode=error.kode)
        return Avsender(Adresse(part.navn))


def suggested_person(navn: str) -> Avsender:
    """Suggested sender details of the person who writes; `navn` is used when the registers do not answer."""
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
    return usable_contact(found, clock.now())


def _name(person: Person) -> str:
    return " ".join(filter(None, (person.fornavn, person.mellomnavn, person.etternavn)))


def _address(navn: str, found: Registeradresse | None) -> Adresse:
    if found is None:
        return Adresse(navn)
    return Adresse(navn, *found.tre_linjer, found.postnr, found.poststed, found.land or "")

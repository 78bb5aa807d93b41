"""The page of Registeroppslag. The number is posted in the form and not sent back."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, render_template, request

from fiks.core.errors import FiksError, UgyldigInndata
from fiks.core.values.identifiers import Fnr
from fiks.registeroppslag import service
from fiks.registeroppslag.errors import ForMangeOppslag, RegisterSvarerIkke
from fiks.registeroppslag.rules import Registernavn
from fiks.registeroppslag.service import Registre
from portal.access.actor import chosen_organisation, current_actor
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.oppslag import answers
from portal.texts import error_text
from portal.texts.oppslag import REGISTRE
from portal.ui.hjemmel_choice import hjemmelvalg

blueprint = Blueprint("oppslag", __name__, url_prefix="/oppslag")


@blueprint.route("", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def registeroppslag() -> tuple[str, int]:
    """Look one person or organisation up in one register."""
    if request.method == "GET":
        return _page({}), 200
    written = {name: request.form.get(name, "").strip()[:40] for name in ("register", "hjemmel")}
    try:
        found = _look_up(written["register"], request.form.get("nummer", "")[:40], written["hjemmel"])
    except UgyldigInndata as error:
        return _page(written, feil=_at_its_field(error)), error.status
    except (ForMangeOppslag, RegisterSvarerIkke) as error:
        return _page(written, uten_svar=error_text(error)), error.status
    return _page(written, funnet=found), 200


def _look_up(register: str, nummer: str, hjemmel: str) -> answers.Svar:
    registre = cast(Registre, current_app.extensions["fiks_register"])
    organisasjon_id, actor = chosen_organisation(), current_actor()
    match register:
        case Registernavn.KRR:
            contact = service.look_up_contact(organisasjon_id, nummer, hjemmel, registre, actor=actor)
            return answers.of_contact(contact, Fnr("".join(nummer.split())))
        case Registernavn.FOLKEREGISTER:
            return answers.of_person(
                service.look_up_person(organisasjon_id, nummer, hjemmel, registre, actor=actor)
            )
        case Registernavn.ENHETSREGISTER:
            return answers.of_unit(
                service.look_up_organisation(organisasjon_id, nummer, registre, actor=actor)
            )
    raise UgyldigInndata("VALG_UGYLDIG", felt="register")


def _at_its_field(error: FiksError) -> dict[str, str]:
    field = error.felt if error.felt in ("register", "hjemmel") else "nummer"
    return {field: error_text(error)}


def _page(
    written: dict[str, str],
    *,
    feil: dict[str, str] | None = None,
    uten_svar: str = "",
    funnet: answers.Svar | None = None,
) -> str:
    return render_template(
        "oppslag/oppslag.html",
        registre=[(str(register), *texts) for register, texts in REGISTRE.items()],
        hjemler=hjemmelvalg(chosen_organisation(), Registernavn.KRR, Registernavn.FOLKEREGISTER),
        register=written.get("register", ""),
        hjemmel=written.get("hjemmel", ""),
        feil=feil or {},
        uten_svar=uten_svar,
        funnet=funnet,
    )

"""What a mailing's letters are made from besides their rows: the template version and the sender."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.konfigurasjon.models import Organisasjon
from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal, Logo, ready_template
from fiks.utsending.models import Malversjon, Utsending
from fiks.utsending.rules import Art


def letter_inputs(utsending_id: UUID) -> tuple[Brevmal, Brevkontekst]:
    """The template and the common values of a mailing's letters. One document to all gets a cover sheet each."""
    row, org = (
        session()
        .execute(
            select(Utsending, Organisasjon)
            .join(Organisasjon, Organisasjon.id == Utsending.organisasjon_id)
            .where(Utsending.id == utsending_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    context = Brevkontekst(sender_of(org), row.tittel, row.brevdato, row.kunngjoringsdato)
    if row.art == Art.SAMME_DOKUMENT or row.malversjon_id is None:
        return ready_template("forside"), context
    version = session().get_one(Malversjon, row.malversjon_id)
    return Brevmal(version.kilde_nb, version.kilde_nn, version.tittel_nb, version.tittel_nn), context


def sender_of(org: Organisasjon) -> Avsender:
    """The organisation as it stands on its letterhead."""
    return Avsender(
        navn=org.navn,
        orgnr=org.orgnr,
        kommunenr=org.kommunenr or "",
        adresselinjer=(org.adresselinje1,) if org.adresselinje1 else (),
        postnr=org.postnr,
        poststed=org.poststed,
        epost=org.epost or "",
        telefon=org.telefon or "",
        apningstid=org.apningstid or "",
        nett=org.nettsted or "",
        logo=Logo(org.logo, org.logo_type) if org.logo and org.logo_type else None,
    )

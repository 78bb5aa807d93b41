"""Choice of a letter's channel, the first and the next (svarut.md 2.2, 2.3). Pure."""

from __future__ import annotations

from fiks.registeroppslag.rules import Enhetstatus, Kontaktinformasjon, Person, Personstatus, Virksomhet
from fiks.svarut.rules import NEXT_CHANNEL_RULE, Kanal, Kanalvalg, Mottakertype


def choose_channel(
    mottakertype: Mottakertype,
    *,
    kontakt: Kontaktinformasjon | None,
    person: Person | None,
    virksomhet: Virksomhet | None,
    svarinn: bool,
    sdp_aktiv: bool,
    kun_digital: bool,
) -> Kanalvalg:
    """Choose the first channel of a letter. `svarinn`: a mottakersystem matches orgnr, type and level.

    Source: svarut.md 2.3. A deleted organisation has no digital channel but a mottakersystem; a dead person has none.
    """
    if mottakertype is Mottakertype.INGEN:
        return _paper("5", "UTEN_ID", kun_digital, avvist=True)
    if mottakertype is Mottakertype.ORGANISASJON:
        if svarinn:
            return Kanalvalg(Kanal.SVARINN, "1", "MOTTAKERSYSTEM")
        if is_deleted_organisation(virksomhet):
            return _paper("5", "ORG_SLETTET", kun_digital)
        return Kanalvalg(Kanal.ALTINN, "4", "ORG_ALTINN")
    if person is not None and person.status is Personstatus.DOED:
        return _paper("3", "DOED", kun_digital)
    if kontakt is None or not kontakt.registrert:
        return _paper("3", "IKKE_I_KRR", kun_digital)
    if kontakt.reservert:
        return _paper("3", "RESERVERT", kun_digital)
    if kontakt.passiv:
        return _paper("3", "PASSIV", kun_digital)
    if kontakt.postkasse and sdp_aktiv:
        return Kanalvalg(Kanal.DPI, "2a", "POSTKASSE")
    return Kanalvalg(Kanal.ALTINN, "2b", "ALTINN" if not kontakt.postkasse else "UTEN_SDP")


def is_deleted_organisation(virksomhet: Virksomhet | None) -> bool:
    """Whether Enhetsregisteret answered that the organisation does not exist (any more)."""
    return virksomhet is not None and virksomhet.status is not Enhetstatus.FUNNET


def channel_of_deleted_organisation(*, kun_digital: bool) -> Kanalvalg:
    """The channel after a mottakersystem refused a letter to a deleted organisation: paper, since nobody
    reads its Altinn.
    """
    return _paper(NEXT_CHANNEL_RULE, "ORG_SLETTET", kun_digital)


def _paper(regel: str, grunn: str, kun_digital: bool, *, avvist: bool = False) -> Kanalvalg:
    if kun_digital:
        return Kanalvalg(None, regel, grunn, avvist=avvist)
    return Kanalvalg(Kanal.PRINT, regel, grunn)


def next_channel(failed: Kanal, *, kun_digital: bool, mottakertype: Mottakertype) -> Kanal | None:
    """The channel after `failed` refused for good: DPI -> Altinn -> paper; None when none is left."""
    if failed is Kanal.DPI and mottakertype is Mottakertype.PERSON:
        return Kanal.ALTINN
    if failed is Kanal.SVARINN:
        return Kanal.ALTINN
    if failed is Kanal.ALTINN and not kun_digital:
        return Kanal.PRINT
    return None


def goes_on_paper_after_deadline(
    mottakertype: Mottakertype, *, kun_digital: bool, ettersending: bool
) -> bool:
    """Whether unread Altinn post is printed when lesefrist is out (svarut.md 2.2, 2.3 rule 4)."""
    if kun_digital:
        return False
    return mottakertype is Mottakertype.PERSON or ettersending

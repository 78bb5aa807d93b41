"""Who may enter which route: one table, and nothing that is not in it.

Add a row here for every new endpoint; a test compares the table with the app's url_map.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.security import DEFAULT_BODY


class Slag(StrEnum):
    OFFENTLIG = "OFFENTLIG"
    INNLOGGET = "INNLOGGET"
    PRIVILEGIUM = "PRIVILEGIUM"
    INNBYGGER = "INNBYGGER"
    MASKIN = "MASKIN"
    ROT = "ROT"
    KONTO = "KONTO"


@dataclass(frozen=True, slots=True)
class Krav:
    """What a route demands. Made by the functions below.

    `privilegier`: any one of them, somewhere in the chosen organisation. `fersk`: a login
    younger than five minutes. `maks_bytes`: largest body. `ressurs` and `tjeneste`: see `maskin`.
    """

    slag: Slag
    nivaa: int = 0
    privilegier: frozenset[str] = frozenset()
    fersk: bool = False
    maks_bytes: int = DEFAULT_BODY
    ressurs: str = ""
    tjeneste: str = ""

    def holds(self, privilegier: frozenset[str]) -> bool:
        """Whether somebody with `privilegier` in the organisation may pass."""
        return self.slag is not Slag.PRIVILEGIUM or bool(self.privilegier & privilegier)


def offentlig() -> Krav:
    """Anybody."""
    return Krav(Slag.OFFENTLIG)


def innlogget(nivaa: int = 4) -> Krav:
    """Somebody logged in at `nivaa` or higher, with or without an organisation."""
    return Krav(Slag.INNLOGGET, nivaa)


def innbygger(nivaa: int = 3) -> Krav:
    """A citizen on own behalf; the route asks for a higher level by raising HoyereNivaaKreves."""
    return Krav(Slag.INNBYGGER, nivaa)


def privilegium(*navn: str, fersk: bool = False, maks_bytes: int = DEFAULT_BODY) -> Krav:
    """A member of staff at level 4 who holds one of these privileges in the chosen organisation."""
    return Krav(Slag.PRIVILEGIUM, 4, frozenset(navn), fersk, maks_bytes)


def rot(*, fersk: bool = False) -> Krav:
    """An operator of the platform at level 4 (ROT.ADMINISTRER), whichever organisation is chosen, or none."""
    return Krav(Slag.ROT, 4, fersk=fersk)


def maskin(*privilegier: str, ressurs: str = "", tjeneste: str = "", maks_bytes: int = DEFAULT_BODY) -> Krav:
    """A machine that proves itself by token, IntegrasjonId and IntegrasjonPassord; a cookie gives nothing.

    One of `privilegier` is asked for on the ressurs whose id is the part `ressurs` of the address, where the service
    `tjeneste` must be in use. Without them the route asks for itself (`portal.api.innslipp.demand`).
    """
    return Krav(
        Slag.MASKIN, 0, frozenset(privilegier), maks_bytes=maks_bytes, ressurs=ressurs, tjeneste=tjeneste
    )


def kontopassord(*, maks_bytes: int = DEFAULT_BODY) -> Krav:
    """A fagsystem that logs in with the name of its konto and the service password (REST v1, SOAP), and has its konto
    and nothing else; a cookie gives nothing."""
    return Krav(Slag.KONTO, maks_bytes=maks_bytes)


SE_UTSENDING = ("SVARUT.LESE", "SVARUT.SENDE", "SVARUT.GODKJENNE", "SVARUT.STOPPE")
ANSATT = (
    "ADMIN",
    "ORG.LES",
    "ORG.REDIGER",
    "INTEGRASJON.ADMINISTRER",
    "AVTALE.SIGNER",
    "AUDIT.LES",
    "SVARUT.LES_ALLE",
    *SE_UTSENDING,
    "SVARUT.SE_SPERRET",
)

LES_LOGG = ("SVARUT.LESE", "SVARUT.SENDE", "SVARUT.STOPPE", "SVARUT.LES_ALLE")
SE_BREV = ("SVARUT.SENDE", "SVARUT.GODKJENNE", "SVARUT.LESE")
LIST_BODY = 101 * 1024 * 1024
DOCUMENT_BODY = 351 * 1024 * 1024
LOGO_BODY = 5 * 1024 * 1024
ACCESS_FILE_BODY = 3 * 1024 * 1024
LETTER_BODY = 5 * 1024 * 1024 * 1024 + 16 * 1024 * 1024
SOAP_BODY = LETTER_BODY // 3 * 4
"""A little more than the largest list, document, logo, file of grants and letter that are taken in (SOAP: base64)."""

SENDER = maskin("SVARUT.SENDE", ressurs="konto_id", tjeneste="SVARUT", maks_bytes=LETTER_BODY)
LESER = maskin("SVARUT.LESE", "SVARUT.SENDE", ressurs="konto_id")
"""A machine that sends from the konto in the address, and one that asks about its letters."""

FOR_OPPSETT = frozenset({"organisasjon.forstegang", "organisasjon.oppsett"})
"""The only pages of an organisation that are open before its first-time set-up is finished."""

TILGANG: dict[str, Krav] = {
    "static": offentlig(),
    "sider.forside": offentlig(),
    "sider.helse": offentlig(),
    "sider.hjelp": offentlig(),
    "sider.personvern": offentlig(),
    "sider.tilgjengelighet": offentlig(),
    "innlogging.logg_inn": offentlig(),
    "innlogging.start": offentlig(),
    "innlogging.tilbake": offentlig(),
    "innlogging.frontkanal": offentlig(),
    "innlogging.logget_ut": offentlig(),
    "innlogging.bekreft": innlogget(nivaa=3),
    "innlogging.logg_ut": innlogget(nivaa=3),
    "innlogging.velg_organisasjon": innlogget(),
    "forvaltning.oversikt": privilegium(*ANSATT),
    "forvaltning.statistikk": privilegium(*SE_UTSENDING, "SVARUT.LES_ALLE"),
    "forvaltning.privilegier": innlogget(),
    "forvaltning.revisjonslogg": privilegium("AUDIT.LES"),
    "forvaltning.revisjonslogg_eksport": privilegium("AUDIT.LES", fersk=True),
    "utsending.ny": privilegium("SVARUT.SENDE"),
    "utsending.fakta": privilegium("SVARUT.SENDE"),
    "utsending.steg": privilegium("SVARUT.SENDE"),
    "utsending.mottakere": privilegium("SVARUT.SENDE"),
    "utsending.lesing": privilegium("SVARUT.SENDE"),
    "utsending.kolonner": privilegium("SVARUT.SENDE"),
    "utsending.les_igjen": privilegium("SVARUT.SENDE"),
    "utsending.fjern_liste": privilegium("SVARUT.SENDE"),
    "utsending.eksempel": privilegium("SVARUT.SENDE"),
    "utsending.skriv": privilegium("SVARUT.SENDE"),
    "utsending.sla_opp": privilegium("SVARUT.SENDE"),
    "utsending.legg_til": privilegium("SVARUT.SENDE"),
    "utsending.fjern_rad": privilegium("SVARUT.SENDE"),
    "utsending.kontroll": privilegium("SVARUT.SENDE"),
    "utsending.forslag": privilegium("SVARUT.SENDE"),
    "utsending.til_side": privilegium("SVARUT.SENDE"),
    "utsending.kan_ikke_naas": privilegium("SVARUT.SENDE"),
    "utsending.overstyr": privilegium("SVARUT.SENDE"),
    "utsending.feilliste": privilegium("SVARUT.SENDE"),
    "utsending.brev": privilegium("SVARUT.SENDE"),
    "utsending.velg_mal": privilegium("SVARUT.SENDE"),
    "utsending.dokumentkontroll": privilegium("SVARUT.SENDE"),
    "utsending.dokumentside": privilegium("SVARUT.SENDE"),
    "utsending.rediger_mal": privilegium("SVARUT.SENDE"),
    "utsending.lagre_mal": privilegium("SVARUT.SENDE"),
    "utsending.provebrev": privilegium("SVARUT.SENDE"),
    "utsending.oppsummering": privilegium("SVARUT.SENDE"),
    "utsending.last_opp_liste": privilegium("SVARUT.SENDE", maks_bytes=LIST_BODY),
    "utsending.last_opp_dokument": privilegium("SVARUT.SENDE", maks_bytes=DOCUMENT_BODY),
    "utsending.bestill_visning": privilegium(*SE_BREV),
    "utsending.forhandsvisning": privilegium(*SE_BREV),
    "utsending.visning_venter": privilegium(*SE_BREV),
    "utsending.visning_side": privilegium(*SE_BREV),
    "utsending.visning_pdf": privilegium(*SE_BREV),
    "utsending.liste": privilegium(*SE_UTSENDING),
    "utsending.detalj": privilegium(*SE_UTSENDING),
    "utsending.fremdrift": privilegium(*SE_UTSENDING),
    "utsending.godkjenning": privilegium("SVARUT.GODKJENNE"),
    "utsending.vis_brev": privilegium("SVARUT.GODKJENNE"),
    "utsending.godkjenning_brev": privilegium("SVARUT.GODKJENNE"),
    "utsending.godkjenning_bilde": privilegium("SVARUT.GODKJENNE"),
    "utsending.godkjenn": privilegium("SVARUT.GODKJENNE", fersk=True),
    "utsending.avvis": privilegium("SVARUT.GODKJENNE"),
    "utsending.trekk_tilbake": privilegium("SVARUT.SENDE"),
    "utsending.slett": privilegium("SVARUT.SENDE"),
    "utsending.frigi": privilegium("SVARUT.SENDE", "SVARUT.GODKJENNE"),
    "utsending.ny_dato": privilegium("SVARUT.SENDE"),
    "utsending.stopp": privilegium("SVARUT.STOPPE", "SVARUT.SENDE"),
    "utsending.stoppsvar": privilegium(*SE_UTSENDING),
    "utsending.nytt_utkast": privilegium("SVARUT.SENDE"),
    "utsending.ikke_skriv_ut": privilegium("SVARUT.STOPPE"),
    "utsending.rapport": privilegium(*SE_UTSENDING),
    "utsending.brevliste": privilegium(*SE_UTSENDING),
    "utsending.tidslinje": privilegium(*SE_UTSENDING),
    "utsending.prov_igjen": privilegium("SVARUT.SENDE"),
    "utsending.prov_alle_igjen": privilegium("SVARUT.SENDE"),
    "minside.brev": innbygger(),
    # Login, logout and MinSide
    "innlogging.bakkanal": offentlig(),
    "innlogging.skjema": innlogget(nivaa=3),
    "innlogging.forkast_skjema": innlogget(nivaa=3),
    "innlogging.avslutt_for": privilegium("ADMIN"),
    "minside.forside": innbygger(),
    "minside.velg_aktor": innbygger(),
    "minside.bytt_aktor": innbygger(),
    "minside.bytt_sprak": innbygger(),
    "minside.innsynslogg": innbygger(),
    "minside.innlogginger": innbygger(),
    "minside.avslutt_innlogging": innbygger(),
    # The organisation's own data, services, agreements and kontoer.
    "organisasjon.forstegang": privilegium("ADMIN"),
    "organisasjon.oppsett": privilegium("ADMIN"),
    "organisasjon.oversikt": privilegium("ORG.LES"),
    "organisasjon.rediger": privilegium("ORG.REDIGER"),
    "organisasjon.logo": privilegium("ORG.REDIGER", maks_bytes=LOGO_BODY),
    "organisasjon.logobilde": privilegium("ORG.LES", "ORG.REDIGER"),
    "organisasjon.fjern_logo": privilegium("ORG.REDIGER"),
    "organisasjon.ressurser": privilegium("ORG.LES"),
    "organisasjon.tjenester": privilegium("ORG.LES", "AVTALE.SIGNER"),
    "organisasjon.opprett_tjeneste": privilegium("ADMIN"),
    "organisasjon.ta_i_bruk": privilegium("ADMIN"),
    "organisasjon.avtale": privilegium("ORG.LES", "AVTALE.SIGNER"),
    "organisasjon.signer": privilegium("AVTALE.SIGNER", fersk=True),
    "organisasjon.ny_konto": privilegium("ADMIN"),
    "organisasjon.konto": privilegium("ADMIN"),
    "organisasjon.steng_konto": privilegium("ADMIN"),
    "organisasjon.apne_konto": privilegium("ADMIN"),
    # Integrasjoner: managed by INTEGRASJON.ADMINISTRER, given access by the ADMIN of a ressurs.
    "integrasjoner.oversikt": privilegium("INTEGRASJON.ADMINISTRER", "ADMIN"),
    "integrasjoner.detalj": privilegium("INTEGRASJON.ADMINISTRER", "ADMIN"),
    "integrasjoner.ny": privilegium("INTEGRASJON.ADMINISTRER", fersk=True),
    "integrasjoner.rediger": privilegium("INTEGRASJON.ADMINISTRER"),
    "integrasjoner.passord": privilegium("INTEGRASJON.ADMINISTRER", fersk=True),
    "integrasjoner.slett": privilegium("INTEGRASJON.ADMINISTRER"),
    "integrasjoner.gi": privilegium("ADMIN"),
    "integrasjoner.trekk_tilbake": privilegium("ADMIN"),
    "integrasjoner.trekk_alle": privilegium("ADMIN"),
    # The root plane: who runs the platform, and no data of any organisation.
    "rot.organisasjoner": rot(),
    "rot.ny_organisasjon": rot(fersk=True),
    "rot.organisasjon": rot(),
    "rot.ny_administrator": rot(fersk=True),
    "rot.avtaler": rot(),
    "rot.ny_avtale": rot(fersk=True),
    "rot.integrasjoner": rot(),
    "rot.ny_integrasjon": rot(fersk=True),
    "rot.integrasjon": rot(),
    "rot.passord": rot(fersk=True),
    "rot.slett_integrasjon": rot(),
    # Fiks-konfigurasjon for machines.
    "api_konfigurasjon.autentisering": maskin(),
    "api_konfigurasjon.organisasjon": maskin("ORG.LES", ressurs="fiks_org_id"),
    # Who may do what: by ressurs and by person.
    "tilganger.oversikt": privilegium("ORG.LES", "ADMIN"),
    "tilganger.ressurs": privilegium("ORG.LES", "ADMIN"),
    "tilganger.lagre": privilegium("ADMIN"),
    "tilganger.bekreft": privilegium("ADMIN"),
    "tilganger.ny": privilegium("ADMIN"),
    "tilganger.ny_bekreft": privilegium("ADMIN"),
    "tilganger.fjern": privilegium("ADMIN"),
    "tilganger.slutt": privilegium("ADMIN"),
    "tilganger.personer": privilegium("ORG.LES", "ADMIN"),
    "tilganger.person": privilegium("ORG.LES", "ADMIN"),
    "tilganger.sluttet": privilegium("ADMIN"),
    # Groups, the half-yearly review, many grants from a file, and all grants as a file.
    "tilganger.grupper": privilegium("ORG.LES"),
    "tilganger.gruppe": privilegium("ORG.LES"),
    "tilganger.ny_gruppe": privilegium("ADMIN"),
    "tilganger.gruppenavn": privilegium("ADMIN"),
    "tilganger.nytt_medlem": privilegium("ADMIN"),
    "tilganger.fjern_medlem": privilegium("ADMIN"),
    "tilganger.slett_gruppe": privilegium("ADMIN"),
    "tilganger.gjennomgang": privilegium("ORG.LES"),
    "tilganger.start_gjennomgang": privilegium("ADMIN"),
    "tilganger.vurdering": privilegium("ADMIN"),
    "tilganger.svar_gjennomgang": privilegium("ADMIN"),
    "tilganger.fra_fil": privilegium("ADMIN", maks_bytes=ACCESS_FILE_BODY),
    "tilganger.eksempelfil": privilegium("ADMIN"),
    "tilganger.filkontroll": privilegium("ADMIN"),
    "tilganger.gi_fra_fil": privilegium("ADMIN"),
    "tilganger.forkast_fil": privilegium("ADMIN"),
    "tilganger.eksport": privilegium("ORG.LES", fersk=True),
    # The sender's pages of SvarUt: how a konto is set up, its log of letters, one letter.
    "organisasjon.kontodel": privilegium("ADMIN"),
    "organisasjon.forside": privilegium("ADMIN"),
    "organisasjon.servicepassord": privilegium("ADMIN", fersk=True),
    "forvaltning.statistikk_eksport": privilegium(*SE_UTSENDING, "SVARUT.LES_ALLE"),
    "svarut.forsendelser": privilegium(*LES_LOGG),
    "svarut.mottaker": privilegium(*LES_LOGG),
    "svarut.eksport": privilegium(*LES_LOGG, fersk=True),
    "svarut.forsendelse": privilegium(*LES_LOGG),
    "svarut.prov_igjen": privilegium("SVARUT.SENDE"),
    "svarut.handtert": privilegium("SVARUT.STOPPE"),
    "svarut.slett": privilegium("SVARUT.SENDE"),
    # What the interfaces are, for anybody to read.
    "api_dokumentasjon.openapi": offentlig(),
    "api_dokumentasjon.dokumentasjon": offentlig(),
    "api_dokumentasjon.feilkoder": offentlig(),
    # SvarUt for machines. A letter's own routes ask for its konto in the use case.
    "svarut_v2.forsendelse": SENDER,
    "svarut_v2.status": LESER,
    "svarut_v2.eksternref": LESER,
    "svarut_v2.eksternref_metadata": LESER,
    "svarut_v2.hendelser": maskin(),
    "svarut_v2.signeringshendelser": maskin(),
    "svarut_v2.metadata": maskin(),
    "svarut_v2.lest": maskin(),
    "svarut_v2.slett": maskin(),
    "svarut_v2.forsendelsestyper": maskin(),
    "svarut_v2.mottakersystem": maskin(),
    "svarut_v3.person": SENDER,
    "svarut_v3.organisasjon": SENDER,
    "svarut_v3.papir": SENDER,
    "svarut_v3.nhn": SENDER,
    "svarut_v3.status": LESER,
    # SvarUt REST v1 and SOAP, by the service password of a konto.
    "api_svarut_v1.send": kontopassord(maks_bytes=LETTER_BODY),
    "api_svarut_v1.start": kontopassord(),
    "api_svarut_v1.send_med_id": kontopassord(maks_bytes=LETTER_BODY),
    "api_svarut_v1.status": kontopassord(),
    "api_svarut_v1.statuser": kontopassord(),
    "api_svarut_v1.historikk": kontopassord(),
    "api_svarut_v1.signeringhistorikk": kontopassord(),
    "api_svarut_v1.dokument_metadata": kontopassord(),
    "api_svarut_v1.sett_lest": kontopassord(),
    "api_svarut_v1.forsendelse_typer": kontopassord(),
    "api_svarut_v1.mottakersystem": kontopassord(),
    "api_svarut_v1.mottakersystem_for": kontopassord(),
    "api_svarut_v1.eksternref": kontopassord(),
    "api_svarut_v1.slett_filer": kontopassord(),
    "api_svarut_soap.wsdl": offentlig(),
    "api_svarut_soap.kall": kontopassord(maks_bytes=SOAP_BODY),
    # What senders encrypt letters to.
    "svarut_nokkel.hent": offentlig(),
    # The receiver's «Post fra kommunen».
    "minside.post": innbygger(),
    "minside.post_brev": innbygger(),
}

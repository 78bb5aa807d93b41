"""The access table: who may enter which route. A route that is not in it is closed.

The machines' rows are in `machine_table`, those of Manuell utsending in `utsending_table`.

Add a row for every new endpoint; a test compares the table with the app's url_map.
"""

from __future__ import annotations

from portal.access.kinds import Krav, innbygger, innlogget, offentlig, organisasjon, privilegium, rot
from portal.access.machine_table import ATTACHMENT_BODY, MASKINER
from portal.access.utsending_table import SE_UTSENDING, UTSENDINGER

ANSATT = (
    "ADMIN",
    "ORG.LES",
    "ORG.REDIGER",
    "INTEGRASJON.ADMINISTRER",
    "AVTALE.SIGNER",
    "AUDIT.LES",
    "REGISTER.OPPSLAG",
    "SVARUT.LES_ALLE",
    *SE_UTSENDING,
    "SVARUT.SE_SPERRET",
    "EDIALOG.KONFIGURERE",
    "VARSLING.SMS_SENDE",
    "SVARINN.MOTTA",
    "SVARINN.KONFIGURERE",
)

LES_LOGG = ("SVARUT.LESE", "SVARUT.SENDE", "SVARUT.STOPPE", "SVARUT.LES_ALLE")
LOGO_BODY = 5 * 1024 * 1024
ACCESS_FILE_BODY = 3 * 1024 * 1024
"""Body limits a little above the largest logo and the largest file of grants."""

MOTTA = privilegium("SVARINN.MOTTA")
"""A person who receives letters manually."""

SES_IGJEN = frozenset(
    {
        "utsending.godkjenn",
        "organisasjon.signer",
        "sms.send",
        "tilganger.bekreft",
        "tilganger.gi_fra_fil",
        "tilganger.ny_bekreft",
    }
)
"""Acts bound to what the page showed: after a login the page is shown again, and the form is not offered
alone.
"""

AV_SEG_SELV = frozenset(
    {
        "innlogging.varer",
        "rot.drift_naa",
        "sms.fremdrift",
        "utsending.dokumentkontroll",
        "utsending.filer_fremdrift",
        "utsending.fremdrift",
        "utsending.godkjenning_brev",
        "utsending.lesing",
        "utsending.samlet_fremdrift",
        "utsending.visning_venter",
    }
)
"""Endpoints that open pages poll without their person (htmx): polling neither keeps a login alive nor starts
one.
"""

FOR_OPPSETT = frozenset({"organisasjon.forstegang", "organisasjon.oppsett"})
"""The only pages of an organisation that are open before its first-time set-up is finished."""

TILGANG: dict[str, Krav] = {
    **MASKINER,
    **UTSENDINGER,
    "static": offentlig(),
    "sider.forside": offentlig(),
    "helse.levende": offentlig(),
    "helse.klar": offentlig(),
    "sider.hjelp": offentlig(),
    "sider.personvern": offentlig(),
    "sider.tilgjengelighet": offentlig(),
    "innlogging.logg_inn": offentlig(),
    "innlogging.start": offentlig(),
    "innlogging.tilbake": offentlig(),
    "innlogging.frontkanal": offentlig(),
    "innlogging.logget_ut": offentlig(),
    "innlogging.bekreft": innlogget(nivaa=3),
    "innlogging.varer": innlogget(nivaa=3),
    "innlogging.fortsett": innlogget(nivaa=3),
    "innlogging.logg_ut": offentlig(),
    "innlogging.velg_organisasjon": innlogget(),
    "forvaltning.oversikt": privilegium(*ANSATT),
    "forvaltning.statistikk": privilegium(*SE_UTSENDING, "SVARUT.LES_ALLE"),
    "forvaltning.privilegier": innlogget(),
    "forvaltning.avslutt_for": privilegium("ADMIN"),
    "forvaltning.revisjonslogg": organisasjon("AUDIT.LES"),
    "forvaltning.revisjonslogg_eksport": organisasjon("AUDIT.LES", fersk=True),
    "minside.brev": innbygger(),
    # Login, logout and MinSide
    "innlogging.bakkanal": offentlig(),
    "innlogging.skjema": innlogget(nivaa=3),
    "innlogging.forkast_skjema": innlogget(nivaa=3),
    "minside.forside": innbygger(),
    "minside.velg_aktor": innbygger(),
    "minside.bytt_aktor": innbygger(),
    "minside.bytt_sprak": innbygger(),
    "minside.hjelp": offentlig(),
    "minside.personvern": offentlig(),
    "minside.tilgjengelighet": offentlig(),
    "minside.innsynslogg": innbygger(),
    "minside.innlogginger": innbygger(),
    "minside.avslutt_innlogging": innbygger(),
    # The organisation's own data, services, agreements and kontoer.
    "organisasjon.forstegang": privilegium("ADMIN"),
    "organisasjon.oppsett": privilegium("ADMIN"),
    "organisasjon.oversikt": organisasjon("ORG.LES"),
    "organisasjon.rediger": privilegium("ORG.REDIGER"),
    "organisasjon.logo": privilegium("ORG.REDIGER", maks_bytes=LOGO_BODY),
    "organisasjon.logobilde": privilegium("ORG.LES", "ORG.REDIGER"),
    "organisasjon.fjern_logo": privilegium("ORG.REDIGER"),
    "organisasjon.priser": privilegium("ADMIN"),
    "organisasjon.prisliste": privilegium("ADMIN"),
    "organisasjon.ressurser": organisasjon("ORG.LES"),
    "organisasjon.tjenester": organisasjon("ORG.LES", "AVTALE.SIGNER"),
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
    # Mottakersystemer: set up by the ADMIN of each.
    "svarinn.oversikt": privilegium("ADMIN"),
    "svarinn.ny": privilegium("ADMIN"),
    "svarinn.detalj": privilegium("ADMIN"),
    "svarinn.rediger": privilegium("ADMIN"),
    "svarinn.steng": privilegium("ADMIN"),
    "svarinn.apne": privilegium("ADMIN"),
    "svarinn.ny_kobling": privilegium("ADMIN"),
    "svarinn.kobling": privilegium("ADMIN"),
    "svarinn.fjern_kobling": privilegium("ADMIN"),
    "svarinn.passord": privilegium("ADMIN", fersk=True),
    "svarinn.sertifikat": privilegium("ADMIN", fersk=True),
    "svarinn.fjern_sertifikat": privilegium("ADMIN", fersk=True),
    # Manuelt mottak: a person instead of the mottakersystem.
    "mottak.liste": MOTTA,
    "mottak.brev": MOTTA,
    "mottak.fil": MOTTA,
    "mottak.filer": MOTTA,
    "mottak.sider": MOTTA,
    "mottak.side": MOTTA,
    "mottak.motta": MOTTA,
    "mottak.avvis": MOTTA,
    "mottak.flytt": MOTTA,
    "mottak.tildel": MOTTA,
    "mottak.notat": MOTTA,
    # The root plane: who runs the platform, and no data of any organisation.
    "rot.organisasjoner": rot(),
    "rot.ny_organisasjon": rot(fersk=True),
    "rot.organisasjon": rot(),
    "rot.ny_administrator": rot(fersk=True),
    "rot.endre_organisasjon": rot(fersk=True),
    "rot.rett_navn": rot(fersk=True),
    "rot.avtaler": rot(),
    "rot.ny_avtale": rot(fersk=True),
    "rot.integrasjoner": rot(),
    "rot.ny_integrasjon": rot(fersk=True),
    "rot.integrasjon": rot(),
    "rot.passord": rot(fersk=True),
    "rot.slett_integrasjon": rot(),
    "rot.drift": rot(),
    "rot.drift_naa": rot(),
    "rot.stans": rot(fersk=True),
    "rot.start": rot(fersk=True),
    "dybde.dybde": rot(),
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
    "organisasjon.bankkonto": privilegium("ADMIN", fersk=True),
    "organisasjon.forside": privilegium("ADMIN"),
    "organisasjon.servicepassord": privilegium("ADMIN", fersk=True),
    "forvaltning.statistikk_eksport": privilegium(*SE_UTSENDING, "SVARUT.LES_ALLE"),
    "svarut.forsendelser": privilegium(*LES_LOGG),
    "svarut.mottaker": privilegium(*LES_LOGG),
    "svarut.eksport": privilegium(*LES_LOGG, fersk=True),
    "svarut.forsendelse": privilegium(*LES_LOGG),
    "svarut.prov_igjen": privilegium("SVARUT.SENDE"),
    "svarut.handtert": privilegium("SVARUT.STOPPE"),
    "svarut.retur": privilegium("SVARUT.SENDE"),
    "svarut.slett": privilegium("SVARUT.SENDE"),
    # Letters the sender prints itself. Each use case asks again for the letter's own konto.
    "utskrift.ko": privilegium("SVARUT.SENDE"),
    "utskrift.brev": privilegium("SVARUT.SENDE"),
    "utskrift.postlagt": privilegium("SVARUT.SENDE"),
    # What the interfaces are, for anybody to read.
    "api_dokumentasjon.openapi": offentlig(),
    "api_dokumentasjon.dokumentasjon": offentlig(),
    "api_dokumentasjon.feilkoder": offentlig(),
    # SMS: written and followed by those who may send it, its kontoer made by the administrator.
    "sms.oversikt": privilegium("VARSLING.SMS_SENDE"),
    "sms.ny": privilegium("VARSLING.SMS_SENDE"),
    "sms.se_over": privilegium("VARSLING.SMS_SENDE"),
    "sms.send": privilegium("VARSLING.SMS_SENDE"),
    "sms.utsendelse": privilegium("VARSLING.SMS_SENDE"),
    "sms.fremdrift": privilegium("VARSLING.SMS_SENDE"),
    "sms.mottakere": privilegium("VARSLING.SMS_SENDE"),
    "organisasjon.ny_smskonto": privilegium("ADMIN"),
    "organisasjon.smskonto": privilegium("ADMIN"),
    "organisasjon.steng_smskonto": privilegium("ADMIN"),
    "organisasjon.apne_smskonto": privilegium("ADMIN"),
    # The national registers.
    "oppslag.registeroppslag": organisasjon("REGISTER.OPPSLAG"),
    # The receiver's «Post fra kommunen».
    "minside.post": innbygger(),
    "minside.post_brev": innbygger(),
    "minside.brev_lenke": innbygger(),
    # eDialog: the citizen writes to the kommune, and an administrator switches it on for a konto.
    "minside.edialog_velg": innbygger(),
    "minside.edialog_mottaker": innbygger(),
    "minside.edialog_start": innbygger(),
    "minside.edialog_svar": innbygger(),
    "minside.edialog_skjema": innbygger(),
    "minside.edialog_vedlegg": innbygger(maks_bytes=ATTACHMENT_BODY),
    "minside.edialog_fjern_fil": innbygger(),
    "minside.edialog_oppsummering": innbygger(),
    "minside.edialog_kvittering": innbygger(),
    "minside.edialog_slett": innbygger(),
    "minside.henvendelser": innbygger(),
    "organisasjon.edialog": privilegium("ADMIN"),
    "organisasjon.edialog_nytt_skjema": privilegium("ADMIN"),
    "organisasjon.edialog_skjema": privilegium("ADMIN"),
    "organisasjon.edialog_fjern_skjema": privilegium("ADMIN"),
    "organisasjon.edialog_standard": privilegium("ADMIN"),
}

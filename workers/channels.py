"""The channels as delivery sees them: each turns a letter into what its client sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from config.settings import Settings
from fiks.core.address import postal_zone
from fiks.core.environment import current
from fiks.print.client import LONGEST_SECONDS, TIMEOUT_SECONDS, PrintClient
from fiks.print.pdf import Sammenfletter, Utskriftsdokument
from fiks.print.rules import Printordre
from fiks.registeroppslag.register import open_register
from fiks.svarut.client import TIMEOUT, AltinnClient, DpiClient, Utgaende
from fiks.svarut.delivery import Kanalport, Verden
from fiks.svarut.letters import Brev, Brevlenke, Dokumentref, read_checked
from fiks.svarut.receipts import Feed
from fiks.svarut.rules import Kanal, Mottakertype, Opphav
from fiks.svarut.signing import Signeringsport
from fiks.svarut.signing_client import TIMEOUT as SIGNING_TIMEOUT
from fiks.svarut.signing_client import SigneringClient, UtenSignering
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.coversheet import draw_cover

DEFAULT_TEXT = "Du har fått brev fra {avsender}. Logg inn for å lese det."


def letter_link(brev: Brev) -> str:
    """Where the receiver reads the letter."""
    return f"{current().minside_base_url}/forsendelse/{brev.id}/1"


def _digital(referanse: str, brev: Brev, document: Dokumentref | None, extra: str) -> Utgaende:
    """The letter as both digital channels have it; `extra` is what the konto adds to its message there."""
    text = brev.altinn_tekst or DEFAULT_TEXT.format(avsender=brev.avsender_navn)
    return Utgaende(
        referanse=referanse,
        mottaker=brev.mottaker.digital_id,
        avsender_orgnr=brev.avsender_orgnr,
        tittel=brev.tittel,
        tekst="\n\n".join(filter(None, [text, extra, *map(_link_text, brev.lenker)])),
        lenke=letter_link(brev),
        sikkerhetsniva=brev.sikkerhetsniva,
        spraak=None,
        filnavn=document.filnavn if document else None,
        dokument=read_checked(document) if document else None,
        taushetsbelagt=brev.taushetsbelagt and brev.mottakertype is Mottakertype.ORGANISASJON,
    )


def _link_text(link: Brevlenke) -> str:
    """A link as it stands in the message: what leads up to it, its text, and the address itself."""
    return " ".join(filter(None, (link.ledetekst, f"{link.tekst}:", link.url)))


class DpiPort:
    """Digital mailboxes: the PDF itself where the konto says so, else a message with the link."""

    def __init__(self, client: DpiClient) -> None:
        self.client = client

    def send(self, referanse: str, brev: Brev) -> str:
        said, document = brev.oppsett, brev.first if brev.send_med_dokumenter else None
        letter = _digital(referanse, brev, document, said.sdp_ekstratekst)
        sender = said.sdp_orgnr or brev.avsender_orgnr
        return self.client.send(replace(letter, avsender_orgnr=sender, avsender_id=said.sdp_id))

    def lookup(self, referanse: str) -> str | None:
        return self.client.lookup(referanse)


class AltinnPort:
    """Altinn: always a message with the link."""

    def __init__(self, client: AltinnClient) -> None:
        self.client = client

    def send(self, referanse: str, brev: Brev) -> str:
        letter = _digital(referanse, brev, None, brev.oppsett.altinn_ekstratekst)
        return self.client.send(replace(letter, varsle=brev.oppsett.altinn_varsel))

    def lookup(self, referanse: str) -> str | None:
        return self.client.lookup(referanse)


class PrintPort:
    """Paper: every document in order merged to one file, each beginning on a new sheet.

    A letter from a fagsystem gets its cover sheet here; that of a mailing is drawn and approved with it.
    """

    def __init__(self, client: PrintClient, printer: Callable[[], Brevtrykker]) -> None:
        self.client = client
        self._printer = printer
        self._merger = Sammenfletter()

    def send(self, referanse: str, brev: Brev) -> str:
        parts = [Utskriftsdokument(read_checked(d), tuple(d.giroark)) for d in brev.printed]
        if brev.opphav is not Opphav.UTSENDING:
            parts.insert(0, Utskriftsdokument(draw_cover(brev, self._printer())))
        merged = self._merger.merge(parts, tosidig=brev.tosidig)
        return self.client.send(
            Printordre(
                referanse=referanse,
                forsendelse_id=str(brev.id),
                pdf=merged.pdf,
                sider=merged.sider,
                tosidig=brev.tosidig,
                farger=brev.farger,
                giroark=tuple(merged.giro_sider),
                konteringskode=brev.konteringskode,
                sone=postal_zone(brev.mottaker.adresse.land),
            )
        )

    def lookup(self, referanse: str) -> str | None:
        return self.client.lookup(referanse)


def read_seconds(settings: Settings) -> float:
    """How long a channel may be silent: a call must be over well before its outcome may be taken for nothing."""
    return min(TIMEOUT[1], settings.karantene_sekunder / 2)


def open_signing(settings: Settings) -> Signeringsport:
    """The signing service at the address of the settings, if they have one."""
    if not settings.signering_url:
        return UtenSignering()
    return SigneringClient(settings.signering_url, (SIGNING_TIMEOUT[0], read_seconds(settings)))


def open_world(settings: Settings, printer: Callable[[], Brevtrykker]) -> tuple[Verden, dict[Kanal, Feed]]:
    """Everything outside, at the addresses of the settings: what delivery calls, and the feeds of receipts.

    `printer` gives what draws cover sheets, made when first asked for.
    """
    silence = read_seconds(settings)
    timeout = (min(TIMEOUT[0], silence), silence)
    dpi, altinn = DpiClient(settings.dpi_url, timeout), AltinnClient(settings.altinn_url, timeout)
    certificate = Path(settings.print_certificate).read_bytes() if settings.print_certificate else None
    printing = PrintClient(
        settings.print_sftp_url,
        certificate=certificate,
        timeout=min(TIMEOUT_SECONDS, silence),
        longest=min(LONGEST_SECONDS, silence),
    )
    ports: dict[Kanal, Kanalport] = {
        Kanal.DPI: DpiPort(dpi),
        Kanal.ALTINN: AltinnPort(altinn),
        Kanal.PRINT: PrintPort(printing, printer),
    }
    feeds: dict[Kanal, Feed] = {Kanal.DPI: dpi, Kanal.ALTINN: altinn, Kanal.PRINT: printing}
    return Verden(open_register(settings), ports), feeds

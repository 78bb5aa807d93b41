"""The three national registers as one object, built from the settings by portal and workers."""

from __future__ import annotations

from collections.abc import Sequence

from config.settings import Settings
from fiks.registeroppslag.client import EnhetsregisterClient, FolkeregisterClient, KrrClient
from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Virksomhet


class Register:
    """Look-ups of many ids at a time; an id that is not found is absent. Raises KanalFeil when there is no
    answer.
    """

    def __init__(
        self, folkeregister: FolkeregisterClient, krr: KrrClient, enheter: EnhetsregisterClient
    ) -> None:
        self._folkeregister = folkeregister
        self._krr = krr
        self._enheter = enheter

    def personer(self, fnrs: Sequence[str]) -> dict[str, Person]:
        return self._folkeregister.personer(fnrs)

    def kontakt(self, fnrs: Sequence[str]) -> dict[str, Kontaktinformasjon]:
        return self._krr.kontakt(fnrs)

    def virksomheter(self, orgnrs: Sequence[str]) -> dict[str, Virksomhet]:
        return self._enheter.virksomheter(orgnrs)


def open_register(settings: Settings) -> Register:
    """Build the registers at the settings' addresses."""
    return Register(
        FolkeregisterClient(settings.folkeregister_url),
        KrrClient(settings.krr_url),
        EnhetsregisterClient(settings.enhetsregister_url),
    )

"""Names of the groups in the answer to a stop, and what each means for its receivers."""

from __future__ import annotations

from dataclasses import dataclass

from fiks.utsending.sending.stop_report import Gruppe


@dataclass(frozen=True, slots=True)
class Gruppetekst:
    tittel: str
    forklaring: str


GRUPPER: dict[Gruppe, Gruppetekst] = {
    Gruppe.LEVERT_DIGITALT: Gruppetekst("Levert digitalt", "Har fått brevet. Det kan ikke trekkes tilbake."),
    Gruppe.ALTINN_ULEST: Gruppetekst(
        "I Altinn, ikke lest",
        "Har fått brevet i Altinn. Leses det ikke innen fristen, skrives det ut og sendes.",
    ),
    Gruppe.IKKE_SKREVET_UT: Gruppetekst(
        "I Altinn, skrives ikke ut", "Har fått brevet i Altinn, og bare der."
    ),
    Gruppe.PAPIR: Gruppetekst(
        "Sendt på papir",
        "Er bestilt, hos trykkeriet eller postlagt. Det trykkeriet har, kan ikke trekkes tilbake.",
    ),
    Gruppe.STOPPET: Gruppetekst("Stoppet før sending", "Har ikke fått brevet, og får det ikke."),
    Gruppe.IKKE_LEVERT: Gruppetekst(
        "Kunne ikke leveres", "Har ikke fått brevet. Ingen kanal kunne ta imot det."
    ),
    Gruppe.PARKERT: Gruppetekst("Holdt utenfor", "Var ikke med i utsendingen."),
    Gruppe.AVKLARES: Gruppetekst(
        "Avklares",
        "Var på vei ut da du stoppet, eller kom ikke fram i én kanal og er ikke tatt imot av den neste ennå.",
    ),
}

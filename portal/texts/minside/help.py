"""The help page of Min side, in bokmål and nynorsk (a test compares their parts)."""

from __future__ import annotations

from typing import NamedTuple


class Lenke(NamedTuple):
    """A link that leads out of here."""

    tekst: str
    adresse: str


class Del(NamedTuple):
    """A part of a page under its own heading: paragraphs, then points, then a link."""

    tittel: str
    avsnitt: tuple[str, ...] = ()
    punkter: tuple[str, ...] = ()
    lenke: Lenke | None = None


class Side(NamedTuple):
    """A page that is only read. A soft hyphen in `tittel` says where it may be broken."""

    tittel: str
    ingress: str
    deler: tuple[Del, ...]


IDPORTEN = "https://eid.difi.no/{sprak}/id-porten"
RESERVASJON = "https://www.norge.no"

HJELP: dict[str, Side] = {
    "nb": Side(
        "Hjelp og kontakt",
        "Min side er for deg som får brev fra en kommune eller en annen offentlig virksomhet, eller vil skrive til en.",
        (
            Del(
                "Spørsmål om et brev",
                (
                    "Spør den som har sendt brevet. Navnet står på brevet og i listen over post. Avsenderen kan svare "
                    "på hva brevet gjelder, rette feil i det og sende det på nytt.",
                    "Klager eller søknader sender du også til avsenderen, slik det står i brevet.",
                ),
            ),
            Del(
                "Innlogging",
                (),
                (
                    "Du logger inn med ID-porten, for eksempel med MinID eller BankID.",
                    "Brev med følsomme opplysninger krever nivå 4, for eksempel BankID. Er du logget inn på nivå 3, "
                    "ser du bare hvor mange de er.",
                    "Etter 30 minutter uten aktivitet, og senest to timer etter innlogging, må du logge inn på nytt.",
                    "Under «Mine innlogginger» ser du hvor du er logget inn, og kan avslutte en innlogging du ikke "
                    "kjenner igjen.",
                ),
                Lenke("Hjelp fra ID-porten med elektronisk ID", IDPORTEN.format(sprak="nb")),
            ),
            Del(
                "Hva merkene betyr",
                ("Ved brevene i «Post fra kommunen»:",),
                (
                    "Ulest: Brevet er ikke lest. Det blir lest når du laster ned et helt dokument. Å åpne siden til "
                    "brevet er ikke nok.",
                    "Lest: Brevet er lest, her eller et annet sted, og avsenderen ser det.",
                    "Delt med deg: Brevet er til en annen, og avsenderen har gitt deg innsyn i det.",
                ),
            ),
            Del(
                "Frister",
                (),
                (
                    "Fristen for å lese brevet: Står det en frist ved et ulest brev, kommer brevet i posten når den "
                    "er ute. Laster du det ned før, gjør det ikke det.",
                    "Frister i brevet: For eksempel for å klage eller betale. De gjelder uansett når du leser brevet "
                    "her. Spør avsenderen hvis du er i tvil.",
                    "Brevene slettes etter en tid, ofte noen måneder. Last ned det du vil beholde.",
                ),
            ),
            Del(
                "Brev på papir",
                (
                    "Brev går i posten når de ikke kan leveres digitalt, og når de ikke er lest innen fristen. Står "
                    "det ved brevet at det blir sendt i posten, er det på vei. Noen brev sendes bare digitalt.",
                    "Er adressen feil, sier du fra til avsenderen. Vil du ha post fra det offentlige på papir, "
                    "reserverer du deg mot digital kommunikasjon.",
                ),
                (),
                Lenke("Reserver deg på norge.no", RESERVASJON),
            ),
            Del(
                "Representere en virksomhet",
                (
                    "Velg «Bytt hvem du representerer» på Min side. Du kan velge virksomheter du har fullmakt for i "
                    "Altinn. For å se posten trenger du tilgangen «Post/arkiv», eller tilgangen til post med "
                    "taushetsbelagt innhold.",
                    "Mangler virksomheten eller tilgangen, spør den som administrerer tilgangene i virksomheten. Mens "
                    "du representerer en virksomhet, ser du ikke din egen post.",
                ),
            ),
            Del(
                "Skrive til kommunen",
                (
                    "Under «Skriv til kommunen» kan du sende en melding med vedlegg som PDF. Kvitteringen kommer på "
                    "e-post hvis du har oppgitt en adresse eller har en i kontaktregisteret. Det du har sendt, kan du "
                    "ikke endre.",
                    "Under «Mine henvendelser» står alt du har skrevet:",
                ),
                (
                    "Utkast: Ikke sendt. Det slettes når du ikke har rørt det på 30 dager.",
                    "Sendes: Vi har tatt imot henvendelsen og gjør den klar.",
                    "Sendt: Åpne henvendelsen for å se om den er på vei, framme eller lest.",
                    "Ikke sendt: Noe gikk galt. Det du skrev, er tatt vare på. Se over, og send på nytt.",
                ),
            ),
            Del(
                "Noe virker ikke",
                (
                    "Prøv igjen om litt. Hjelper det ikke, kontakt kommunen eller virksomheten brevet gjelder. Står "
                    "det en feilkode på siden, oppgir du den. Ikke skriv fødselsnummer i en vanlig e-post.",
                ),
            ),
        ),
    ),
    "nn": Side(
        "Hjelp og kontakt",
        "Mi side er for deg som får brev frå ein kommune eller ei anna offentleg verksemd, eller vil skrive til ei.",
        (
            Del(
                "Spørsmål om eit brev",
                (
                    "Spør den som har sendt brevet. Namnet står på brevet og i lista over post. Avsendaren kan svare "
                    "på kva brevet gjeld, rette feil i det og sende det på nytt.",
                    "Klager eller søknader sender du også til avsendaren, slik det står i brevet.",
                ),
            ),
            Del(
                "Innlogging",
                (),
                (
                    "Du loggar inn med ID-porten, til dømes med MinID eller BankID.",
                    "Brev med følsame opplysningar krev nivå 4, til dømes BankID. Er du logga inn på nivå 3, ser du "
                    "berre kor mange dei er.",
                    "Etter 30 minutt utan aktivitet, og seinast to timar etter innlogging, må du logge inn på nytt.",
                    "Under «Innloggingane mine» ser du kvar du er logga inn, og kan avslutte ei innlogging du ikkje "
                    "kjenner igjen.",
                ),
                Lenke("Hjelp frå ID-porten med elektronisk ID", IDPORTEN.format(sprak="nn")),
            ),
            Del(
                "Kva merka betyr",
                ("Ved breva i «Post frå kommunen»:",),
                (
                    "Ulese: Brevet er ikkje lese. Det blir lese når du lastar ned eit heilt dokument. Å opne sida til "
                    "brevet er ikkje nok.",
                    "Lese: Brevet er lese, her eller ein annan stad, og avsendaren ser det.",
                    "Delt med deg: Brevet er til ein annan, og avsendaren har gitt deg innsyn i det.",
                ),
            ),
            Del(
                "Fristar",
                (),
                (
                    "Fristen for å lese brevet: Står det ein frist ved eit ulese brev, kjem brevet i posten når han "
                    "er ute. Lastar du det ned før, gjer det ikkje det.",
                    "Fristar i brevet: Til dømes for å klage eller betale. Dei gjeld uansett når du les brevet her. "
                    "Spør avsendaren om du er i tvil.",
                    "Breva blir sletta etter ei tid, ofte nokre månader. Last ned det du vil ta vare på.",
                ),
            ),
            Del(
                "Brev på papir",
                (
                    "Brev går i posten når dei ikkje kan leverast digitalt, og når dei ikkje er lesne innan fristen. "
                    "Står det ved brevet at det blir sendt i posten, er det på veg. Nokre brev blir berre sende "
                    "digitalt.",
                    "Er adressa feil, seier du frå til avsendaren. Vil du ha post frå det offentlege på papir, "
                    "reserverer du deg mot digital kommunikasjon.",
                ),
                (),
                Lenke("Reserver deg på norge.no", RESERVASJON),
            ),
            Del(
                "Representere ei verksemd",
                (
                    "Vel «Byt kven du representerer» på Mi side. Du kan velje verksemder du har fullmakt for i "
                    "Altinn. For å sjå posten treng du tilgangen «Post/arkiv», eller tilgangen til post med "
                    "teiepliktig innhald.",
                    "Manglar verksemda eller tilgangen, spør den som administrerer tilgangane i verksemda. Medan du "
                    "representerer ei verksemd, ser du ikkje din eigen post.",
                ),
            ),
            Del(
                "Skrive til kommunen",
                (
                    "Under «Skriv til kommunen» kan du sende ei melding med vedlegg som PDF. Kvitteringa kjem på "
                    "e-post om du har oppgitt ei adresse eller har ei i kontaktregisteret. Det du har sendt, kan du "
                    "ikkje endre.",
                    "Under «Meldingane mine» står alt du har skrive:",
                ),
                (
                    "Utkast: Ikkje sendt. Det blir sletta når du ikkje har rørt det på 30 dagar.",
                    "Blir send: Vi har teke imot meldinga og gjer henne klar.",
                    "Send: Opne meldinga for å sjå om ho er på veg, framme eller lesen.",
                    "Ikkje send: Noko gjekk gale. Det du skreiv, er teke vare på. Sjå over, og send på nytt.",
                ),
            ),
            Del(
                "Noko verkar ikkje",
                (
                    "Prøv igjen om litt. Hjelper det ikkje, kontakt kommunen eller verksemda brevet gjeld. Står det "
                    "ein feilkode på sida, oppgir du han. Ikkje skriv fødselsnummer i ein vanleg e-post.",
                ),
            ),
        ),
    ),
}

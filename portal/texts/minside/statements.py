"""Privacy and accessibility statements of Min side, in bokmål and nynorsk (a test compares their parts)."""

from __future__ import annotations

from portal.texts.minside.help import Del, Lenke, Side

DATATILSYNET = Lenke("Datatilsynet", "https://www.datatilsynet.no")

PERSONVERN: dict[str, Side] = {
    "nb": Side(
        "Personvern",
        "Her står det hvilke opplysninger om deg Min side bruker, hvorfor, og hvor lenge.",
        (
            Del(
                "Hvem har ansvaret",
                (
                    "Den som sender et brev, er behandlingsansvarlig for opplysningene i det. Den du skriver til, er "
                    "det for henvendelsen din. Den som drifter Min side, er databehandler for dem.",
                ),
            ),
            Del(
                "Opplysninger om deg",
                (),
                (
                    "Navnet ditt, og fødselsnummeret fra ID-porten, for å vite sikkert hvem du er. Nummeret lagres "
                    "kryptert.",
                    "Brevene til deg, og når de ble levert, lest eller sendt i posten. Avsenderen ser det også.",
                    "Hvilke virksomheter du kan representere. Det spør vi Altinn om.",
                    "Det du skriver til kommunen, med vedlegg, og e-postadressen kvitteringen skal til. Har du ikke "
                    "oppgitt en, bruker vi den som står i Kontakt- og reservasjonsregisteret.",
                    "Hvilken nettleser du er logget inn med, og når den sist ble brukt, så du kan kjenne igjen "
                    "innloggingene dine.",
                    "En logg over brev som er åpnet og lastet ned, og over hvem som har slått deg opp. Oppslagene ser "
                    "du under «Hvem har sett mine opplysninger».",
                ),
            ),
            Del(
                "Hvor lenge",
                (
                    "Brev slettes når tiden avsenderen har valgt, er ute, eller når avsenderen sletter dem. Utkast "
                    "slettes når du ikke har rørt dem på 30 dager. Det du har sendt, blir borte herfra etter et år. "
                    "Loggen, og bevis for hva som ble sendt og når, blir stående.",
                ),
            ),
            Del(
                "Sikkerhet",
                (
                    "Dokumenter og fødselsnumre er kryptert. Fødselsnummer står aldri i adresser, logger eller "
                    "filnavn.",
                ),
            ),
            Del(
                "Informasjonskapsler",
                (
                    "Vi bruker to, og begge er nødvendige: én som holder deg innlogget til du logger ut, lukker "
                    "nettleseren eller innloggingen går ut, og én som varer i ti minutter mens du logger inn. Vi "
                    "sporer ikke bruken din og deler ingenting med andre.",
                ),
            ),
            Del(
                "Rettighetene dine",
                (
                    "Du kan be den som er behandlingsansvarlig, om innsyn, retting og sletting. Er du ikke fornøyd med "
                    "svaret, kan du klage til Datatilsynet.",
                ),
                (),
                DATATILSYNET,
            ),
        ),
    ),
    "nn": Side(
        "Personvern",
        "Her står det kva opplysningar om deg Mi side bruker, kvifor, og kor lenge.",
        (
            Del(
                "Kven har ansvaret",
                (
                    "Den som sender eit brev, er behandlingsansvarleg for opplysningane i det. Den du skriv til, er "
                    "det for meldinga di. Den som driftar Mi side, er databehandlar for dei.",
                ),
            ),
            Del(
                "Opplysningar om deg",
                (),
                (
                    "Namnet ditt, og fødselsnummeret frå ID-porten, for å vite sikkert kven du er. Nummeret blir lagra "
                    "kryptert.",
                    "Breva til deg, og når dei vart leverte, lesne eller sende i posten. Avsendaren ser det også.",
                    "Kva verksemder du kan representere. Det spør vi Altinn om.",
                    "Det du skriv til kommunen, med vedlegg, og e-postadressa kvitteringa skal til. Har du ikkje "
                    "oppgitt ei, bruker vi den som står i Kontakt- og reservasjonsregisteret.",
                    "Kva nettlesar du er logga inn med, og når han sist vart brukt, så du kan kjenne igjen "
                    "innloggingane dine.",
                    "Ein logg over brev som er opna og lasta ned, og over kven som har slått deg opp. Oppslaga ser du "
                    "under «Kven har sett opplysningane mine».",
                ),
            ),
            Del(
                "Kor lenge",
                (
                    "Brev blir sletta når tida avsendaren har valt, er ute, eller når avsendaren slettar dei. Utkast "
                    "blir sletta når du ikkje har rørt dei på 30 dagar. Det du har sendt, blir borte herifrå etter eit "
                    "år. Loggen, og bevis for kva som vart sendt og når, blir ståande.",
                ),
            ),
            Del(
                "Tryggleik",
                (
                    "Dokument og fødselsnummer er krypterte. Fødselsnummer står aldri i adresser, loggar eller "
                    "filnamn.",
                ),
            ),
            Del(
                "Informasjonskapslar",
                (
                    "Vi bruker to, og begge er nødvendige: éin som held deg innlogga til du loggar ut, lukkar "
                    "nettlesaren eller innlogginga går ut, og éin som varer i ti minutt medan du loggar inn. Vi "
                    "sporar ikkje bruken din og deler ingenting med andre.",
                ),
            ),
            Del(
                "Rettane dine",
                (
                    "Du kan be den som er behandlingsansvarleg, om innsyn, retting og sletting. Er du ikkje nøgd med "
                    "svaret, kan du klage til Datatilsynet.",
                ),
                (),
                DATATILSYNET,
            ),
        ),
    ),
}

TILGJENGELIGHET: dict[str, Side] = {
    "nb": Side(
        "Tilgjengelighets\u00aderklæring",
        "Alle skal kunne bruke Min side. Den skal oppfylle kravene i forskrift om universell utforming av "
        "IKT-løsninger, det vil si WCAG 2.1 på nivå A og AA.",
        (
            Del(
                "Slik er Min side laget",
                (),
                (
                    "Alt kan brukes med tastatur, og du ser alltid hvor du er.",
                    "Sidene har overskrifter, ledetekster og tabeller som skjermlesere forstår.",
                    "Status er skrevet med tekst, ikke bare vist med farge.",
                    "Sidene virker uten JavaScript og kan forstørres til 400 prosent uten at du må rulle sidelengs. "
                    "På en smal skjerm vises hver rad i en bred tabell for seg.",
                    "Feilmeldinger står samlet øverst og ved hvert felt, og sier hva du skal gjøre.",
                ),
            ),
            Del(
                "Slik er den kontrollert",
                (
                    "Sidene kontrolleres automatisk med verktøyet axe hver gang tjenesten endres, på bred og smal "
                    "skjerm. Automatisk kontroll finner ikke alt. Tjenesten er ikke kontrollert av andre enn dem som "
                    "har laget den.",
                ),
            ),
            Del("Kjente mangler", (), ("Dokumentene i brevene er laget av avsenderen, og kan ha mangler.",)),
            Del(
                "Meld fra",
                (
                    "Finner du noe som ikke virker for deg, si fra til kommunen eller virksomheten brevet gjelder. Får "
                    "du ikke hjelp, kan du klage til tilsynet.",
                ),
                (),
                Lenke("Tilsynet for universell utforming av IKT", "https://www.uutilsynet.no"),
            ),
        ),
    ),
    "nn": Side(
        "Tilgjenge\u00adlegheits\u00aderklæring",
        "Alle skal kunne bruke Mi side. Ho skal oppfylle krava i forskrift om universell utforming av IKT-løysingar, "
        "det vil seie WCAG 2.1 på nivå A og AA.",
        (
            Del(
                "Slik er Mi side laga",
                (),
                (
                    "Alt kan brukast med tastatur, og du ser alltid kvar du er.",
                    "Sidene har overskrifter, leietekstar og tabellar som skjermlesarar forstår.",
                    "Status er skriven med tekst, ikkje berre vist med farge.",
                    "Sidene verkar utan JavaScript og kan forstørrast til 400 prosent utan at du må rulle sidelengs. "
                    "På ein smal skjerm blir kvar rad i ein brei tabell vist for seg.",
                    "Feilmeldingar står samla øvst og ved kvart felt, og seier kva du skal gjere.",
                ),
            ),
            Del(
                "Slik er ho kontrollert",
                (
                    "Sidene blir kontrollerte automatisk med verktøyet axe kvar gong tenesta blir endra, på brei og "
                    "smal skjerm. Automatisk kontroll finn ikkje alt. Tenesta er ikkje kontrollert av andre enn dei "
                    "som har laga henne.",
                ),
            ),
            Del("Kjende manglar", (), ("Dokumenta i breva er laga av avsendaren, og kan ha manglar.",)),
            Del(
                "Meld frå",
                (
                    "Finn du noko som ikkje verkar for deg, sei frå til kommunen eller verksemda brevet gjeld. Får du "
                    "ikkje hjelp, kan du klage til tilsynet.",
                ),
                (),
                Lenke("Tilsynet for universell utforming av IKT", "https://www.uutilsynet.no"),
            ),
        ),
    ),
}

"""The citizen's texts of «Post fra kommunen», in bokmål and nynorsk (both hold the same keys)."""

from __future__ import annotations

NB: dict[str, str] = {
    "POST_TITTEL": "Post fra kommunen",
    "POST_INGRESS": "Brev til deg fra kommuner og andre som sender post gjennom oss. Det nyeste står øverst.",
    "POST_INGRESS_FOR": "Brev til {navn}. Det nyeste står øverst.",
    "POST_ULESTE_INGEN": "Du har ingen uleste brev.",
    "POST_ULESTE_EN": "Du har 1 ulest brev.",
    "POST_ULESTE_FLERE": "Du har {antall} uleste brev.",
    "POST_ULESTE_MANGE": "Du har flere enn {antall} uleste brev.",
    "POST_APNE": "Åpne Post fra kommunen",
    "POST_HOYERE_EN": "1 brev krever høyere sikkerhet",
    "POST_HOYERE_FLERE": "{antall} brev krever høyere sikkerhet",
    "POST_HOYERE_MANGE": "Flere enn {antall} brev krever høyere sikkerhet",
    "POST_HOYERE": "Du er logget inn på nivå 3. Logg inn på nivå 4 for å se hva som ligger der.",
    "POST_UTVALG": "Velg hvilke brev du vil se",
    "POST_AAR": "År",
    "POST_AAR_ALLE": "Alle år",
    "POST_AVSENDER": "Avsender",
    "POST_AVSENDER_ALLE": "Alle avsendere",
    "POST_BARE_ULESTE": "Vis bare uleste brev",
    "POST_VIS": "Vis brev",
    "POST_ULEST": "Ulest",
    "POST_LEST": "Lest",
    "POST_DELT": "Delt med deg",
    "POST_FRA": "Fra {avsender}",
    "POST_SENDT": "Sendt {dato}",
    "POST_MOTTATT": "Mottatt {dato}",
    "POST_LAGET": "Laget {dato}",
    "POST_FRIST": "Leser du ikke brevet innen {frist}, kommer det i posten.",
    "POST_PAPIR": "Brevet er også sendt i posten.",
    "POST_TIL_PAPIR": "Brevet blir også sendt i posten.",
    "POST_TOM_TITTEL": "Du har ingen brev her",
    "POST_TOM": "Når kommunen sender deg et brev, finner du det her. Brev ligger her i noen måneder før de slettes.",
    "POST_INGEN_TREFF_TITTEL": "Ingen brev passer med valget",
    "POST_INGEN_TREFF": "Velg et annet år eller en annen avsender, eller vis alle brev.",
    "POST_VIS_ALLE": "Vis alle brev",
    "POST_FLERE": "Flere brev",
    "POST_DOKUMENTER": "Dokumenter",
    "POST_LAST_NED": "Last ned {filnavn}",
    "POST_SENSITIV": "Følsomme opplysninger",
    "POST_DOKUMENT_SLETTET": "{filnavn} er slettet",
    "POST_VED_LESING": (
        "Når du har lastet ned et dokument, er brevet lest. Da ser avsenderen at du har lest det, "
        "og det blir ikke sendt i posten."
    ),
    "POST_VED_LESING_UTEN_PAPIR": (
        "Når du har lastet ned et dokument, er brevet lest. Da ser avsenderen at du har lest det."
    ),
    "POST_VED_DELING": "Avsenderen har gitt deg innsyn i brevet. Det blir ikke lest av at du laster det ned.",
    "POST_LENKER": "Lenker fra avsenderen",
    "POST_LENKE_TIL": "Lenken går til {vert}",
    "POST_LENKE_UTEN": "Denne lenken kan ikke åpnes herfra.",
    "POST_SVAR": "Svar på brevet",
    "POST_SVAR_OM": "Avsenderen tar imot svar. Svaret knyttes til dette brevet.",
    "POST_SVAR_KNAPP": "Svar på brevet",
    "POST_LESING": "Når brevet ble lest",
    "POST_LEST_AV_DEG": "Du leste brevet første gang {tid}.",
    "POST_LEST_AV_ANNEN": "Brevet ble registrert som lest {tid}.",
    "POST_IKKE_LEST": "Brevet er ikke lest ennå.",
    "POST_TILBAKE": "Til alle brev",
    "POST_VELG_HVEM": "Brevet er ikke til den du representerer nå. Velg hvem du vil representere for å gå videre.",
    "POST_UTEN_RETT_TITTEL": "Du kan ikke se posten til {navn}",
    "POST_UTEN_RETT": (
        "For å se posten trenger du tilgangen «Post/arkiv» i Altinn, eller tilgangen til post med taushetsbelagt "
        "innhold. Be den som administrerer tilgangene i virksomheten, om å gi deg den."
    ),
    "POST_BORTE_TITTEL": "Brevet er slettet",
    "POST_BORTE": (
        "Brev og dokumenter slettes etter en tid, eller når avsenderen sletter dem. "
        "Kontakt avsenderen hvis du trenger innholdet."
    ),
}

NN: dict[str, str] = {
    "POST_TITTEL": "Post frå kommunen",
    "POST_INGRESS": "Brev til deg frå kommunar og andre som sender post gjennom oss. Det nyaste står øvst.",
    "POST_INGRESS_FOR": "Brev til {navn}. Det nyaste står øvst.",
    "POST_ULESTE_INGEN": "Du har ingen ulesne brev.",
    "POST_ULESTE_EN": "Du har 1 ulese brev.",
    "POST_ULESTE_FLERE": "Du har {antall} ulesne brev.",
    "POST_ULESTE_MANGE": "Du har fleire enn {antall} ulesne brev.",
    "POST_APNE": "Opne Post frå kommunen",
    "POST_HOYERE_EN": "1 brev krev høgare tryggleik",
    "POST_HOYERE_FLERE": "{antall} brev krev høgare tryggleik",
    "POST_HOYERE_MANGE": "Fleire enn {antall} brev krev høgare tryggleik",
    "POST_HOYERE": "Du er logga inn på nivå 3. Logg inn på nivå 4 for å sjå kva som ligg der.",
    "POST_UTVALG": "Vel kva brev du vil sjå",
    "POST_AAR": "År",
    "POST_AAR_ALLE": "Alle år",
    "POST_AVSENDER": "Avsendar",
    "POST_AVSENDER_ALLE": "Alle avsendarar",
    "POST_BARE_ULESTE": "Vis berre ulesne brev",
    "POST_VIS": "Vis brev",
    "POST_ULEST": "Ulese",
    "POST_LEST": "Lese",
    "POST_DELT": "Delt med deg",
    "POST_FRA": "Frå {avsender}",
    "POST_SENDT": "Sendt {dato}",
    "POST_MOTTATT": "Motteke {dato}",
    "POST_LAGET": "Laga {dato}",
    "POST_FRIST": "Les du ikkje brevet innan {frist}, kjem det i posten.",
    "POST_PAPIR": "Brevet er også sendt i posten.",
    "POST_TIL_PAPIR": "Brevet blir også sendt i posten.",
    "POST_TOM_TITTEL": "Du har ingen brev her",
    "POST_TOM": "Når kommunen sender deg eit brev, finn du det her. Brev ligg her i nokre månader før dei blir sletta.",
    "POST_INGEN_TREFF_TITTEL": "Ingen brev passar med valet",
    "POST_INGEN_TREFF": "Vel eit anna år eller ein annan avsendar, eller vis alle brev.",
    "POST_VIS_ALLE": "Vis alle brev",
    "POST_FLERE": "Fleire brev",
    "POST_DOKUMENTER": "Dokument",
    "POST_LAST_NED": "Last ned {filnavn}",
    "POST_SENSITIV": "Følsame opplysningar",
    "POST_DOKUMENT_SLETTET": "{filnavn} er sletta",
    "POST_VED_LESING": (
        "Når du har lasta ned eit dokument, er brevet lese. Då ser avsendaren at du har lese det, "
        "og det blir ikkje sendt i posten."
    ),
    "POST_VED_LESING_UTEN_PAPIR": (
        "Når du har lasta ned eit dokument, er brevet lese. Då ser avsendaren at du har lese det."
    ),
    "POST_VED_DELING": "Avsendaren har gitt deg innsyn i brevet. Det blir ikkje lese av at du lastar det ned.",
    "POST_LENKER": "Lenkjer frå avsendaren",
    "POST_LENKE_TIL": "Lenkja går til {vert}",
    "POST_LENKE_UTEN": "Denne lenkja kan ikkje opnast herifrå.",
    "POST_SVAR": "Svar på brevet",
    "POST_SVAR_OM": "Avsendaren tek imot svar. Svaret blir knytt til dette brevet.",
    "POST_SVAR_KNAPP": "Svar på brevet",
    "POST_LESING": "Når brevet vart lese",
    "POST_LEST_AV_DEG": "Du las brevet første gong {tid}.",
    "POST_LEST_AV_ANNEN": "Brevet vart registrert som lese {tid}.",
    "POST_IKKE_LEST": "Brevet er ikkje lese enno.",
    "POST_TILBAKE": "Til alle brev",
    "POST_VELG_HVEM": "Brevet er ikkje til den du representerer no. Vel kven du vil representere for å gå vidare.",
    "POST_UTEN_RETT_TITTEL": "Du kan ikkje sjå posten til {navn}",
    "POST_UTEN_RETT": (
        "For å sjå posten treng du tilgangen «Post/arkiv» i Altinn, eller tilgangen til post med teiepliktig innhald. "
        "Be den som administrerer tilgangane i verksemda, om å gi deg han."
    ),
    "POST_BORTE_TITTEL": "Brevet er sletta",
    "POST_BORTE": (
        "Brev og dokument blir sletta etter ei tid, eller når avsendaren slettar dei. "
        "Kontakt avsendaren om du treng innhaldet."
    ),
}

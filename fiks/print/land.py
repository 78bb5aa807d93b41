"""Countries as the post sees them: Norway, Europe, or the rest of the world."""

from __future__ import annotations

import unicodedata

NORGE = frozenset(
    {
        "",
        "no",
        "nor",
        "norge",
        "noreg",
        "norway",
        "norga",
        "vuodna",
        "nöörje",
        "kongeriket norge",
        "sj",
        "svalbard",
    }
)
"""Every spelling that means Norway; no country at all does too (KS SvarUt: `land` decides postage)."""

_EUROPA = """
ad and andorra|al alb albania|at aut østerrike austerrike austria österreich|ax ala åland ålandsøyene
ba bih bosnia-hercegovina bosnia-herzegovina bosnia|be bel belgia belgium belgique belgië|bg bgr bulgaria
by blr belarus hviterussland kviterussland|ch che sveits switzerland schweiz suisse|cy cyp kypros cyprus
cz cze tsjekkia czechia|de deu tyskland germany deutschland|dk dnk danmark denmark
ee est estland estonia eesti|es esp spania spain españa|fi fin finland suomi
fo fro færøyene færøyane føroyar|fr fra frankrike france
gb gbr uk storbritannia england skottland scotland wales nord-irland|gg ggy guernsey|gi gib gibraltar
gl grl grønland greenland kalaallit_nunaat|gr grc hellas greece|hr hrv kroatia croatia hrvatska
hu hun ungarn hungary|ie irl irland ireland|im imn man isle_of_man|is isl island iceland ísland
it ita italia italy|je jey jersey|li lie liechtenstein|lt ltu litauen lithuania lietuva
lu lux luxembourg luxemburg|lv lva latvia latvija|mc mco monaco|md mda moldova|me mne montenegro
mk mkd nord-makedonia north_macedonia makedonia|mt mlt malta
nl nld nederland netherlands the_netherlands holland|pl pol polen poland polska|pt prt portugal
ro rou romania|rs srb serbia|ru rus russland russia|se swe sverige sweden sverje|si svn slovenia
sk svk slovakia|sm smr san_marino|tr tur tyrkia turkey türkiye|ua ukr ukraina ukraine|va vat vatikanstaten
xk kosovo|united_kingdom great_britain
"""
EUROPA = frozenset(
    word.replace("_", " ")
    for line in _EUROPA.split("\n")
    for country in line.split("|")
    for word in country.split()
)
"""ISO 3166-1 codes (two and three letters) and names in Norwegian, English and the country's own language."""


def normalise(land: str | None) -> str:
    """A country as it is looked up: composed letters, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", land or "").casefold().split())

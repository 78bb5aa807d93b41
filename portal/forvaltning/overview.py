"""The front page of staff: key figures, a chart, and what waits for the visitor; yearly statistics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core import clock
from fiks.core.errors import Konflikt
from fiks.core.values.calendar import OSLO, months_after
from fiks.konfigurasjon.gjennomgang import queries
from fiks.konfigurasjon.rules import P
from fiks.svarut.sender import statistics
from fiks.svarut.sender.log import READ_RIGHTS
from fiks.svarut.svarinn.worklist import count_waiting
from fiks.utsending.access import SEE
from fiks.utsending.overview import dashboard
from fiks.utsending.overview.dashboard import Nokkeltall
from fiks.utsending.rules import Utsendingstatus
from portal.access.actor import chosen_organisation, current_actor, privileges_now
from portal.extensions import EXPORT_LIMIT, limiter
from portal.forvaltning.blueprint import blueprint
from portal.texts import error_text, status_of
from portal.texts.formats import antall, dato, prosent, tall
from portal.texts.svarut.forsendelser import IKKE_OVERLEVERT, LEST_UTEN_SENDING, STATISTIKK_KOLONNER
from portal.ui.bar_chart import soylediagram
from portal.ui.export_file import csv_file

MOST_ROWS = 200_000
MONTHS = (
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
)


@blueprint.get("/oversikt")
def oversikt() -> str:
    """Key figures, letters per day, and what waits for the visitor."""
    actor = current_actor()
    tallene = dashboard.key_figures(actor=actor)
    rader = [(d.dag.strftime("%d.%m."), (d.digitalt, d.papir)) for d in tallene.dager]
    return render_template(
        "forvaltning/oversikt.html",
        tallene=tallene,
        nokkeltall=figures(tallene, _places(privileges_now())),
        diagrammet=soylediagram(("Digitalt", "Papir"), rader),
        konklusjon=conclusion(tallene),
        oppgaver=dashboard.tasks_for(actor=actor),
        gjennomgang=_review_waiting(),
        ser_utsendinger=bool(privileges_now() & set(SEE)),
        brev_venter=count_waiting(actor=actor),
    )


def _review_waiting() -> queries.Apen | None:
    """The half-yearly review of grants, if it waits for the visitor."""
    return queries.review_waiting_for(chosen_organisation(), actor=current_actor())


def _places(rett: frozenset[P]) -> dict[str, str]:
    """Links from each key figure to what it counts, as far as the visitor may see it."""
    steder = {}
    if rett & set(SEE):
        steder = {
            "overlevert": url_for("forvaltning.statistikk"),
            "pagaende": url_for("utsending.liste"),
            "til_godkjenning": url_for("utsending.liste", status=Utsendingstatus.TIL_GODKJENNING),
        }
    if rett & set(READ_RIGHTS):
        steder["feil"] = url_for("svarut.forsendelser", behandles="ja")
    return steder


def figures(t: Nokkeltall, steder: Mapping[str, str]) -> list[tuple[str, int, str, str]]:
    """The four key figures: (text, number, note, link or "")."""
    andel, eldste = t.andel_digitalt, t.eldste_til_godkjenning
    gjenstar = f"{antall(t.gjenstar, 'brev')} ikke overlevert ennå" if t.pagaende else ""
    digitalt = f"{prosent(andel)} digitalt" if andel is not None else ""
    return [
        ("Brev overlevert siste 14 dager", t.sendt, digitalt, steder.get("overlevert", "")),
        ("Pågående utsendinger", t.pagaende, gjenstar, steder.get("pagaende", "")),
        (
            "Utsendinger som venter på godkjenning",
            t.til_godkjenning,
            f"Eldste: {dato(eldste)}" if eldste else "",
            steder.get("til_godkjenning", ""),
        ),
        ("Brev som må behandles", t.feil, _where_failed(t), steder.get("feil", "")),
    ]


def _where_failed(t: Nokkeltall) -> str:
    """How many of the letters that wait for a person belong to mailings."""
    i_utsendinger = t.feil - t.feil_utenom
    if not i_utsendinger:
        return "ingen av dem i en utsending" if t.feil else ""
    rammet = f"i {antall(t.utsendinger_med_feil, 'utsending', 'utsendinger')}"
    return f"{tall(i_utsendinger)} {rammet}, {tall(t.feil_utenom)} utenom" if t.feil_utenom else rammet


def conclusion(t: Nokkeltall) -> str:
    """The chart's message in a sentence."""
    if not t.sendt:
        return "Ingen brev er overlevert de siste 14 dagene."
    top = max(t.dager, key=lambda d: d.digitalt + d.papir)
    return f"{tall(t.sendt)} brev overlevert på 14 dager, flest {dato(top.dag)}: {tall(top.digitalt + top.papir)}."


@blueprint.get("/oversikt/statistikk")
def statistikk() -> str:
    """All letters of a year by month, konto, konteringskode and channel."""
    this_year = clock.now().astimezone(OSLO).year
    aar, actor = chosen_year(this_year), current_actor()
    rader = statistics.statistics(aar, actor=actor, limit=statistics.PAGE + 1)
    whole = len(rader) <= statistics.PAGE
    return render_template(
        "forvaltning/statistikk.html",
        aar=aar,
        valg=[(y, y) for y in range(this_year, this_year - 5, -1)],
        rader=rader[: statistics.PAGE],
        maneder=MONTHS,
        kanal_av=channel_of,
        alle=whole,
        vent=_unsettled_month(aar),
        sum=sum(rad.antall for rad in rader) if whole else statistics.letters_in(aar, actor=actor),
    )


def _unsettled_month(aar: int) -> tuple[str, date] | None:
    """The first month of the year whose letters in Altinn may still go on paper, and the date from which they
    cannot; None when there is none in this year.
    """
    today = clock.now().astimezone(OSLO)
    for month in (months_after(today, -1), today):
        settled = statistics.settled_from(month.year, month.month)
        if month.year == aar and today.date() < settled:
            return MONTHS[month.month - 1], settled
    return None


def channel_of(kanal: str) -> str:
    """Name of a row's channel, and what is said where there is none."""
    without = {"": IKKE_OVERLEVERT, statistics.READ_UNSENT: LEST_UTEN_SENDING}
    return without.get(kanal) or status_of(kanal).tekst


def chosen_year(this_year: int) -> int:
    """The requested year; this year if none or an impossible one is requested."""
    text = request.args.get("aar", "")
    return int(text) if len(text) == 4 and text.isdecimal() and 2000 < int(text) <= this_year else this_year


@blueprint.get("/oversikt/statistikk.csv")
@limiter.limit(EXPORT_LIMIT)
def statistikk_eksport() -> AnyResponse:
    """The statistics as a file, every row; too many rows for one file give a message on the page."""
    aar = chosen_year(clock.now().astimezone(OSLO).year)
    try:
        rader = statistics.all_rows(aar, actor=current_actor(), limit=MOST_ROWS)
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(url_for("forvaltning.statistikk", aar=aar), 303)
    settled = [dato(statistics.settled_from(aar, month)) for month in range(1, 13)]
    lines = (
        [
            f"{aar}-{r.maned:02}",
            r.konto,
            r.konteringskode,
            channel_of(r.kanal),
            str(r.antall),
            settled[r.maned - 1],
        ]
        for r in rader
    )
    return csv_file(STATISTIKK_KOLONNER, lines, f"statistikk-{aar}.csv")

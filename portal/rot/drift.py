"""Drift: state of the platform for its operators, and their two acts: stop all sending, and start it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from babel.numbers import format_decimal
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.drift import queries, service
from fiks.drift.alive_processes import Arbeider
from fiks.drift.rules import PROSESSER, Banestand, processes_alive, processes_wanted
from fiks.drift.state import Driftstand
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut.rules import Kanal
from portal.access.actor import current_actor
from portal.rot.blueprint import blueprint
from portal.texts import TEKSTER, error_text, status_of
from portal.texts.drift import BANER
from portal.texts.drift import PROSESSER as PROSESSNAVN
from portal.texts.formats import LOCALE, antall, klokkeslett, tall
from portal.texts.oppslag import REGISTRE
from portal.ui.bar_chart import Soylediagram, soylediagram

Answer = AnyResponse | str | tuple[str, int]
EVERY = 10
"""Seconds between refreshes of the page."""
PERIODER = {
    "time": (timedelta(hours=1), timedelta(minutes=5)),
    "dogn": (timedelta(days=1), timedelta(hours=1)),
}
PERIODENAVN = {"time": "den siste timen", "dogn": "det siste døgnet"}
SERIER = (
    ("Digitalt", (Kanal.DPI, Kanal.ALTINN)),
    ("Mottakersystem", (Kanal.SVARINN,)),
    ("Papir", (Kanal.PRINT,)),
)


@dataclass(frozen=True, slots=True)
class Kanalrad:
    """The circuit breaker of a channel, print house or register.

    `pause`: why calls are paused, empty when they are not; `venter`: letters that wait for it.
    """

    navn: str
    pause: str
    apnes: datetime | None
    venter: int
    kall: int
    feil: int
    uavklarte: int
    eldste: float


@dataclass(frozen=True, slots=True)
class Prosessrad:
    """Live processes of one name, counted by their locks: number in the Procfile's unit, and start of the
    oldest.
    """

    navn: str
    antall: float
    siden: datetime | None
    onskede: int | None


@blueprint.get("/drift")
def drift() -> str:
    """The whole page."""
    asked = request.args.get("periode", "")
    periode = asked if asked in PERIODER else "time"
    return render_template("rot/drift.html", **_now(), **_chart(periode), periode=periode)


@blueprint.get("/drift/naa")
def drift_naa() -> Answer:
    """The self-refreshing part."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("rot.drift"))
    return render_template("rot/drift_naa.html", **_now())


def _now() -> dict[str, object]:
    stand = queries.overview(actor=current_actor())
    return {
        "s": stand,
        "grunn": pause_reason(stand.stanset.grunn) if stand.stanset else "",
        "baner": BANER,
        "travle": [one for one in stand.baner if not is_quiet(one)],
        "stille": [BANER[one.bane] for one in stand.baner if is_quiet(one)],
        "kanaler": channels(stand),
        "prosesser": processes(stand),
        "per_minutt": round(sum(stand.per_minutt.values())),
        "uavklarte": sum(one.antall for one in stand.ukjente),
        "til_behandling": sum(one.til_behandling for one in stand.baner),
        "klare": sum(one.klare + one.ufordelt for one in stand.baner),
        "varighet": duration,
        "delvis": in_part,
        "takt": EVERY,
    }


def is_quiet(stand: Banestand) -> bool:
    """Whether the lane is empty: empty lanes are named and not drawn, so that the others stand out."""
    return stand == Banestand(stand.bane)


def pause_reason(grunn: str | None) -> str:
    """A reason in words: the text of a code, or what a person wrote."""
    return TEKSTER.get(f"GRUNN_{grunn}", grunn or "")


def duration(seconds: float) -> str:
    """12 s, 7 min, 3 t, 2 d; a dash for nothing."""
    if seconds < 1:
        return "–"
    for unit, length in (("d", 86_400), ("t", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{tall(seconds // length)}\u00a0{unit}"
    return f"{tall(seconds)}\u00a0s"


def in_part(number: float) -> str:
    """A number with at most one decimal: 2, or 1,5."""
    return format_decimal(number, "#,##0.#", locale=LOCALE)


def channels(stand: Driftstand) -> list[Kanalrad]:
    """Every channel, and each paused print house and register."""
    pauser = {one.navn: one for one in stand.pauser}
    ukjente = {one.kanal: one for one in stand.ukjente}
    names = [str(kanal) for kanal in (Kanal.DPI, Kanal.ALTINN, Kanal.PRINT, Kanal.SVARINN)]
    names += [navn for navn in pauser if navn not in names]
    found = []
    for navn in names:
        pause, ukjent = pauser.get(navn), ukjente.get(navn)
        calls = [one for one in stand.kall if one.kanal == navn]
        found.append(
            Kanalrad(
                _channel_name(navn),
                pause_reason(pause.grunn) if pause else "",
                pause.apnes if pause else None,
                pause.venter if pause else 0,
                sum(one.antall for one in calls),
                sum(one.antall for one in calls if one.utfall in ("PROV_IGJEN", "UAVKLART")),
                ukjent.antall if ukjent else 0,
                ukjent.eldste if ukjent else 0,
            )
        )
    return found


def _channel_name(navn: str) -> str:
    """Name of a channel or register; a print house has its own name."""
    if navn in {*Registernavn}:
        return REGISTRE[Registernavn(navn)][0]
    return status_of(navn).tekst if navn in {*Kanal} else navn


def processes(stand: Driftstand) -> list[Prosessrad]:
    """Every process there should be, and any other that holds a lock, with live and wanted numbers."""
    names = [*PROSESSNAVN, *sorted({one.navn for one in stand.arbeidere} - PROSESSNAVN.keys())]
    return [_process(navn, [one for one in stand.arbeidere if one.navn == navn], stand) for navn in names]


def _process(navn: str, those: Sequence[Arbeider], stand: Driftstand) -> Prosessrad:
    prosess = navn.removeprefix("fiks ")
    return Prosessrad(
        PROSESSNAVN.get(navn, navn or "Uten navn"),
        processes_alive(len(those), prosess),
        min((one.startet for one in those), default=None),
        processes_wanted(stand.onskede, prosess) if prosess in PROSESSER else None,
    )


def _chart(periode: str) -> dict[str, object]:
    """The chart of the last hour or day."""
    since, step = PERIODER[periode]
    counted = queries.throughput(since, step, actor=current_actor())
    total = sum(sum(by_channel.values()) for _, by_channel in counted)
    return {
        "diagrammet": chart(counted),
        "konklusjon": f"{antall(total, 'brev')} er overlevert {PERIODENAVN[periode]}.",
    }


def chart(counted: Sequence[tuple[datetime, dict[str, int]]]) -> Soylediagram:
    """Letters handed over, one bar per step, labelled with its start."""
    rader = [
        (klokkeslett(start), [sum(by_channel.get(kanal, 0) for kanal in kanaler) for _, kanaler in SERIER])
        for start, by_channel in counted
    ]
    return soylediagram([navn for navn, _ in SERIER], rader)


@blueprint.route("/drift/stans", methods=["GET", "POST"])
def stans() -> Answer:
    """Ask for a reason, stating the consequence; then stop all sending."""
    grunn = request.form.get("grunn", "")
    if request.method == "GET":
        return render_template("rot/stans.html", grunn=grunn, feil={})
    try:
        service.freeze(grunn, actor=current_actor())
    except UgyldigInndata as error:
        return render_template("rot/stans.html", grunn=grunn, feil={"grunn": error_text(error)}), 422
    flash("All sending er stanset.", "success")
    return redirect(url_for("rot.drift"), 303)


@blueprint.route("/drift/start", methods=["GET", "POST"])
def start() -> Answer:
    """Ask, showing why sending was stopped; then end that stop and no newer one.

    A restored database that is not reconciled needs an extra confirmation.
    """
    if request.method == "GET":
        return _ask_to_start({})
    act = service.thaw_anyway if "likevel" in request.form else service.thaw
    try:
        stopped = act(sett=_shown(), actor=current_actor())
    except Konflikt as error:
        return _ask_to_start({error.felt or "likevel": error_text(error)})
    if not stopped:
        return _not_stopped()
    flash("Sendingen er i gang igjen.", "success")
    return redirect(url_for("rot.drift"), 303)


def _shown() -> datetime:
    """Start of the stop that the form's page showed; a time that matches no stop when the form has none."""
    try:
        return datetime.fromisoformat(request.form.get("sett", ""))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _ask_to_start(feil: dict[str, str]) -> Answer:
    """The question, about the present stop; 409 with `feil`, the reason why nothing was started."""
    stand = queries.overview(actor=current_actor())
    if stand.stanset is None:
        return _not_stopped()
    page = render_template(
        "rot/start.html",
        stanset=stand.stanset,
        grunn=pause_reason(stand.stanset.grunn),
        gjenopprettet=stand.gjenopprettet or "likevel" in feil,
        feil=feil,
    )
    return (page, Konflikt.status) if feil else page


def _not_stopped() -> AnyResponse:
    flash("Sendingen er ikke stanset.", "info")
    return redirect(url_for("rot.drift"), 303)

"""Applies the switches to the calls of one system: before it works, and after it has stored."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request

from testmiljo.sim.switches import Switchboard, Switches, cut, wait

NEUTRAL = Switches()


def guard(blueprint: Blueprint, board: Switchboard) -> None:
    """Let the switches of the system named as `blueprint` rule its views. A view's name is its kind of call."""
    system = blueprint.name

    def before() -> Response | None:
        board.begin(system)
        switches = board.of(system)
        if switches.only and _kind() not in switches.only:
            switches = NEUTRAL
        g.switches, g.call = switches, board.next_call()
        wait(switches.delay_ms)
        status = switches.status_for("status", g.call, switches.status)
        if status is not None:
            return problem(status, "Simulert feil", retry_after=switches.retry_after)
        if switches.chosen("drop", g.call, switches.drop):
            cut(request.environ)
            return Response(status=500)
        return None

    def after(response: Response) -> Response:
        switches: Switches | None = g.get("switches")
        if switches is None or not g.get("stored"):
            return response
        if switches.chosen("accept_then_drop", g.call, switches.accept_then_drop):
            cut(request.environ)
            return Response(status=500)
        status = switches.status_for("accept_then_status", g.call, switches.accept_then_status)
        return (
            response if status is None else problem(status, "Simulert feil", retry_after=switches.retry_after)
        )

    def over(_: BaseException | None) -> None:
        board.end(system)

    blueprint.before_request(before)
    blueprint.after_request(after)
    blueprint.teardown_request(over)


def _kind() -> str:
    return (request.endpoint or "").rpartition(".")[2]


def problem(
    status: int, title: str, *, detail: str | None = None, retry_after: float | None = None
) -> Response:
    """An error as application/problem+json."""
    response = jsonify({"type": "about:blank", "title": title, "status": status, "detail": detail})
    response.status_code = status
    response.mimetype = "application/problem+json"
    if retry_after is not None and status in (429, 503):
        response.headers["Retry-After"] = f"{retry_after:g}"
    return response

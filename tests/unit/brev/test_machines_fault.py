"""A machine without room or fonts makes no letter another one, and no letter bad."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from fiks.core.errors import Utilgjengelig
from fiks.core.isolate import CHILDREN_UNAVAILABLE, Barnestue, BarnUtilgjengelig
from fiks.core.isolate_wire import error_from_wire
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.brev.drawing.render import engine
from fiks.utsending.brev.errors import RenderFeil, SkriftMangler
from fiks.utsending.brev.stamping.press import Press, letters_wire
from tests.poor_machines import no_children, no_room
from tests.unit.brev.letters import FONTS, mailing, row, template


def test_a_printer_without_children_raises_and_draws_when_there_are_some(tmp_path: Path) -> None:
    printer, rows = Brevtrykker(FONTS), [row(), row()]
    for away in (no_children(tmp_path), no_room()):
        with away, pytest.raises(BarnUtilgjengelig):
            printer.letters(template("Hei ((navn))"), rows, mailing())
    drawn = printer.letters(template("Hei ((navn))"), rows, mailing())
    printer.close()
    assert [getattr(one, "sider", one) for one in drawn] == [1, 1]


def test_fonts_that_are_not_there_are_told_of_and_are_no_letters_fault(tmp_path: Path) -> None:
    printer, before = Brevtrykker(tmp_path), CHILDREN_UNAVAILABLE._value.get()
    with pytest.raises(SkriftMangler) as error:
        printer.letters(template("Hei ((navn))"), [row(), row()], mailing())
    printer.close()
    assert (error.value.kode, CHILDREN_UNAVAILABLE._value.get()) == ("SKRIFT_MANGLER", before + 1)


def test_a_letter_that_cannot_be_stamped_for_want_of_room_is_not_drawn_in_another_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would be other bytes than the same letter on a machine with room."""
    press = Press(engine(FONTS))

    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(press, "_stamped", full)
    with pytest.raises(OSError, match="No space left"):
        press.letter(replace(template("Hei ((navn))"), hurtig=True), row(), mailing())


def test_what_is_out_of_a_childs_reach_is_not_told_as_one_letters_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lacking(*_: object, **__: object) -> NoReturn:
        raise SkriftMangler("SKRIFT_MANGLER")

    monkeypatch.setattr(Press, "printed", lacking)
    monkeypatch.setattr(Barnestue, "call", lambda _, name, *args: letters_wire(*args))
    with pytest.raises(Utilgjengelig):
        Brevtrykker(FONTS).letters(template("Hei ((navn))"), [row()], mailing())


def test_the_error_crosses_the_pipe_as_itself() -> None:
    told = {"feil": "SkriftMangler", "kode": "SKRIFT_MANGLER"}
    assert isinstance(error_from_wire(told, RenderFeil), SkriftMangler)

"""The organisations one may choose among, in the order they are looked for."""

from __future__ import annotations

from fiks.konfigurasjon.person.altinn import Altinnpart
from portal.minside.representation import unit_tree


def test_the_chooser_is_in_norwegian_order_down_to_the_subunits() -> None:
    main = Altinnpart("1", "Zeta AS", velgbar=False)
    subs = [
        Altinnpart(str(nr), navn, hovedenhet="1") for nr, navn in enumerate(("Årdal", "bakeri", "Ærlig"), 2)
    ]
    others = [
        Altinnpart(str(nr), navn) for nr, navn in enumerate(("Ås fjøs", "Østfold", "alfa", "Ærfugl"), 5)
    ]
    shown = unit_tree([main, *subs, *others], [*subs, *others])
    assert [one.navn for one in shown] == ["alfa", "Zeta AS", "Ærfugl", "Østfold", "Ås fjøs"]
    assert [one.navn for one in shown[1].underenheter] == ["bakeri", "Ærlig", "Årdal"]

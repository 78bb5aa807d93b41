"""The catalogue of privileges and what holding one means (konfigurasjon.md 3)."""

from __future__ import annotations

import re

import pytest

from fiks.konfigurasjon.rules import (
    CATALOGUE,
    LEAVES,
    NOT_BY_ADMIN,
    P,
    Ressurstype,
    inherited_by,
    is_definition,
    norwegian_order,
    satisfying,
)


@pytest.mark.parametrize("privilegium", [p for p in P if p not in NOT_BY_ADMIN])
def test_admin_includes_every_privilege(privilegium: P) -> None:
    assert P.ADMIN in satisfying(privilegium)


@pytest.mark.parametrize("privilegium", [P.SE_SPERRET, P.ROT_ADMINISTRER])
def test_the_restricted_lane_and_the_root_plane_are_opened_by_their_own_privilege_alone(
    privilegium: P,
) -> None:
    assert satisfying(privilegium) == {privilegium}


@pytest.mark.parametrize("privilegium", [p for p in P if p not in (P.LESE, P.ADMIN)])
def test_no_other_privilege_implies_another(privilegium: P) -> None:
    assert satisfying(privilegium) <= {privilegium, P.ADMIN}


def test_reading_everything_is_reading_one() -> None:
    assert satisfying(P.LESE) == {P.LESE, P.LES_ALLE, P.ADMIN}


def test_names_have_the_form_of_the_platform() -> None:
    assert all(re.fullmatch(r"[0-9A-Z_.]+", p) for p in P)


def test_every_privilege_is_in_the_catalogue_and_none_twice() -> None:
    pairs = [(d.navn, d.ressurs_type) for d in CATALOGUE]
    assert {navn for navn, _ in pairs} == set(P)
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("kind", list(Ressurstype))
def test_one_can_be_admin_of_every_kind_of_ressurs(kind: Ressurstype) -> None:
    assert is_definition(P.ADMIN, kind)


@pytest.mark.parametrize(
    ("privilegium", "kind", "known"),
    [
        (P.SENDE, Ressurstype.SVARUT_KONTO, True),
        (P.SENDE, Ressurstype.SVARUT, False),
        (P.LES_ALLE, Ressurstype.SVARUT, True),
        (P.LES_ALLE, Ressurstype.SVARUT_KONTO, False),
        (P.AUDIT_LES, Ressurstype.FIKS_ORG, True),
        ("FINNES.IKKE", Ressurstype.FIKS_ORG, False),
    ],
)
def test_a_privilege_belongs_to_its_kind_of_ressurs(privilegium: str, kind: str, known: bool) -> None:
    assert is_definition(privilegium, kind) is known


def test_names_stand_in_norwegian_order() -> None:
    names = ["Øst", "aas", "Ås", "Čuđi", "Ærlig", "Zetlitz", "Édith", "Dahl", "bakke"]
    assert sorted(names, key=norwegian_order) == [
        *("aas", "bakke", "Čuđi", "Dahl", "Édith", "Zetlitz", "Ærlig", "Øst", "Ås")
    ]


@pytest.mark.parametrize("privilegium", list(P))
def test_what_is_inherited_is_exactly_what_gives_a_right_below(privilegium: P) -> None:
    """A privilege held above opens a kind of ressurs below if it satisfies one that is held there."""
    below = {
        d.ressurs_type
        for d in CATALOGUE
        if d.ressurs_type is not Ressurstype.FIKS_ORG and privilegium in satisfying(d.navn) - {d.navn}
    }
    if privilegium is P.ADMIN:
        below.add(Ressurstype.SVARUT)
    assert inherited_by(privilegium) == below


def test_nothing_lies_below_a_leaf_of_the_tree() -> None:
    assert {Ressurstype.SVARUT_KONTO, Ressurstype.MOTTAKERSYSTEM, Ressurstype.SMS_KONTO} == LEAVES
    assert not {Ressurstype.ROOT, Ressurstype.FIKS_ORG, Ressurstype.SVARUT, Ressurstype.SVARINN} & LEAVES

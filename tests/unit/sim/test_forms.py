"""What a citizen finds on a page."""

from __future__ import annotations

from testmiljo.sim.forms import Page

BUTTONS = """<form method="post" action="/a"><input type=hidden name=v value=1>
<button name=pid value=123>Kari</button></form>"""
WRITTEN = """<form method="post" action="/b"><input type="hidden" name="v" value="2"><input name="pid">
<select name="utfall"><option value="">Logg inn</option><option value="avbryt">Avbryt</option></select>
<input type="checkbox" name="av"><input type="checkbox" name="paa" value="1" checked><button>Videre</button></form>"""


def test_a_form_to_write_in_comes_before_one_with_buttons() -> None:
    login = Page(BUTTONS + WRITTEN).login
    assert login is not None
    assert (login.action, login.method) == ("/b", "post")
    assert login.values == {"v": "2", "pid": "", "utfall": "", "paa": "1"}


def test_a_form_with_only_buttons_will_do() -> None:
    login = Page(BUTTONS).login
    assert login is not None
    assert login.values == {"v": "1"}


def test_a_page_without_a_pid_is_no_login() -> None:
    assert Page('<form method="post"><input name="q"></form>').login is None


def test_the_letter_is_the_marked_link_or_the_one_below_the_page() -> None:
    url, path = "http://p/forsendelse/x/1", "/forsendelse/x/1/"
    below = '<a href="/">Hjem</a><a href="/forsendelse/x/1">Her</a><a href="1/fil?n=2">Last ned</a>'
    assert Page(below).download(url, path) == "http://p/forsendelse/x/1/fil?n=2"
    assert Page(below + '<a download href="/d">Last ned</a>').download(url, path) == "http://p/d"
    assert Page('<a href="/logg-ut">Ut</a>').download(url, path) is None

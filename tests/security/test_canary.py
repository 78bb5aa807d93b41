from tests.security.journey import Reise
def test_x(reise: Reise) -> None:
    print(len(reise.sider))
    assert 0

from collections import Counter
from tests.security.journey import Reise, SECRET
from tests.security.crawl import readable
def test_x(reise: Reise) -> None:
    print(len(reise.sider))
    print(Counter((s.stadium,s.rolle) for s in reise.sider))
    print(Counter((s.stadium,s.rolle,s.status) for s in reise.sider if s.status>=500))
    for s in reise.sider:
        t=readable(s.innhold).lower()
        if SECRET in t: print("HIT", s, s.slag, [t[m-30:m+40] for m in [t.index(SECRET)]])
    import re
    assert 0

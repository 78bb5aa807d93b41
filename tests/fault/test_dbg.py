from workers.sveip import sweep_once
from fiks.core.db import session
from sqlalchemy import text
def test_dbg(platform, chance):
    u = platform.mailing(60)
    for i in range(3):
        print(sweep_once(platform.process, everything=True))
        session().rollback()
        print(session().execute(text("select status, frigis_tid, now() from utsending")).all())
        print(session().execute(text("select status,bane,count(*),min(neste_forsok),now() from levering group by 1,2")).all())
    from fiks.svarut import recovery
    print(recovery.ready_lanes())
    assert 0

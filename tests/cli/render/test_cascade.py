from __future__ import annotations

from support.cascade_site import PAIRS, asked
from support.chat_server import ChatServer


def test_a_dry_run_shows_the_split_and_sends_nothing(run_cascade, server: ChatServer) -> None:
    ran = run_cascade("--shortlist", "1", "--dry-run")
    told = " ".join(ran.out.split())
    assert ran.code == 0
    assert "judge: cascade (m1)" in told
    assert "rule: the 1 likeliest categories of each kind, no guaranteed recall" in told
    settled, to_ask = (
        int(told.partition(f"{name}: ")[2].split()[0]) for name in ("settled", "ask")
    )
    assert settled + to_ask == PAIRS
    assert "without the cascade" in told
    assert not server.requests
    run_cascade("--shortlist", "1")
    assert asked(server) == to_ask
    after = " ".join(run_cascade("--shortlist", "2", "--dry-run").out.split())
    assert f"{to_ask} of them already answered" in after

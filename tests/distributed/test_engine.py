from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier import UsageError
from classifier.distributed import engine, started
from classifier.errors import ClassifierError

ROOT = Path(__file__).parents[2]
LISTENING = """
import ipaddress, pathlib, psutil
from classifier.distributed import started

with started(workers=1):
    import ray
    ray.get(ray.remote(lambda: None).remote())
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    found = [place for process in family for place in process.net_connections("inet")]
    for place in (it for it in found if it.status == "LISTEN"):
        address = ipaddress.ip_address(place.laddr.ip)
        print(getattr(address, "ipv4_mapped", None) or address)
    print("dashboard", ray._private.worker._global_node.webui_url or "none")
"""


def test_without_ray_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'category-classifier\[ray\]'"):
        engine.load()


@pytest.mark.ray
def test_a_cluster_that_is_not_there_is_named_at_once() -> None:
    with socket.socket() as bound:  # and does not listen
        bound.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(UsageError, match=f"no Ray cluster at '{place}'"), started(place):
            pass
    with pytest.raises(UsageError, match="on a machine of the cluster"), started("ray://x:1"):
        pass


class Counter:
    """An actor that yields numbers below what it is given; it cannot count to 13."""

    def below(self, number: int | None) -> Iterator[int]:
        for it in range(number or 0):
            if number == 13:
                raise RuntimeError("cannot count to 13")
            yield it


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_items_are_handed_out_although_not_every_actor_has_a_core() -> None:
    with engine.actors(Counter, number=3) as pool:  # of two cores
        found = sorted(engine.handed_out(pool, "below", [1, 2, 0, 3, 0]))
    assert found == [0, 0, 0, 1, 1, 2]


@pytest.mark.ray
@pytest.mark.usefixtures("cluster")
def test_an_actor_that_cannot_go_on_is_named_in_one_line() -> None:
    with (
        engine.actors(Counter, number=1) as pool,
        pytest.raises(ClassifierError, match=r"^a worker cannot be used: .*cannot count to 13$"),
    ):
        list(engine.handed_out(pool, "below", [1, 13, 1]))


@pytest.mark.ray
@pytest.mark.slow
def test_ray_on_one_machine_listens_on_loopback_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTENING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    *places, dashboard = done.stdout.splitlines()
    assert len(places) > 3
    assert set(places) == {"127.0.0.1"}
    assert dashboard == "dashboard none"
    assert done.stderr == ""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import UsageError
from classifier.distributed import engine, started

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

"""A cluster of two workers for all tests of a session that need Ray, and a small project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer
from support.taxonomy_files import write_categories

from classifier import Project

TESTS = Path(__file__).parent.parent
TITLES = ("Bread", "Cheese", "Olives", "Wine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="Ray is not installed (.ci/run installs it)")
    for item in items:
        if item.get_closest_marker("ray"):
            # Their own alone.
            item.add_marker(pytest.mark.filterwarnings(r"ignore:::(ray|moto|werkzeug)(\..*)?"))
            if find_spec("ray") is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def s3() -> Iterator[None]:
    """A server of S3 on loopback, which the environment names to this process and workers."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ.update(
        AWS_ENDPOINT_URL=f"http://{host}:{port}",
        AWS_ACCESS_KEY_ID="none",
        AWS_SECRET_ACCESS_KEY="none",
        AWS_DEFAULT_REGION="us-east-1",
    )
    yield
    server.stop()


@pytest.fixture(scope="session")
def cluster(s3: None) -> Iterator[None]:
    from classifier.distributed import started

    # Workers import what they run: the package, and the scorers of tests/support.
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")]
    )
    with started(workers=2):
        yield


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    write_categories(tmp_path, {f"tags/{title.lower()}": f"title: {title}" for title in TITLES})
    with Project.open(tmp_path) as opened:
        opened.scorer = KeywordScorer()
        yield opened

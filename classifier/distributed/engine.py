"""Start Ray on this machine, or join a cluster: the one place that imports and sets up Ray."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from classifier.errors import ClassifierError, UsageError

_T = TypeVar("_T")

_ENVIRONMENT: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # The name of the switch that keeps all of Ray on the loopback interface, on Linux, too.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "AUTOSCALER_METRIC_PORT": "0",  # a free one: two runs may be under way on one machine
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    # Its C++ part prints what it should log, such as that an actor may be restarted.
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # silences a warning about GPUs
    # It prints to standard output that a worker died or was ended, whose work is done again.
    "RAY_DEDUP_LOGS_SKIP_REGEX": r"^(Task \S+ failed\.|A worker died or was killed)",
}
_EXTRA: Final = "judging with Ray needs an extra: pip install 'category-classifier[ray]'"
_REACH_SECONDS: Final = 10.0
_OBJECT_STORE: Final = 256 << 20
"""Bytes of shared memory on one machine: articles pass through it in batches."""


def load(*, local: bool = True) -> Any:
    """Import Ray, without telemetry, and where it is to be `local`, on loopback.

    Raises:
        UsageError: It is not installed.
    """
    if "ray" not in sys.modules:
        for name, value in _ENVIRONMENT.items():
            if local or name != "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER":
                os.environ.setdefault(name, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # while Ray and what it needs are imported
            import ray
    except ImportError as error:
        raise UsageError(_EXTRA) from error
    return ray


def load_data() -> Any:
    """Import Ray Data, which takes as long again as Ray itself, and more memory.

    Raises:
        UsageError: It is not installed.
    """
    load()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ray.data
    except ImportError as error:
        raise UsageError(_EXTRA) from error
    return ray.data


@contextmanager
def started(address: str | None = None, *, workers: int | None = None) -> Iterator[None]:
    """Have Ray within the block: a cluster's, or one on this machine that ends with the block.

    On this machine it listens on loopback only, has no dashboard and sends no telemetry. Where this
    process uses Ray already, that one is used, and left running.

    Args:
        address: Of a cluster that this machine is part of, as `ray.init` takes it: `auto`, or
            `host:port`; None: start Ray on this machine.
        workers: Cores of this machine to use; None: all. Of a cluster, nothing.

    Raises:
        UsageError: Ray is not installed, or the cluster cannot be reached.
    """
    if address is not None and address.startswith("ray://"):
        raise UsageError("run it on a machine of the cluster, with `address=auto`")
    ray = load(local=address is None)
    _reach(address)
    if ray.is_initialized():
        yield
        return
    try:
        with _no_stderr():  # where it says that it was told to be quiet
            if address is None:
                ray.init("local", num_cpus=workers, object_store_memory=_OBJECT_STORE, **_QUIET)
            else:
                ray.init(address, **_QUIET_CLIENT)
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"no Ray cluster at {address!r}: {reason}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _reach(address: str | None) -> None:
    """Raise UsageError where nothing listens at `host:port`: Ray itself would wait for minutes."""
    host, _, port = (address or "").rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"no Ray cluster at {address!r}: {reason}") from error


@contextmanager
def _no_stderr() -> Iterator[None]:
    """Drop what is written to the file of standard error, by any language."""
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


class Shared(Generic[_T]):
    """A value that is sent to the cluster once, and not with every actor that is started."""

    def __init__(self, value: _T) -> None:
        self._reference = load().put(value)

    def get(self) -> _T:
        value: _T = load().get(self._reference)
        return value


@contextmanager
def actors(kind: type, *values: object, number: int) -> Iterator[list[Any]]:
    """Start actors on a core each, made with these values; they end with the block.

    One that dies is started again, and what it was doing is done again.
    """
    ray = load()
    made = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=-1)(kind)
    sent = [ray.put(value) for value in values]  # kept here for those that are started again
    pool = [made.remote(*sent) for _ in range(number)]
    try:
        yield pool
    finally:
        for actor in pool:
            ray.kill(actor)


def handed_out(pool: Sequence[Any], method: str, items: Sequence[object]) -> Iterator[Any]:
    """Give each item to the next actor that is free; yield what the method yields, as it does.

    For `None` the method yields nothing: that is how it is known that an actor has started. Those
    for which there is no core yet are waited for no longer than there are items.

    Raises:
        ClassifierError: An actor cannot be started, or its method raises an error.
    """
    ray = load()

    def begin(actor: Any, item: object) -> Any:
        return getattr(actor, method).options(num_returns="streaming").remote(item)

    waiting, unfinished = iter(items), len(items)
    running = {begin(actor, None): (actor, 0) for actor in pool}
    while unfinished:
        (ready,), _ = ray.wait(list(running), num_returns=1)
        try:
            made = ray.get(next(ready))
        except StopIteration:
            actor, was = running.pop(ready)
            unfinished -= was
            running.update((begin(actor, item), (actor, 1)) for item in islice(waiting, 1))
            continue
        except ray.exceptions.RayError as error:
            reason = str(error).strip().rpartition("\n")[2][:200]  # the last line of its traceback
            raise ClassifierError(f"a worker cannot be used: {reason}") from error
        yield made


def cores() -> int:
    """Return the cores of the cluster that this process uses."""
    return max(1, int(load().cluster_resources().get("CPU", 1)))


_QUIET_CLIENT: Final = {"log_to_driver": False, "logging_level": "error"}
_QUIET: Final = {**_QUIET_CLIENT, "include_dashboard": False}

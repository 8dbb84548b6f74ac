"""Sending batches: a full queue, lost responses, a server that fails."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import chat_server as chat
from support.batch_site import Site

from classifier.errors import ServerError, StoreError
from classifier.scorers.batch.builder import BatchLimits

# --- the queue -----------------------------------------------------------------------------------


def test_what_the_queue_has_no_room_for_waits_and_all_is_judged_in_the_end(site: Site) -> None:
    (whole,) = site.builder().drafts(site.misses)
    site.limits = BatchLimits(tokens=whole.tokens // 2)
    site.service.queue = whole.tokens // 2
    states = [batch.state for batch in site.submit()]
    assert states == ["started", "uploaded", "uploaded", "uploaded"] or states[0] == "started"
    assert "uploaded" in states
    site.finish()
    assert site.complete
    assert all(batch.status == "completed" for batch in site.service.batches.values())


def test_a_batch_the_queue_turned_away_is_started_again_when_others_have_ended(site: Site) -> None:
    (whole,) = site.builder().drafts(site.misses)
    site.limits = BatchLimits(requests=2)
    site.service.queue = whole.tokens // 3  # nobody has told us of it
    site.submit()
    site.finish()
    assert site.complete
    assert "failed" in {batch.status for batch in site.service.batches.values()}


def test_a_file_that_is_larger_than_the_queue_fails_with_the_way_out(site: Site) -> None:
    site.service.queue = 1_000
    site.submit()
    (batch,) = site.finish()
    assert (batch.status, batch.judged) == ("failed", 0)
    message = site.outcomes[0].failures[0].message
    assert "Limit: 1,000 enqueued tokens" in message
    assert "`batch_tokens=1000`" in message


def test_a_429_at_the_start_leaves_the_batch_waiting(site: Site) -> None:
    site.service.trouble("POST /batches", chat.rate_limited())
    assert [batch.state for batch in site.submit()] == ["uploaded"]
    site.finish()
    assert site.complete


# --- the way to the server -----------------------------------------------------------------------


def test_a_file_too_large_for_the_server_is_forgotten_and_the_way_out_told(site: Site) -> None:
    site.service.largest = 20_000
    with pytest.raises(ServerError, match=r"too large for the server; lower `batch_megabytes`"):
        site.submit()
    assert site.queue.open() == []
    site.limits = BatchLimits(size=20_000)
    assert len(site.submit()) > 1
    site.finish()
    assert site.complete


@pytest.mark.parametrize(
    "trouble", [chat.failing(500), chat.dropping(0.0)], ids=["broken", "dropped"]
)
@pytest.mark.parametrize("call", ["POST /files", "POST /batches", "GET /batches", "GET /files"])
def test_a_server_that_fails_for_a_moment_costs_nothing_twice(site: Site, call, trouble) -> None:
    site.retries = 0
    site.service.trouble(call, trouble)
    errors = []
    for _ in range(3):
        try:
            site.submit()
            site.finish()
        except ServerError as error:
            errors.append(error)
    assert all(error.passing for error in errors)
    assert site.complete


def test_a_batch_whose_start_got_lost_on_the_way_back_is_found_and_not_started_twice(
    site: Site,
) -> None:
    from support.batch_server import done_but_lost

    site.service.trouble("POST /batches", done_but_lost(site.service))
    (batch,) = site.submit()
    assert batch.state == "started"
    assert len(site.service.batches) == 1
    site.finish()
    assert site.complete


def test_a_batch_whose_start_was_answered_with_nonsense_is_found_and_not_started_twice(
    site: Site,
) -> None:
    def garbled(request):
        site.service.answer(request)
        return chat.web_page(request)

    site.service.trouble("POST /batches", garbled)
    with pytest.raises(ServerError, match="not the expected JSON"):
        site.submit()
    site.finish()
    assert len(site.service.batches) == 1
    assert site.complete


def test_a_key_that_is_refused_leaves_the_file_to_be_started_later(site: Site) -> None:
    site.service.trouble("POST /batches", chat.failing(401))
    with pytest.raises(ServerError, match="did not accept the API key"):
        site.submit()
    assert [batch.state for batch in site.queue.open()] == ["uploaded"]
    site.finish()
    assert site.complete


def test_a_file_the_server_has_lost_is_asked_for_anew(site: Site) -> None:
    site.service.trouble("POST /batches", chat.failing(404, "No such File object"))
    with pytest.raises(ServerError, match="the next submit sends its requests again"):
        site.submit()
    assert site.queue.open() == []
    site.submit()
    site.finish()
    assert site.complete


def test_two_at_once_do_not_get_in(site: Site) -> None:
    inside = pytest.raises(StoreError, match="another `classify batch` is running")
    with site.store.batches.alone(), inside, site.store.batches.alone():
        pass
    with site.store.batches.alone():
        pass


def test_batches_at_another_address_are_left_alone(site: Site) -> None:
    (batch,) = site.submit()
    elsewhere = replace(site, url="http://127.0.0.1:1/v1")
    assert elsewhere.collect() == []
    assert [b.name for b in site.queue.open()] == [batch.name]

from __future__ import annotations

from classifier.web.service.metrics import Metrics


def test_batches_and_requests_are_counted() -> None:
    numbers = Metrics()
    numbers.judged(3, 0.2)
    numbers.answered("GET", "/categories", 200, 0.01)
    numbers.answered("BREW", "/categories", 405, 0.01)
    text = numbers.text().decode()
    assert "classify_articles_total 3.0" in text
    assert "classify_batch_seconds_count 1.0" in text
    assert 'classify_requests_total{method="other",path="/categories",status="405"} 1.0' in text
    assert 'classify_request_seconds_count{path="/categories"} 2.0' in text


def test_two_services_do_not_count_together() -> None:
    first, second = Metrics(), Metrics()
    first.judged(3, 0.2)
    assert "classify_articles_total 0.0" in second.text().decode()

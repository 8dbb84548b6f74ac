from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import UsageError
from classifier.scorers.openai.options import (
    NO_KEY,
    OFFICIAL,
    OpenAIOptions,
    api_key,
    is_openai,
    normalize_url,
)
from classifier.scorers.openai.scorer import OpenAIScorer


@pytest.mark.parametrize(
    "url", ["localhost:80", "ftp://x/v1", "http://", "http://[::", "http://a b"]
)
def test_an_address_that_is_none_is_refused_by_name(url):
    with pytest.raises(UsageError, match="base_url"):
        OpenAIScorer("m", base_url=url)


@pytest.mark.parametrize("options", [{"pack": 0}, {"concurrency": 0}, {"timeout": 0}])
def test_an_option_that_makes_no_sense_is_refused_by_name(options):
    with pytest.raises(UsageError, match=next(iter(options))):
        OpenAIOptions(**options)


def test_a_number_that_is_none_is_too_small():
    with pytest.raises(UsageError, match="rpm"):
        OpenAIOptions(rpm=float("nan"))


@given(
    st.from_regex(
        r"https?://[a-z]{1,9}(\.[a-z]{1,9})?(:[1-9][0-9]{0,3})?(/[a-z0-9]{0,5}){0,3}/?",
        fullmatch=True,
    )
)
def test_an_address_has_one_form(url):
    known = normalize_url(url)
    assert normalize_url(known) == normalize_url(known + "/") == known
    assert not known.endswith("/")


def test_without_an_address_it_is_the_official_one():
    assert normalize_url(None) == normalize_url("") == OFFICIAL
    assert is_openai(OFFICIAL)


def test_a_server_of_ones_own_needs_no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert api_key("http://localhost/v1") == NO_KEY
    monkeypatch.setenv("OPENAI_API_KEY", " sk-1\n")
    assert api_key("http://localhost/v1") == api_key(OFFICIAL) == "sk-1"

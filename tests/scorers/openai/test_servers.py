from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import UsageError
from classifier.scorers.openai import servers
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.scorers.openai.servers import (
    NO_KEY,
    OFFICIAL,
    api_key,
    is_openai,
    key_variable,
    model_family,
    normalize_url,
)

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("http://h:8080/v1", "http://h:8080/v1"),
        (" http://h/v1// ", "http://h/v1"),
        ("HTTP://h/v1", "http://h/v1"),
        ("http://h/v1/chat/completions", "http://h/v1"),
        ("http://h/v1/chat/completions/", "http://h/v1"),
        ("https://h/d/m/chat/completions?api-version=1", "https://h/d/m?api-version=1"),
        ("http://[::1]:80/v1", "http://[::1]:80/v1"),
    ],
)
def test_an_address_is_used_however_it_is_written(written, used):
    assert servers.normalize_url(written) == used


@pytest.mark.parametrize(
    "written",
    ["localhost:80/v1", "ftp://h", "http://", "http://[::1", "http://h:99999", "http://h\0"],
)
def test_what_is_no_address_is_refused_in_one_line(written):
    with pytest.raises(UsageError, match="not a URL") as refusal:
        servers.normalize_url(written)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("written", ["http://joe:hush9@h/v1", "joe:hush9@h", "http://j:hush9@[h"])
def test_a_password_in_an_address_is_refused_and_not_shown(written):
    with pytest.raises(UsageError, match="password") as refusal:
        servers.normalize_url(written)
    assert "hush9" not in str(refusal.value)


def test_a_query_stays_at_the_end():
    base = "https://h/openai/deployments/m?api-version=1"
    expected = "https://h/openai/deployments/m/chat/completions?api-version=1"
    assert servers.endpoint(base, "/chat/completions") == expected


@pytest.mark.parametrize(
    ("variable", "value", "url", "used"),
    [
        ("http_proxy", "http://p:1", "http://h/v1", "http://p:1"),
        ("http_proxy", "p:1", "http://h/v1", "http://p:1"),
        ("https_proxy", "http://p:1", "http://h/v1", None),
        ("all_proxy", "http://p:1", "https://h/v1", "http://p:1"),
        ("http_proxy", "http://p:1", "http://127.0.0.1:80/v1", None),
        ("http_proxy", "http://p:1", "http://localhost/v1", None),
        ("http_proxy", "http://p:1", "http://[::1]/v1", None),
        ("all_proxy", "socks5h://p:1", "http://127.0.0.1/v1", None),
    ],
)
def test_the_proxy_is_the_one_of_the_environment(monkeypatch, variable, value, url, used):
    monkeypatch.setenv(variable, value)
    assert servers.proxy(url) == used


@pytest.mark.parametrize(
    "exceptions",
    ["*", "h.example", ".example", "*.example", "example", "x, H.EXAMPLE", "h.example:8080"],
)
def test_no_proxy_names_a_host_or_its_domain(monkeypatch, exceptions):
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", exceptions)
    assert servers.proxy("http://h.example:8080/v1") is None
    assert servers.proxy("http://ample:8080/v1") == (None if exceptions == "*" else "http://p:1")


def test_no_proxy_may_name_a_network(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", "10.0.0.0/8,nonsense/99")
    assert servers.proxy("http://10.1.2.3/v1") is None
    assert servers.proxy("http://11.1.2.3/v1") == "http://p:1"


@pytest.mark.parametrize(
    "value", ["socks5://u:hush9@p:1", "http://u:hush9@[::1", "ftp://p", "http://"]
)
def test_a_proxy_that_cannot_be_used_is_refused_with_the_way_out(monkeypatch, value):
    monkeypatch.setenv("http_proxy", value)
    with pytest.raises(UsageError, match=r"HTTP_PROXY.*NO_PROXY: h") as refusal:
        servers.proxy("http://h/v1")
    assert "hush9" not in str(refusal.value)


def test_certificates_that_are_gone_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        servers.tls_context()
    (tmp_path / "gone.pem").write_text("no certificate")
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        servers.tls_context()


@pytest.mark.parametrize(
    "url", ["localhost:80", "ftp://x/v1", "http://", "http://[::", "http://a b"]
)
def test_an_address_that_is_none_is_refused_by_name(url):
    with pytest.raises(UsageError, match="base_url"):
        OpenAIScorer("m", base_url=url)


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


@pytest.mark.parametrize(
    "key", ["sk-1\nsk-2", "Bearer sk-1", '"sk-1"', "'sk-1'", "sk\u20111", "\ufeffk"]
)
def test_what_is_no_key_is_refused_and_not_shown(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(
        UsageError, match="OPENAI_API_KEY has characters that no API key has"
    ) as told:
        api_key("http://localhost/v1")
    assert key not in str(told.value)


def test_a_key_comes_from_the_variable_of_its_provider():
    assert key_variable("https://api.anthropic.com") == "ANTHROPIC_API_KEY"
    assert key_variable("http://localhost/v1") == key_variable(OFFICIAL) == "OPENAI_API_KEY"


@pytest.mark.parametrize(
    ("name", "model", "base_url"),
    [
        ("gpt-4o-mini", "gpt-4o-mini", OFFICIAL),
        ("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5", "https://api.anthropic.com"),
        ("gemini/flash", "flash", "https://generativelanguage.googleapis.com"),
        ("ollama/hf.co/some/model:8b", "hf.co/some/model:8b", "http://127.0.0.1:11434/v1"),
        ("ft:gpt-4o/mine", "ft:gpt-4o/mine", OFFICIAL),
        ("anthropic/", "anthropic/", OFFICIAL),
    ],
)
def test_a_name_may_begin_with_a_provider(name: str, model: str, base_url: str) -> None:
    builder = OpenAIScorer(name).builder
    assert (builder.model, builder.base_url) == (model, base_url)


def test_with_an_address_of_its_own_a_name_stays_as_it_is() -> None:
    builder = OpenAIScorer("anthropic/claude", base_url="https://openrouter.example/v1").builder
    assert builder.model == "anthropic/claude"
    assert builder.base_url == "https://openrouter.example/v1"


def test_prices_and_contexts_of_providers_are_known() -> None:
    for name in ("anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"):
        builder = OpenAIScorer(name).builder
        assert builder.has_price
        assert (builder.context_window or 0) >= 200_000
    assert not OpenAIScorer("ollama/gpt-4o").builder.has_price


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("openai.gpt-oss-120b-1:0", "/openai/v1"),
        ("global.openai.gpt-6-sol", "/openai/v1"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "/anthropic"),
    ],
)
def test_bedrock_is_in_the_region_that_the_user_has_set(
    name: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_REGION", "us-gov-west-1")
    builder = OpenAIScorer(f"bedrock/{name}").builder
    assert builder.model == name
    assert builder.base_url == f"https://bedrock-runtime.us-gov-west-1.amazonaws.com{path}"
    assert builder.has_price
    assert (builder.context_window or 0) >= 100_000
    monkeypatch.delenv("AWS_REGION")
    assert ".eu-west-1." in OpenAIScorer(f"bedrock/{name}").builder.base_url
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(UsageError, match="set AWS_REGION"):
        OpenAIScorer(f"bedrock/{name}")


@pytest.mark.parametrize(
    "region", ["evil.example/x", "us-east-1.evil", "US-EAST-1", "a" * 99, "x@"]
)
def test_a_region_cannot_lead_elsewhere(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", region)
    with pytest.raises(UsageError, match="not a region"):
        OpenAIScorer("bedrock/openai.gpt-oss-120b-1:0")


@pytest.mark.parametrize(
    "address",
    [
        "https://bedrock-runtime.us-east-1.evil.example/openai/v1",
        "https://bedrock-runtime.us-east-1.amazonaws.com.evil.example/openai/v1",
        "https://bedrock-runtimexus-east-1xamazonawsxcom/openai/v1",
        "http://bedrock-runtime.us-east-1.amazonaws.com/openai/v1",
    ],
)
def test_an_address_that_looks_like_bedrocks_gets_no_key_of_it(address: str) -> None:
    assert servers.provider_at(address) is None


def test_each_provider_gets_its_own_key_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI", "ANTHROPIC", "GEMINI"):
        monkeypatch.setenv(f"{variable}_API_KEY", variable)
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "BEDROCK")
    addresses = {
        name: it.address.replace("{region}", "us-east-1") for name, it in servers.PROVIDERS.items()
    }
    assert {name: api_key(address) for name, address in addresses.items()} == {
        "anthropic": "ANTHROPIC",
        "gemini": "GEMINI",
        "ollama": NO_KEY,
        "bedrock": "BEDROCK",
        "bedrock/anthropic": "BEDROCK",
    }
    assert api_key(OFFICIAL) == "OPENAI"
    assert api_key("https://api.anthropic.com", send=False) == NO_KEY
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY is not set"):
        api_key("https://api.anthropic.com")


@pytest.mark.parametrize(
    ("model", "takes_temperature", "thinks"),
    [
        ("gpt-4o-mini", True, False),
        ("gpt-4.1", True, False),
        ("us.openai.gpt-5.4", False, True),
        ("gpt-5", False, True),
        ("gpt-5.2-mini", False, True),
        ("gpt-5-chat-latest", True, False),
        ("o4-mini", False, True),
        ("openai/o3", False, True),
        ("openai/gpt-oss-120b", True, True),
        ("llama-3.1-8b-instruct", True, False),
        ("ollama3", True, False),
        ("Qwen3-4B-Thinking", True, True),
    ],
)
def test_models_are_known_by_name(model, takes_temperature, thinks):
    known = model_family(model)
    assert known.accepts_temperature is takes_temperature
    assert bool(known.reasoning_budget) is thinks

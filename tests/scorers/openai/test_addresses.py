from __future__ import annotations

import pytest

from classifier.errors import UsageError
from classifier.scorers.openai import addresses

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
    assert addresses.normalize(written) == used


@pytest.mark.parametrize(
    "written",
    ["localhost:80/v1", "ftp://h", "http://", "http://[::1", "http://h:99999", "http://h\0"],
)
def test_what_is_no_address_is_refused_in_one_line(written):
    with pytest.raises(UsageError, match="not a URL") as refusal:
        addresses.normalize(written)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("written", ["http://joe:hush9@h/v1", "joe:hush9@h", "http://j:hush9@[h"])
def test_a_password_in_an_address_is_refused_and_not_shown(written):
    with pytest.raises(UsageError, match="password") as refusal:
        addresses.normalize(written)
    assert "hush9" not in str(refusal.value)


def test_a_query_stays_at_the_end():
    base = "https://h/openai/deployments/m?api-version=1"
    expected = "https://h/openai/deployments/m/chat/completions?api-version=1"
    assert addresses.endpoint(base, "/chat/completions") == expected


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
    assert addresses.proxy(url) == used


@pytest.mark.parametrize(
    "exceptions",
    ["*", "h.example", ".example", "*.example", "example", "x, H.EXAMPLE", "h.example:8080"],
)
def test_no_proxy_names_a_host_or_its_domain(monkeypatch, exceptions):
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", exceptions)
    assert addresses.proxy("http://h.example:8080/v1") is None
    assert addresses.proxy("http://ample:8080/v1") == (None if exceptions == "*" else "http://p:1")


def test_no_proxy_may_name_a_network(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", "10.0.0.0/8,nonsense/99")
    assert addresses.proxy("http://10.1.2.3/v1") is None
    assert addresses.proxy("http://11.1.2.3/v1") == "http://p:1"


@pytest.mark.parametrize(
    "value", ["socks5://u:hush9@p:1", "http://u:hush9@[::1", "ftp://p", "http://"]
)
def test_a_proxy_that_cannot_be_used_is_refused_with_the_way_out(monkeypatch, value):
    monkeypatch.setenv("http_proxy", value)
    with pytest.raises(UsageError, match=r"HTTP_PROXY.*NO_PROXY: h") as refusal:
        addresses.proxy("http://h/v1")
    assert "hush9" not in str(refusal.value)


def test_certificates_that_are_gone_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        addresses.tls_context()
    (tmp_path / "gone.pem").write_text("no certificate")
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        addresses.tls_context()

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.fetching.addresses import AddressError, PageAddress, is_public


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://Example.org", "https://example.org/"),
        (" http://example.org:8080/a b#top ".replace(" b", ""), "http://example.org:8080/a"),
        ("https://bücher.example/straße?q=ä", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%A4"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("https://example.org/%7Ea?b=c&d", "https://example.org/%7Ea?b=c&d"),
    ],
)
def test_an_address_is_what_is_asked_for(url: str, whole: str) -> None:
    assert str(PageAddress.parse(url)) == whole


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ftp://example.org/a", "file:///etc/passwd", "javascript:alert(1)"),
        *("http://", "http://example.org:0/", "http://example.org:99999/", "http://[::1/"),
        *("http://me:secret@example.org/", "http://a\r\nHost: b/", "http://a b/", "http://a\x00b/"),
        "https://example.org/" + "a" * 3000,
    ],
)
def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    with pytest.raises(AddressError) as raised:
        PageAddress.parse(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "ip",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1"),
        *("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1", "fec0::1", "nonsense"),
    ],
)
def test_private_addresses_are_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are(ip: str) -> None:
    assert is_public(ip)


def test_a_redirect_is_read_against_the_page_it_is_on() -> None:
    here = PageAddress.parse("https://example.org/a/b?c")
    assert str(here.joined("../d")) == "https://example.org/d"
    assert str(here.joined("//other.example/e")) == "https://other.example/e"
    with pytest.raises(AddressError):
        here.joined("file:///etc/passwd")


def test_a_file_is_named_for_its_page() -> None:
    name = PageAddress.parse("https://example.org/Blog/My%20post.html?page=2").file
    assert re.fullmatch(r"example\.org/blog-my-post-[0-9a-f]{8}\.md", name)
    assert name != PageAddress.parse("https://example.org/Blog/My%20post.html?page=3").file
    assert PageAddress.parse("http://[::1]/").file.startswith("1/index-")


@given(st.text(max_size=60))
def test_no_url_leads_out_of_its_folder(path: str) -> None:
    try:
        name = PageAddress.parse(f"https://example.org/{path}").file
    except AddressError:
        return
    assert re.fullmatch(r"example\.org/[a-z0-9-]+\.md", name)

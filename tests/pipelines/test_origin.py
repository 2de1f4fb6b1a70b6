"""Where credentials may go."""

from __future__ import annotations

import pytest

from pipelines.common.origin import is_loopback, is_safe, same_origin, shown


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://org.crm4.dynamics.com", "https://ORG.crm4.dynamics.com:443/data?x=1", True),
        ("http://127.0.0.1:8365/a", "http://127.0.0.1:8365/b", True),
        ("https://org.crm4.dynamics.com", "http://org.crm4.dynamics.com", False),
        ("https://org.crm4.dynamics.com", "https://org.crm4.dynamics.com:444", False),
        ("https://org.crm4.dynamics.com", "https://org.crm4.dynamics.com.evil.example", False),
        ("https://org.crm4.dynamics.com", "https://org.crm4.dynamics.com@evil.example", False),
        ("https://org.crm4.dynamics.com", "//org.crm4.dynamics.com/x", False),
        ("https://org.crm4.dynamics.com", "https://org.crm4.dynamics.com:many/", False),
        ("", "", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert same_origin(one, other) is same


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://org.crm4.dynamics.com", True),
        ("http://127.0.0.1:8365", True),
        ("http://127.9.9.9", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://org.crm4.dynamics.com", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://0.0.0.0", False),
        ("https://org.crm4.dynamics.com@evil.example", False),
        ("ftp://org.crm4.dynamics.com", False),
        ("https://[broken", False),
    ],
)
def test_http_is_for_this_machine_only(url: str, safe: bool) -> None:
    """Nothing secret travels in clear."""
    assert is_safe(url) is safe


def test_an_address_in_a_sentence_has_its_port_where_it_is_not_the_usual_one() -> None:
    assert shown("https://Org.example:443/data?$skiptoken=1") == "https://org.example"
    assert shown("http://127.0.0.1:8365/x") == "http://127.0.0.1:8365"
    assert shown("nonsense") == "'nonsense'"
    assert not is_loopback("https://[broken")

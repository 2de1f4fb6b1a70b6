"""`sources.<system>.auth`: which settings each way to a token needs, for reading and writing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from loaders import SyncGraph
from p2c.checks.doctor import examine
from p2c.config.context import Context, load
from p2c.config.services import service
from p2c.errors import P2CError, SettingsError
from p2c.run.extraction import connections
from pipelines.common.errors import MissingLibrary

URL = "https://org.example"
TOKEN_URL = "https://login.example/contoso/oauth2/v2.0/token"


def with_sales(project: Path, text: str) -> Context:
    """A project whose section [sources.sales] has these lines, and no others."""
    path = project / ".dlt/secrets.toml"
    finops = path.read_text().partition("[sources.finops]")[2]
    path.write_text(f"[sources.sales]\n{text}\n[sources.finops]{finops}")
    return load(project)


def test_a_certificate_takes_the_place_of_the_secret(project: Path) -> None:
    context = with_sales(
        project,
        f'url = "{URL}"\ntoken_url = "{TOKEN_URL}"\nclient_id = "app"\nauth = "certificate"\n'
        'certificate_file = "app.pem"\ncertificate_password = "open sesame"',
    )
    for connection in (context.connection("sales"), connections(context)[0]):
        assert connection.auth == "certificate"
        assert connection.certificate_file == project / "app.pem"
        assert connection.certificate_password == "open sesame"
        assert "open sesame" not in f"{connection!r} {context.settings}"


def test_without_the_file_its_setting_is_named(project: Path) -> None:
    context = with_sales(
        project,
        f'url = "{URL}"\ntoken_url = "{TOKEN_URL}"\nclient_id = "app"\nauth = "certificate"',
    )
    with pytest.raises(SettingsError, match=r"sources\.sales\.certificate_file is missing"):
        context.connection("sales")


def test_a_managed_identity_needs_the_address_alone(project: Path) -> None:
    context = with_sales(project, f'url = "{URL}"\nauth = "managed_identity"')
    assert context.connection("sales").url == URL
    assert service(context, "sales").token_source is not None
    assert service(context, "finops").token_source is None


def test_an_unknown_way_is_refused_with_those_there_are(project: Path) -> None:
    with pytest.raises(SettingsError, match=r"sources\.sales\.auth .*'certificate'"):
        with_sales(project, f'url = "{URL}"\nauth = "password"')


def test_writing_says_what_to_install_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = with_sales(project, f'url = "{URL}"\nauth = "managed_identity"')
    for name in ("azure", "azure.identity"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingLibrary, match=r"prospect-to-cash\[azure\]"):
        service(context, "sales")


class NotAsked:
    """No service is reached."""

    def __call__(self, system: str, path: str) -> dict[str, object]:
        raise P2CError("not asked")

    def ahead(self, system: str) -> float | None:
        return None


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ('auth = "managed_identity"', set()),
        ('auth = "certificate"', {"token_url", "client_id", "certificate_file"}),
        ("", {"token_url", "client_id", "client_secret"}),
    ],
)
def test_the_doctor_misses_what_the_way_needs(project: Path, text: str, missing: set[str]) -> None:
    context = with_sales(project, f'url = "{URL}"\n{text}')
    checks = examine(context, NotAsked(), lambda: SyncGraph((), ""))
    found = {one.check for one in checks if one.found == "missing"}
    assert found == {f"sources.sales.{name}" for name in missing}

"""Tokens by certificate and managed identity: what azure-identity is asked, and its failures."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from pipelines.common.azure import identity_source
from pipelines.common.errors import (
    AuthenticationFailed,
    BadCertificate,
    MissingLibrary,
    MissingSetting,
    ServiceUnavailable,
)
from pipelines.common.token import TokenRefused, TokenUnavailable
from pipelines.run import check
from pipelines.sales import SalesConnection

from .conftest import Warehouse, fill
from .service import Fake

TOKEN_URL = "https://login.example/contoso/oauth2/v2.0/token"


class AccessToken(NamedTuple):
    token: str
    expires_on: int


class AzureError(Exception):
    pass


class ServiceRequestError(AzureError):
    pass


class ServiceResponseError(AzureError):
    pass


class Identity:
    """azure.identity as far as it is used: notes what it is given, answers what it is told."""

    def __init__(self) -> None:
        self.created: list[tuple[Any, ...]] = []
        self.scopes: list[str] = []
        self.answer: AccessToken | Exception = AccessToken("t", int(time.time()) + 3600)

    def CertificateCredential(self, *values: Any, **options: Any) -> Identity:
        self.created.append(("certificate", *values, options))
        return self

    def ManagedIdentityCredential(self, **options: Any) -> Identity:
        self.created.append(("managed_identity", options))
        return self

    def get_token(self, *scopes: str) -> AccessToken:
        self.scopes += scopes
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Identity:
    """A stand-in for the library."""
    stub = Identity()
    azure, core, exceptions = (ModuleType(n) for n in ("azure", "azure.core", "azure.core.exc"))
    for error in (AzureError, ServiceRequestError, ServiceResponseError):
        setattr(exceptions, error.__name__, error)
    azure.identity, core.exceptions = stub, exceptions  # type: ignore[attr-defined]
    for name, module in (("azure", azure), ("azure.core", core), ("azure.identity", stub)):
        monkeypatch.setitem(sys.modules, name, module)
    return stub


def managed(**values: Any) -> SalesConnection:
    return SalesConnection("https://org.example", auth="managed_identity", **values)


def certified(path: Path, **values: Any) -> SalesConnection:
    return SalesConnection(
        "https://org.example", TOKEN_URL, "app",
        auth="certificate", certificate_file=path, **values,
    )  # fmt: skip


def test_a_certificate_goes_to_the_tenant_of_the_token_url(identity: Identity) -> None:
    connection = certified(Path("app.pem"), certificate_password="open", ca_file=Path("ca.pem"))
    token = identity_source(connection, "sales")()
    options = {
        "authority": "https://login.example", "password": "open", "connection_verify": "ca.pem",
    }  # fmt: skip
    assert identity.created == [("certificate", "contoso", "app", "app.pem", options)]
    assert identity.scopes == ["https://org.example/.default"]
    assert token.value == "t"
    assert 3590 < token.seconds <= 3600


@pytest.mark.parametrize(("argument", "client_id"), [("", None), ("mine", "mine")])
def test_a_managed_identity_needs_no_more_than_the_address(
    identity: Identity, argument: str, client_id: str | None
) -> None:
    connection = managed(client_id=argument)
    connection.check()
    identity_source(connection, "sales")()
    assert identity.created == [("managed_identity", {"client_id": client_id})]


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (ServiceRequestError("no route"), TokenUnavailable),
        (ServiceResponseError("cut off"), TokenUnavailable),
        (AzureError("no managed identity\non this machine"), TokenRefused),
    ],
)
def test_its_failures_are_ours(
    identity: Identity, failure: Exception, error: type[Exception]
) -> None:
    identity.answer = failure
    with pytest.raises(error) as raised:
        identity_source(managed(), "sales")()
    assert str(raised.value) == " ".join(str(failure).split())


def test_an_extract_reads_with_such_a_token(
    identity: Identity, fake: Fake, warehouse: Warehouse
) -> None:
    fill(fake)
    identity.answer = AccessToken(fake.bearer, int(time.time()) + 3600)
    connection = replace(
        fake.sales, auth="managed_identity", token_url="", client_id="", client_secret=""
    )
    assert warehouse.one(connection, "accounts").rows == 25
    assert fake.asked["token"] == 0


@pytest.mark.parametrize(
    ("failure", "error"),
    [(AzureError("denied"), AuthenticationFailed), (ServiceRequestError("x"), ServiceUnavailable)],
)
def test_a_failure_names_the_system(
    identity: Identity, fake: Fake, failure: Exception, error: type[Exception]
) -> None:
    identity.answer = failure
    with pytest.raises(error, match="Sales"):
        check([replace(fake.sales, auth="managed_identity", token_url="")])


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    monkeypatch.setitem(sys.modules, "azure", None)
    with pytest.raises(MissingLibrary, match=r"prospect-to-cash\[azure\]"):
        identity_source(managed(), "sales")


def test_a_certificate_is_required_where_it_is_used() -> None:
    connection = replace(certified(Path("x")), certificate_file=None)
    with pytest.raises(MissingSetting, match=r"sources\.sales\.certificate_file"):
        connection.check()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of our own with its key, as Entra ID takes them."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "p2c")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "app.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_the_library_itself_takes_the_certificate(certificate: Path) -> None:
    """azure-identity as installed for development; nothing is asked before the first token."""
    assert callable(identity_source(certified(certificate), "sales"))


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no.pem"
    path.write_text("nothing")
    with pytest.raises(BadCertificate, match=r"no\.pem of Sales cannot be used"):
        identity_source(certified(path), "sales")
    with pytest.raises(BadCertificate, match=r"gone\.pem"):
        identity_source(certified(tmp_path / "gone.pem"), "sales")

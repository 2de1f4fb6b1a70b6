"""Tokens by certificate or managed identity, from azure-identity (extra `azure`).

The library is imported by the settings that ask for it, and by nothing else.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from .errors import BadCertificate, MissingLibrary
from .settings import CERTIFICATE, Connection
from .token import Token, TokenRefused, TokenSource, TokenUnavailable, scope


def identity_source(connection: Connection, system: str) -> TokenSource:
    """Where tokens come from with `auth` "certificate" or "managed_identity".

    Raises MissingLibrary without azure-identity, BadCertificate for a file it cannot use.
    """
    try:
        from azure import identity  # noqa: PLC0415 - an extra, and slow to import
        from azure.core import exceptions  # noqa: PLC0415
    except ImportError:
        raise MissingLibrary(system, connection.auth) from None
    credential = _credential(identity, connection, system)

    def ask() -> Token:
        try:
            found = credential.get_token(scope(connection.url))
        except (exceptions.ServiceRequestError, exceptions.ServiceResponseError) as error:
            raise TokenUnavailable(_line(error)) from None
        except exceptions.AzureError as error:  # refused, or no managed identity on this machine
            raise TokenRefused(_line(error)) from None
        return Token(found.token, found.expires_on - time.time())

    return ask


def _credential(identity: Any, connection: Connection, system: str) -> Any:  # noqa: ANN401
    if connection.auth != CERTIFICATE:
        return identity.ManagedIdentityCredential(client_id=connection.client_id or None)
    address = urlsplit(connection.token_url)
    options: dict[str, Any] = {"authority": f"{address.scheme}://{address.netloc}"}
    if connection.certificate_password:
        options["password"] = connection.certificate_password
    if connection.ca_file:
        options["connection_verify"] = str(connection.ca_file)
    path = str(connection.certificate_file)
    try:
        return identity.CertificateCredential(
            tenant(connection.token_url), connection.client_id, path, **options
        )
    except (OSError, ValueError) as error:
        raise BadCertificate(system, path, _line(error)) from None


def tenant(token_url: str) -> str:
    """`https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token` → the tenant."""
    return urlsplit(token_url).path.strip("/").partition("/")[0]


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__

"""Why an extract could not go on; every message says what to do next.

ExtractError
    MissingSetting        an address, id or secret is missing
    MissingDeclaration    the project has no tables.yml of a system
    UnknownAuth           a way to get a token that does not exist
    MissingLibrary        azure-identity is not installed
    BadCertificate        a certificate that cannot be used
    InvalidDeclaration    tables.yml says something that cannot be
    UnknownTableName      a table was asked for that nobody declared
    AuthenticationFailed  the identity provider or the service refused the credentials
    AccessDenied          the credentials are good, the permission is missing
    ServiceUnavailable    nobody answered, or only with "busy", until patience ran out
    ServiceRefused        any other refusal, in the service's own words
    UnusableAnswer        an answer that holds no rows, or something else in their place
    EndlessPages          links to a next page that never end
    NotAtSource           a declared column or table is not there
        UnknownColumn
        UnknownTable
    UnexpectedValue       a value does not fit its declared type
    CountMismatch         the service counts other rows than it sent, twice
    WarehouseBusy         another process holds the warehouse
    WarehouseUnusable     the file cannot be opened at all
    LoadFailed            dlt could not write what was read
    AddressError          which service is asked, and what may be sent to it (`address_errors`)
    PackageError          a data package could not be exported or imported (`package_errors`)

Facts are attributes, so that a caller need not read the message.
"""

from __future__ import annotations

from collections.abc import Sequence

MANIFESTS = {"sales": "pipelines/sales/tables.yml", "finops": "pipelines/finops/tables.yml"}
CREDENTIALS = "client_id, client_secret and token_url"
NAMES = {"sales": "Sales", "finops": "F&O"}


class ExtractError(Exception):
    """Base of all errors of the pipelines; `str(error)` is the message to print."""


class MissingSetting(ExtractError):
    """A value needed to reach a service is missing."""

    def __init__(self, system: str, name: str) -> None:
        self.system, self.name = system, name
        variable = f"SOURCES__{system}__{name}".upper()
        super().__init__(
            f"Setting sources.{system}.{name} is missing: write it into .dlt/secrets.toml "
            f"(section [sources.{system}]) or set {variable}."
        )


class UnknownAuth(ExtractError):
    """Setting `auth` names no way to get a token."""

    def __init__(self, value: str, known: Sequence[str]) -> None:
        self.value = value
        super().__init__(f"There is no auth {value!r}; it is one of {', '.join(known)}.")


class MissingLibrary(ExtractError):
    """A way to get a token that needs the extra `azure`."""

    def __init__(self, system: str, auth: str) -> None:
        self.system, self.auth = system, auth
        super().__init__(
            f'sources.{system}.auth = "{auth}" needs azure-identity: '
            'pip install "prospect-to-cash[azure]", or set it to "client_secret".'
        )


class BadCertificate(ExtractError):
    """A certificate file that is not there, or is none."""

    def __init__(self, system: str, path: str, reason: str) -> None:
        self.system, self.path, self.reason = system, path, reason
        super().__init__(
            f"The certificate {path} of {NAMES[system]} cannot be used ({reason}): "
            f"sources.{system}.certificate_file is a PEM or PKCS12 file with its private key, "
            f"sources.{system}.certificate_password opens it."
        )


class MissingDeclaration(ExtractError):
    """The project lacks the file that declares what is read."""

    def __init__(self, system: str, path: str) -> None:
        self.system, self.path = system, path
        super().__init__(
            f"There is no {path}, which declares the tables and columns to read from "
            f"{NAMES[system]}: restore it from version control."
        )


class InvalidDeclaration(ExtractError):
    """tables.yml holds something that cannot be."""

    def __init__(self, system: str, what: str) -> None:
        self.system = system
        super().__init__(f"{MANIFESTS[system]}: {what}.")


class UnknownTableName(ExtractError):
    """A table was asked for that is not declared."""

    def __init__(self, names: Sequence[str], declared: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"No table {_listed(names)} is declared; there are {', '.join(declared)}.")


class AuthenticationFailed(ExtractError):
    """No token, or a token nobody accepts."""

    def __init__(self, system: str, url: str, reason: str, settings: str = CREDENTIALS) -> None:
        self.system, self.url, self.reason = system, url, reason
        super().__init__(
            f"{NAMES[system]} refused the credentials at {url} ({reason}): check "
            f"{settings} in section [sources.{system}]."
        )


class AccessDenied(ExtractError):
    """Known caller, missing permission."""

    def __init__(self, system: str, table: str, reason: str) -> None:
        self.system, self.table, self.reason = system, table, reason
        super().__init__(
            f"{NAMES[system]} does not let this application read {table} ({reason}): give its "
            "user a role with read access to the whole table."
        )


class ServiceUnavailable(ExtractError):
    """Nobody answers, or only that it is busy."""

    def __init__(self, system: str, url: str, reason: str, setting: str = "url") -> None:
        self.system, self.url, self.reason, self.setting = system, url, reason, setting
        super().__init__(
            f"{NAMES[system]} does not answer at {url} ({reason}): check "
            f"sources.{system}.{setting} and that the service is up, then run again."
        )


class ServiceRefused(ExtractError):
    """The service refused; its own code and words are kept."""

    def __init__(self, system: str, table: str, status: int, code: str, message: str) -> None:
        self.system, self.table, self.status = system, table, status
        self.code, self.message = code, message
        cause = " ".join(part for part in (str(status), code) if part)
        super().__init__(
            f"{NAMES[system]} refused to read {table} ({cause}): {message or 'no reason given'}"
        )


class UnusableAnswer(ExtractError):
    """The service answered 200 with something that is not rows."""

    def __init__(self, system: str, table: str, reason: str) -> None:
        self.system, self.table, self.reason = system, table, reason
        super().__init__(
            f"{NAMES[system]} sent an answer for {table} that is no page of rows ({reason}): "
            "nothing was loaded; run again, and if it happens again look for a gateway or proxy "
            f"between here and sources.{system}.url."
        )


class EndlessPages(ExtractError):
    """Following the links to the next page would never end."""

    def __init__(self, system: str, table: str, reason: str) -> None:
        self.system, self.table, self.reason = system, table, reason
        super().__init__(
            f"The pages of {table} in {NAMES[system]} do not end ({reason}): nothing was loaded; "
            f"run again when the table is quieter, or with another sources.{system}.page_size."
        )


class NotAtSource(ExtractError):
    """Something declared is not there. `columns` are raw names; empty means the whole table."""

    system: str
    table: str
    columns: tuple[str, ...]


class UnknownColumn(NotAtSource):
    """Columns of a table that the service does not have."""

    def __init__(self, system: str, table: str, columns: Sequence[str]) -> None:
        self.system, self.table, self.columns = system, table, tuple(columns)
        super().__init__(
            f"{NAMES[system]} has no column {_listed(columns)} in {table}: correct "
            f'{MANIFESTS[system]}, or set p2c.on_missing_column to "continue" to go on with the '
            "other tables."
        )


class UnknownTable(NotAtSource):
    """An entity set the service does not have."""

    def __init__(self, system: str, table: str, reason: str) -> None:
        self.system, self.table, self.columns, self.reason = system, table, (), reason
        super().__init__(
            f"{NAMES[system]} has no table {table} ({reason}): correct {MANIFESTS[system]}, or set "
            'p2c.on_missing_column to "continue" to go on with the other tables.'
        )


class UnexpectedValue(ExtractError):
    """A value that does not fit the type declared for its column."""

    def __init__(self, system: str, table: str, column: str, declared: str, value: object) -> None:
        self.system, self.table, self.column = system, table, column
        self.declared, self.value = declared, value
        shown = "null" if value is None else repr(value)[:80]
        super().__init__(
            f"{NAMES[system]} sent {shown} in {table}.{column}, which {MANIFESTS[system]} declares "
            f"as {declared}: correct the declared type."
        )


class CountMismatch(ExtractError):
    """Rows read and rows counted by the service differ, after a second try."""

    def __init__(self, system: str, table: str, rows: int, service_count: int) -> None:
        self.system, self.table, self.rows, self.service_count = system, table, rows, service_count
        super().__init__(
            f"{NAMES[system]} counts {service_count:,} rows in {table} but sent {rows:,}, twice: "
            "nothing was loaded; run again when the table is quieter, and check that the "
            "application may read all of its rows."
        )


class WarehouseBusy(ExtractError):
    """DuckDB lets one process in at a time."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"The warehouse {path} is in use ({reason}): close that process, then run again."
        )


class WarehouseUnusable(ExtractError):
    """The file is there and DuckDB cannot open it."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"The warehouse {path} cannot be opened ({reason}): move it away, and the next run "
            "makes a new one from both systems."
        )


class LoadFailed(ExtractError):
    """dlt stopped for a reason of its own."""

    def __init__(self, system: str, step: str, reason: str) -> None:
        self.system, self.step, self.reason = system, step, reason
        super().__init__(
            f"dlt stopped while {step} {NAMES[system]} ({reason}): run again; what was read "
            "completely is kept and loaded first."
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)

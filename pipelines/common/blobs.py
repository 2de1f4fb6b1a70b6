"""Files behind an address that is its own key (Azure Storage, protocols B8): fetched and left.

The address carries a signature, so no credentials of ours go there, no cookie and no netrc; only
https, or this machine itself. A file is moved in pieces and counts when it is complete.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from requests.cookies import RequestsCookieJar

from .origin import is_loopback, is_safe
from .package_errors import BlobCutOff, BlobExpired, BlobUnavailable
from .packages import SYSTEM
from .reasons import cause
from .token import BUSY

PIECE = 1 << 20
PAUSES = (1.0, 5.0)  # seconds before the second and the third try
TIMEOUT = 120.0  # seconds without a byte
BLOCK_BLOB = {"x-ms-blob-type": "BlockBlob"}
_T = TypeVar("_T")


def download(
    url: str,
    target: Path,
    about: str,
    ca_file: Path | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Fetch a file to `target` (for its owner only); its bytes. Raises BlobUnavailable.

    A file whose end is missing is fetched again; what arrived of it is removed.
    """
    return _tried(lambda: _fetch(_safe(url, about), target, about, ca_file), pause)


def upload(
    url: str,
    source: Path,
    about: str,
    ca_file: Path | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Leave a file at an address that GetAzureWriteUrl gave. Raises BlobUnavailable."""
    _tried(lambda: _leave(_safe(url, about), source, about, ca_file), pause)


def _tried(action: Callable[[], _T], pause: Callable[[float], None]) -> _T:
    """A moment's trouble is tried again; what ended for good is not."""
    for seconds in PAUSES:
        try:
            return action()
        except BlobExpired:
            raise
        except BlobUnavailable:
            pause(seconds)
    return action()


def _fetch(url: str, target: Path, about: str, ca_file: Path | None) -> int:
    part = target.with_name(target.name + ".part")
    try:
        with closing(_ask("GET", url, about, ca_file)) as answer:
            count = _copy(answer, part, url, about)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return count


def _copy(answer: requests.Response, part: Path, url: str, about: str) -> int:
    count, announced = 0, answer.headers.get("Content-Length", "")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in answer.iter_content(PIECE):
                count += file.write(piece)
    except requests.RequestException as error:
        reason = f"cut off after {count:,} bytes, {cause(error)}"
        raise BlobCutOff(SYSTEM, about, url, reason) from None
    if announced.isdigit() and count != int(announced):
        reason = f"{count:,} of {int(announced):,} bytes arrived"
        raise BlobCutOff(SYSTEM, about, url, reason)
    return count


def _leave(url: str, source: Path, about: str, ca_file: Path | None) -> None:
    with source.open("rb") as file, closing(_ask("PUT", url, about, ca_file, file)):
        return


def _ask(
    method: str, url: str, about: str, ca_file: Path | None, body: object = None
) -> requests.Response:
    headers = {"Accept-Encoding": "identity", **(BLOCK_BLOB if method == "PUT" else {})}
    with closing(_session(url, ca_file)) as session:
        try:
            answer = session.request(
                method, url, data=body, headers=headers, stream=True,  # type: ignore[arg-type]
                timeout=TIMEOUT, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise BlobUnavailable(SYSTEM, about, url, cause(error)) from None
    if answer.status_code < 300:
        return answer
    answer.close()
    kind = BlobExpired if answer.status_code in (403, 404, 410) else BlobUnavailable
    busy = ", the storage is busy" if answer.status_code in BUSY else ""
    raise kind(SYSTEM, about, url, f"HTTP {answer.status_code}{busy}")


def _session(url: str, ca_file: Path | None) -> requests.Session:
    session = requests.Session()
    session.cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = lambda request: request  # none, and none from a netrc either
    if ca_file:
        session.verify = str(ca_file)
    session.trust_env = not (ca_file or is_loopback(url))
    return session


def _safe(url: str, about: str) -> str:
    """https, where the service writes http (protocols B8); plain http for this machine only."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(url):
        url = parts._replace(scheme="https").geturl()
    if not is_safe(url):
        reason = "it is no https address"
        raise BlobExpired(SYSTEM, about, url, reason)
    return url

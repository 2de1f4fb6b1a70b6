"""Opens the data of a sandbox and puts the two services over it."""

from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp

from sandbox.demo.seeding import Profile, Size, seed_finops, seed_sales
from sandbox.finops.service import create_app as finops_app
from sandbox.finops.service import finops_model
from sandbox.finops.settings import FinopsSettings
from sandbox.odata.auth import Auth, Credentials
from sandbox.odata.store import Store
from sandbox.sales.service import create_app as sales_app
from sandbox.sales.service import sales_model
from sandbox.sales.settings import SalesSettings

SALES_DATA = "sales.sqlite"
FINOPS_DATA = "finops.sqlite"
SEED = 7


@dataclass(frozen=True)
class Filling:
    """What an empty sandbox is filled with; an empty sandbox without a profile gets "base"."""

    profile: Profile = "base"
    size: Size = field(default_factory=Size)
    seed: int = SEED


@dataclass(frozen=True)
class Services:
    """The two applications; each closes its store at its shutdown."""

    sales: ASGIApp
    finops: ASGIApp


def fill(directory: Path, filling: Filling) -> None:
    """Make the two databases; what is there already stays as it is."""
    for store in (_sales_store(directory, filling), _finops_store(directory, filling)):
        store.close()


def open_services(
    directory: Path,
    credentials: Credentials,
    filling: Filling,
    sales: SalesSettings,
    finops: FinopsSettings,
) -> Services:
    """Open the databases, fill new ones, and make the applications."""
    return Services(
        sales=sales_app(_sales_store(directory, filling), Auth(credentials), settings=sales),
        finops=finops_app(_finops_store(directory, filling), Auth(credentials), settings=finops),
    )


def _sales_store(directory: Path, filling: Filling) -> Store:
    store = Store(sales_model(), directory / SALES_DATA)
    if not store.count("organizations"):
        seed_sales(store, filling.profile, filling.size, filling.seed)
    return store


def _finops_store(directory: Path, filling: Filling) -> Store:
    store = Store(finops_model(), directory / FINOPS_DATA)
    if not store.count("LegalEntities"):
        seed_finops(store, filling.profile, filling.size, filling.seed)
    return store

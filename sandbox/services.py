"""Opens the data of a sandbox and puts the two services over it."""

from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette

from sandbox.demo.seeding import Profile, Size, seed_finops, seed_sales
from sandbox.finops.service import create_app as finops_app
from sandbox.finops.service import finops_model
from sandbox.finops.settings import FinopsSettings
from sandbox.odata.auth import Auth, Credentials
from sandbox.odata.store import Store
from sandbox.sales.app import create_app as sales_app
from sandbox.sales.base import open_store
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
    """The two applications and the stores behind them."""

    sales: Starlette
    finops: Starlette
    stores: tuple[Store, ...]

    def close(self) -> None:
        """Close the stores, when no application uses them any more."""
        for store in self.stores:
            store.close()


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
    sales_store = _sales_store(directory, filling)
    finops_store = _finops_store(directory, filling)
    return Services(
        sales=sales_app(sales_store, Auth(credentials), settings=sales),
        finops=finops_app(finops_store, Auth(credentials), settings=finops),
        stores=(sales_store, finops_store),
    )


def _sales_store(directory: Path, filling: Filling) -> Store:
    """Price lists are not among the rows every environment has: none means not filled yet."""
    store = open_store(directory / SALES_DATA)
    if not store.count("pricelevels"):
        seed_sales(store, filling.profile, filling.size, filling.seed)
    return store


def _finops_store(directory: Path, filling: Filling) -> Store:
    store = Store(finops_model(), directory / FINOPS_DATA)
    if not store.count("LegalEntities"):
        seed_finops(store, filling.profile, filling.size, filling.seed)
    return store

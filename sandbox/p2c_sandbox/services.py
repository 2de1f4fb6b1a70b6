"""Opens the data of a sandbox and puts the two services over it."""

from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware

from p2c_sandbox.demo.seeding import Profile, Size, seed_finops, seed_sales
from p2c_sandbox.faults.admin import Admin
from p2c_sandbox.faults.model import Service
from p2c_sandbox.faults.network import NetworkFaults
from p2c_sandbox.faults.registry import Faults
from p2c_sandbox.faults.requests import around
from p2c_sandbox.faults.words import finops_words, sales_words
from p2c_sandbox.finops.lacking import lacking, list_sequences
from p2c_sandbox.finops.service import create_app as finops_app
from p2c_sandbox.finops.service import finops_model
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.auth import Auth, Credentials
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.app import create_app as sales_app
from p2c_sandbox.sales.base import list_messages, model, name_organization, open_store
from p2c_sandbox.sales.lacking import list_solutions
from p2c_sandbox.sales.settings import SalesSettings

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
    for store in (
        _sales_store(directory, filling, SalesSettings()),
        _finops_store(directory, filling, FinopsSettings()),
    ):
        store.close()


def open_services(
    directory: Path,
    credentials: Credentials,
    filling: Filling,
    sales: SalesSettings,
    finops: FinopsSettings,
) -> Services:
    """Open the databases, fill new ones, and make the applications."""
    sales_store = _sales_store(directory, filling, sales)
    finops_store = _finops_store(directory, filling, finops)
    faults = Faults()
    sales_auth, finops_auth = Auth(credentials), Auth(credentials)
    return Services(
        sales=sales_app(
            sales_store,
            sales_auth,
            settings=sales,
            middleware=_middleware("sales", faults, sales_auth),
            around=around(faults, "sales", sales_words()),
        ),
        finops=finops_app(
            finops_store,
            finops_auth,
            settings=finops,
            middleware=_middleware("finops", faults, finops_auth),
            around=around(faults, "finops", finops_words()),
        ),
        stores=(sales_store, finops_store),
    )


def _middleware(service: Service, faults: Faults, auth: Auth) -> list[Middleware]:
    """Faults are set at either service and strike both."""
    return [
        Middleware(Admin, faults=faults, credentials=auth.credentials),
        Middleware(NetworkFaults, faults=faults, service=service, auth=auth),
    ]


def _sales_store(directory: Path, filling: Filling, settings: SalesSettings) -> Store:
    """Price lists are not among the rows every environment has: none means not filled yet."""
    store = open_store(directory / SALES_DATA, service=model(settings))
    list_messages(store, settings)
    list_solutions(store, settings)
    if not store.count("pricelevels"):
        seed_sales(store, filling.profile, filling.size, filling.seed)
    name_organization(store, settings)
    return store


def _finops_store(directory: Path, filling: Filling, settings: FinopsSettings) -> Store:
    store = Store(lacking(finops_model(), settings), directory / FINOPS_DATA)
    if not store.count("LegalEntities"):
        seed_finops(store, filling.profile, filling.size, filling.seed)
    list_sequences(store, settings)
    return store

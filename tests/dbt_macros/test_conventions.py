"""What every model of the project keeps to, read from dbt's manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from p2c.config.target_list import TARGETS as TARGET_LIST
from p2c.config.target_list import targets_macro
from pipelines.common.tables import load_tables
from tests.dbt_macros.small_project import ROOT

Node = Mapping[str, Any]
PREFIXES = {
    "staging": "stg_",
    "match": "match_",
    "keys": "keys_",
    "common": "",
    "target": "target_",
    "compare": "compare_",
    "changes": "changes_",
    "quality": "",
}
SYSTEMS = ("sales", "finops")
LAYERS = list(PREFIXES)
# A pair that needs a business record first, one target that reads a comparison (decision 0024), and
# what is a pair before anything is compared (decision 0029).
UPWARD = {
    ("keys_left_contact_persons", "contacts"),
    ("keys_product_prices", "product_prices"),
    ("keys_quotations", "quotations"),
    ("match_known", "keys_contact_overrides"),
    ("match_known", "keys_customer_overrides"),
    ("match_known", "keys_legal_entities"),
    ("match_known", "keys_links"),
    ("match_known", "keys_product_overrides"),
    ("target_sales__productpricelevels", "compare_sales__products"),
}
# What every raw table has besides the declared columns.
ADDED = {"etag", "deleted_at"}
TARGETS = ("_account", "_contact")


def models(manifest: Mapping[str, Any]) -> Iterator[Node]:
    return (n for n in manifest["nodes"].values() if n["resource_type"] == "model")


def layer(model: Node) -> str:
    return str(model["fqn"][1])


def checks_on(manifest: Mapping[str, Any], model: Node) -> Iterator[Node]:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node") == model["unique_id"]:
            yield node


def parents(model: Node, kind: str) -> list[str]:
    return [p for p in model["depends_on"]["nodes"] if p.startswith(f"{kind}.")]


def test_every_model_says_what_a_row_is(manifest: Mapping[str, Any]) -> None:
    assert [m["name"] for m in models(manifest) if not m["description"].strip()] == []


def test_every_model_that_is_described_describes_its_columns(manifest: Mapping[str, Any]) -> None:
    bare = [m["name"] for m in models(manifest) if m["description"] and not m["columns"]]
    assert bare == []


def test_every_column_is_described(manifest: Mapping[str, Any]) -> None:
    missing = [
        f"{model['name']}.{column['name']}"
        for model in models(manifest)
        for column in model["columns"].values()
        if not column["description"].strip()
    ]
    assert missing == []


def test_every_source_table_and_seed_is_described(manifest: Mapping[str, Any]) -> None:
    seeds = [n for n in manifest["nodes"].values() if n["resource_type"] == "seed"]
    found = [*manifest["sources"].values(), *seeds]
    assert [node["name"] for node in found if not node["description"].strip()] == []


def test_every_model_has_a_primary_key_test(manifest: Mapping[str, Any]) -> None:
    without = [m["name"] for m in models(manifest) if not has_key_test(manifest, m)]
    assert without == []


def has_key_test(manifest: Mapping[str, Any], model: Node) -> bool:
    """A key, a unique combination, or one column that is both unique and not null."""
    columns: dict[str, set[str]] = {
        name: {constraint["type"] for constraint in column["constraints"]}
        for name, column in model["columns"].items()
        if model["config"]["contract"]["enforced"]
    }
    for test in checks_on(manifest, model):
        kind = test["test_metadata"]["name"]
        if kind in ("key", "unique_combination"):
            return True
        columns.setdefault(str(test.get("column_name")), set()).add(kind)
    return any({"unique", "not_null"} <= kinds for kinds in columns.values())


def test_a_models_prefix_is_its_layer(manifest: Mapping[str, Any]) -> None:
    for model in models(manifest):
        name, where = model["name"], layer(model)
        assert where in PREFIXES, f"{name} is in no layer"
        assert name.startswith(PREFIXES[where]), f"{name} is in {where}"
        others = {prefix for one, prefix in PREFIXES.items() if prefix and one != where}
        assert not name.startswith(tuple(others)), f"{name} is in {where}"


def test_models_of_one_system_are_in_its_folder_and_say_so(manifest: Mapping[str, Any]) -> None:
    for model in models(manifest):
        if layer(model) in ("staging", "target", "compare", "changes"):
            system = model["fqn"][2]
            assert system in SYSTEMS or (layer(model), system) == ("staging", "seeds")
            assert model["name"].startswith(f"{PREFIXES[layer(model)]}{system}__")


def test_layers_read_from_those_before_them(manifest: Mapping[str, Any]) -> None:
    """Apart from what UPWARD names, which may not grow unseen."""
    upward = set()
    for model in models(manifest):
        for unique in parents(model, "model"):
            read = manifest["nodes"][unique]
            if LAYERS.index(layer(read)) > LAYERS.index(layer(model)):
                upward.add((model["name"], read["name"]))
    assert upward == UPWARD


def test_only_staging_reads_what_the_systems_sent(manifest: Mapping[str, Any]) -> None:
    raw = {u for u, s in manifest["sources"].items() if s["source_name"] in SYSTEMS}
    readers = [m["name"] for m in models(manifest) if raw & set(parents(m, "source"))]
    assert [name for name in readers if not name.startswith("stg_")] == []


def test_only_staging_reads_what_people_wrote(manifest: Mapping[str, Any]) -> None:
    """Every seed has one view, which cleans it, and all other models read that."""
    seeds = {u for u, n in manifest["nodes"].items() if n["resource_type"] == "seed"}
    readers = {m["name"]: seeds & set(parents(m, "seed")) for m in models(manifest)}
    found = {name: next(iter(read)) for name, read in readers.items() if len(read) == 1}
    assert found == {f"stg_seeds__{unique.rpartition('.')[2]}": unique for unique in seeds}
    assert [name for name, read in readers.items() if len(read) > 1] == []


def test_what_a_seed_holds_back_are_flows(manifest: Mapping[str, Any]) -> None:
    flows = {m["config"]["meta"].get("flow") for m in models(manifest) if layer(m) == "changes"}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            assert set(node["config"]["meta"].get("holds", [])) <= flows, node["name"]


def test_staging_reads_one_table_of_its_system_and_nothing_else(
    manifest: Mapping[str, Any],
) -> None:
    seen: dict[str, str] = {}
    for model in models(manifest):
        if layer(model) != "staging" or model["fqn"][2] == "seeds":
            continue
        (source,) = model["depends_on"]["nodes"]
        assert manifest["sources"][source]["source_name"] == model["fqn"][2]
        assert source not in seen, f"{model['name']} and {seen[source]} stage one table"
        seen[source] = model["name"]
    unused = {u for u, s in manifest["sources"].items() if s["source_name"] in SYSTEMS} - set(seen)
    assert unused == set()


def test_target_and_changes_models_have_enforced_contracts(manifest: Mapping[str, Any]) -> None:
    for model in models(manifest):
        if layer(model) in ("target", "changes"):
            assert model["config"]["contract"]["enforced"], model["name"]


def test_every_changes_model_has_an_exposure_of_its_own(manifest: Mapping[str, Any]) -> None:
    exposed = [e["depends_on"]["nodes"] for e in manifest["exposures"].values()]
    for model in models(manifest):
        if layer(model) == "changes":
            assert [model["unique_id"]] in exposed, f"{model['name']} has no exposure"


def test_target_compare_and_changes_come_in_threes(manifest: Mapping[str, Any]) -> None:
    rests: dict[str, set[str]] = {name: set() for name in ("target", "compare", "changes")}
    for model in models(manifest):
        if layer(model) in rests:
            rests[layer(model)].add(model["name"].removeprefix(PREFIXES[layer(model)]))
    assert rests["target"] == rests["compare"] == rests["changes"] != set()


def test_comparisons_lose_no_row(manifest: Mapping[str, Any]) -> None:
    for model in models(manifest):
        if layer(model) == "compare":
            kinds = {t["test_metadata"]["name"] for t in checks_on(manifest, model)}
            assert "same_row_count" in kinds, model["name"]


@pytest.mark.parametrize(
    ("report", "read"),
    [
        ("record_fates", "compare"),
        ("rejected_records", "target"),
        ("cut_values", "target"),
        ("only_in_target", "target"),
        ("record_names", "target"),
    ],
)
def test_every_target_is_reported(manifest: Mapping[str, Any], report: str, read: str) -> None:
    """No quality model holds a list of its own."""
    reported = set(parents(node_named(manifest, report), "model"))
    assert {m["unique_id"] for m in models(manifest) if layer(m) == read} - reported == set()


def test_the_list_of_targets_is_what_make_docs_writes() -> None:
    assert (ROOT / TARGET_LIST).read_text(encoding="utf-8") == targets_macro(ROOT)


def test_accounts_and_products_are_written_over_by_their_owner(
    manifest: Mapping[str, Any],
) -> None:
    """A6, and the pages' word on conflicts."""
    for name in ("finops__customers", "sales__products", "sales__productpricelevels"):
        writes = node_named(manifest, f"changes_{name}")["config"]["meta"]["writes"]
        assert (writes["on_drift"], writes["on_conflict"]) == ("overwrite", "overwrite")
        # An item that its product has left is its place on a list, no record of its own (P3, P4).
        gone = "delete" if name == "sales__productpricelevels" else "ignore"
        assert writes["on_delete"] == gone, "G7: nothing is deleted by default"


def node_named(manifest: Mapping[str, Any], name: str) -> Node:
    (found,) = [m for m in models(manifest) if m["name"] == name]
    return found


@pytest.mark.parametrize("system", SYSTEMS)
def test_dbts_sources_are_the_tables_that_the_pipelines_read(
    manifest: Mapping[str, Any], system: str
) -> None:
    declared = load_tables(ROOT / f"pipelines/{system}/tables.yml", system)
    sources = {s["name"] for s in manifest["sources"].values() if s["source_name"] == system}
    assert sources == set(declared)


@pytest.mark.parametrize("system", SYSTEMS)
def test_staged_columns_are_those_that_the_pipelines_read(
    manifest: Mapping[str, Any], system: str
) -> None:
    declared = load_tables(ROOT / f"pipelines/{system}/tables.yml", system)
    for model in models(manifest):
        if layer(model) == "staging" and model["fqn"][2] == system:
            table = declared[manifest["sources"][model["depends_on"]["nodes"][0]]["name"]]
            raw = {column.name for column in table.columns}
            assert raw - set(model["columns"]) == set(), f"{model['name']}: read, but not staged"
            assert set(model["columns"]) - raw - ADDED - derived(model) == set(), model["name"]


def derived(model: Node) -> set[str]:
    """Columns that staging makes of a lookup with several targets: `customerid_contact`."""
    lookups = set(model["columns"])
    return {n for n in lookups if n.rpartition("_")[0] in lookups and n.endswith(TARGETS)}

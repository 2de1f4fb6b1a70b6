"""The sync graph comes out of dbt's manifest, and what is wrong in it is named."""

import json

import pytest
from loader_world import World, manifest

from loaders import read_targets
from loaders.errors import ManifestError


def write(world: World, content: dict) -> None:
    world.manifest_path.write_text(json.dumps(content))


def test_targets_come_in_the_order_of_the_graph(world: World) -> None:
    graph = read_targets(world.manifest_path)
    names = [target.name for target in graph.targets]
    assert names.index("sales.owners") < names.index("sales.widgets")
    assert set(graph.flows) == {"owners", "things", "gadgets"}


def test_a_target_knows_its_columns_lookups_sources_and_needs(world: World) -> None:
    things = read_targets(world.manifest_path).target("changes_sales__things")
    assert things.columns["ownerid"].lookup == "owners"
    assert things.key == ("widgetid",)
    assert things.needs == {"changes_sales__owners"}
    assert things.sources == ("raw_finops.gadgets", "raw_sales.widgets")
    assert things.relation == '"changes"."changes_sales__things"'


def test_the_version_changes_with_models_and_own_macros(world: World) -> None:
    before = read_targets(world.manifest_path).version
    changed = manifest()
    changed["nodes"]["model.p.target_sales__owners"]["checksum"]["checksum"] = "new"
    write(world, changed)
    assert read_targets(world.manifest_path).version != before
    changed = manifest()
    changed["macros"]["macro.p.m"]["macro_sql"] = "new"
    write(world, changed)
    assert read_targets(world.manifest_path).version != before


def test_a_missing_manifest_says_what_to_run(world: World) -> None:
    world.manifest_path.unlink()
    with pytest.raises(ManifestError, match="p2c build"):
        read_targets(world.manifest_path)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("system", "sap", "`writes.system` is 'sap'; it can be sales, finops"),
        ("key", [], "`writes.key` must list column names"),
        ("operations", ["upsert"], "`writes.operations` has upsert"),
        ("on_drift", "shrug", "`writes.on_drift` is 'shrug'"),
        ("entity_set", None, "`meta` must say `entity_set`"),
    ],
)
def test_a_wrong_declaration_is_named(world: World, key: str, value: object, said: str) -> None:
    content = manifest()
    meta = content["nodes"]["model.p.changes_sales__things"]["config"]["meta"]
    meta["writes"][key] = value
    write(world, content)
    with pytest.raises(ManifestError, match="changes_sales__things") as error:
        read_targets(world.manifest_path)
    assert said in str(error.value)


def test_a_sibling_that_is_no_model_is_named(world: World) -> None:
    content = manifest()
    content["nodes"]["model.p.changes_sales__things"]["config"]["meta"]["target"] = "nowhere"
    write(world, content)
    with pytest.raises(ManifestError, match="'nowhere', which is no model"):
        read_targets(world.manifest_path)

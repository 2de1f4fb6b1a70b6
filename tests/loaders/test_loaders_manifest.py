"""The sync graph comes out of dbt's manifest, and what is wrong in it is named."""

import json

import pytest

from loaders import read_targets
from loaders.errors import ManifestError
from tests.loaders.loader_manifest import manifest
from tests.loaders.loader_world import World


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
    ("key", "value", "message"),
    [
        ("system", "sap", "`meta.writes.system` has 'sap' (did you mean `sales`?); it can"),
        ("key", [], "`meta.writes.key` is []"),
        ("key", "widgetid", "`meta.writes.key` is 'widgetid'"),
        ("key", ["widget"], "`writes.key` has 'widget', no column of target_sales__things."),
        ("operations", ["updat"], "`meta.writes.operations` has 'updat' (did you mean `update`?)"),
        ("on_drift", "shrug", "`meta.writes.on_drift` has 'shrug'; it can be overwrite, keep,"),
        ("on_delete", "delte", "'delte' (did you mean `delete`?)"),
        ("on_delete", "deactivate", "on_delete is deactivate, and `deactivate` names no values"),
        ("undo", "deactivate", "undo is deactivate, and `deactivate` names no values"),
        ("on_demand", "yes", "`meta.writes.on_demand` is 'yes'"),
        ("entity_set", None, "`meta.writes.entity_set` is None"),
        ("entity_set", "", "`meta.writes.entity_set` is ''"),
        ("on_confilct", "keep", "unknown key `on_confilct` (did you mean `on_conflict`?)"),
        ("part_off", "widgets", "unknown key `part_off` (did you mean `part_of`?)"),
        ("colour", "red", "unknown key `colour`; it can have system, entity_set, key"),
    ],
)
def test_a_wrong_declaration_is_named(world: World, key: str, value: object, message: str) -> None:
    """Nothing mistyped is taken as a default: model, key and the nearest right word."""
    content = manifest()
    meta = content["nodes"]["model.p.changes_sales__things"]["config"]["meta"]
    meta["writes"][key] = value
    write(world, content)
    with pytest.raises(ManifestError, match="changes_sales__things") as error:
        read_targets(world.manifest_path)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"compare": "nevr"}, "`name.meta.compare` has 'nevr' (did you mean `never`?)"),
        (
            {"comapre": "never"},
            "`name.meta` has the unknown key `comapre` (did you",
        ),
        ({"null_means": "kept"}, "`name.meta.null_means` has 'kept' (did you mean `keep`?)"),
        ({"lookup": ["owners"]}, "`name.meta.lookup` is ['owners']"),
    ],
)
def test_a_wrong_column_is_named(world: World, meta: dict[str, object], message: str) -> None:
    content = manifest()
    columns = content["nodes"]["model.p.target_sales__things"]["columns"]
    columns["name"]["config"]["meta"] = meta
    write(world, content)
    with pytest.raises(ManifestError, match="target_sales__things") as error:
        read_targets(world.manifest_path)
    assert message in str(error.value)


def test_all_that_is_wrong_in_a_model_is_told_at_once(world: World) -> None:
    content = manifest()
    meta = content["nodes"]["model.p.changes_sales__things"]["config"]["meta"]
    meta["writes"] |= {"on_confilct": "keep", "system": "sale"}
    meta["flwo"] = meta.pop("flow")
    write(world, content)
    with pytest.raises(ManifestError) as error:
        read_targets(world.manifest_path)
    for message in ("`meta` must say `flow`", "did you mean `flow`?", "`sales`?", "`on_conflict`?"):
        assert message in str(error.value)


def test_a_changes_model_that_forgets_to_say_writes_is_named(world: World) -> None:
    """A mistyped `writes` must not take the model out of every run in silence."""
    content = manifest()
    meta = content["nodes"]["model.p.changes_sales__things"]["config"]["meta"]
    meta["wirtes"] = meta.pop("writes")
    write(world, content)
    with pytest.raises(ManifestError, match=r"`meta` must say `writes`.*did you mean `writes`"):
        read_targets(world.manifest_path)


def test_a_sibling_that_is_no_model_is_named(world: World) -> None:
    content = manifest()
    content["nodes"]["model.p.changes_sales__things"]["config"]["meta"]["target"] = "nowhere"
    write(world, content)
    with pytest.raises(ManifestError, match="'nowhere', which is no model"):
        read_targets(world.manifest_path)

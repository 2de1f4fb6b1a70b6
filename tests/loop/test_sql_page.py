"""Every question that the documentation answers in SQL, asked of a warehouse after two runs."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from .conftest import Synced
from .world import PROJECT

PAGE = Path("docs/sql.md")
QUESTIONS = 30


def statements(page: Path) -> list[duckdb.Statement]:
    text = (PROJECT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    return [one for block in blocks for one in duckdb.extract_statements(block)]


@pytest.mark.parametrize("page", [PAGE, Path("README.md")], ids=str)
def test_each_answer_has_columns_of_its_own_in_plain_names(synced: Synced, page: Path) -> None:
    with duckdb.connect(str(synced.world.warehouse), read_only=True) as warehouse:
        for statement in statements(page):
            answer = warehouse.execute(statement)
            names = Counter(column[0] for column in answer.description or [])
            assert names, statement.query
            assert max(names.values()) == 1, statement.query
            assert not [name for name in names if name.startswith("p2c_")], statement.query


def test_each_is_answered_by_the_copy_for_readers_as_by_the_warehouse(
    synced: Synced, tmp_path: Path
) -> None:
    copy = tmp_path / "read.duckdb"
    published = synced.world.p2c("publish", "--to", str(copy))
    assert published.exit == 0, published.err
    with (
        duckdb.connect(str(synced.world.warehouse), read_only=True) as warehouse,
        duckdb.connect(str(copy), read_only=True) as copied,
    ):
        for statement in statements(PAGE):
            answers = [
                sorted(map(repr, db.execute(statement).fetchall())) for db in (warehouse, copied)
            ]
            assert len(answers[0]) == len(answers[1]), statement.query
            if not re.search("limit|any_value", statement.query):
                assert answers[0] == answers[1], statement.query


def test_the_page_has_thirty_questions_numbered_and_one_answer_each() -> None:
    text = (PROJECT / PAGE).read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^(\d+)\. .*\?$", text, re.MULTILINE)]
    assert numbers == list(range(1, QUESTIONS + 1))
    assert len(statements(PAGE)) == QUESTIONS


def test_the_first_answer_counts_every_record_once(synced: Synced) -> None:
    with duckdb.connect(str(synced.world.warehouse), read_only=True) as warehouse:
        counted = warehouse.execute(statements(PAGE)[0]).fetchall()
    [(records,)] = synced.world.query("select count(*) from quality.record_fates")
    assert sum(row[-1] for row in counted) == records > 0

"""`p2c init`: a project where there was nothing, or nothing at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from p2c import __version__, cli, reference, template
from p2c.config.new_project import create
from p2c.errors import ProjectError


def contents(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.glob("**/*") if path.is_file()}


def placed(path: Path) -> Path:
    own = template.ONLY_PROJECT
    return path.relative_to(own) if path.is_relative_to(own) else path


def test_a_project_pins_what_it_runs_on_and_compares_pull_requests(tmp_path: Path) -> None:
    create(tmp_path)
    assert f"prospect-to-cash[azure,sandbox]=={__version__}" in (
        (tmp_path / "requirements.txt").read_text().splitlines()
    )
    workflow = yaml.safe_load((tmp_path / ".github/workflows/mapping.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    ran = "\n".join(step.get("run", "") for step in workflow["jobs"]["compare"]["steps"])
    assert "pip install -r requirements.txt" in ran
    known = {" ".join(words) for words in reference.commands()}
    assert {"sandbox up", "extract", "build", "plan"} <= known
    called = set(re.findall(r"^p2c ([a-z ]+?)(?: -|$)", ran, re.MULTILINE))
    assert called <= known
    readme = (tmp_path / "README.md").read_text()
    for name in re.findall(r"`([a-z._]*[./][a-z._/]*)`", readme):
        assert (tmp_path / name).exists() or name == ".dlt/secrets.toml"
    ignored = (tmp_path / ".gitignore").read_text().splitlines()
    assert {".dlt/secrets.toml", ".p2c/", "*.duckdb", "/target/"} <= set(ignored)


def test_it_writes_the_files_of_the_list_and_no_others(tmp_path: Path) -> None:
    written = create(tmp_path / "new/project")
    wanted = {placed(p) for p in template.files(template.PROJECT, template.PROJECT_FILES)}
    assert contents(tmp_path / "new/project") == wanted
    assert written == len(wanted)


def test_a_repository_and_an_environment_are_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".venv").mkdir()
    create(tmp_path)
    assert (tmp_path / "dbt_project.yml").is_file()


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    for name in "abcdefg":
        (tmp_path / f"{name}.txt").touch()
    with pytest.raises(ProjectError, match=r"it has a\.txt, .*e\.txt and 2 more\."):
        create(tmp_path)
    assert len(contents(tmp_path)) == len("abcdefg")


def test_a_project_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: mine\n")
    with pytest.raises(ProjectError, match="is a project already"):
        create(tmp_path)
    assert (tmp_path / "dbt_project.yml").read_text() == "name: mine\n"


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProjectError, match="is a file, not a folder"):
        create(tmp_path / "file")


@pytest.mark.parametrize("exists", [True, False])
def test_what_fails_on_the_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    """The disk is full at the last of the moves, which makes the folder a project."""
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if self.name == "dbt_project.yml":
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    folder = tmp_path / "project"
    if exists:
        folder.mkdir()
    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space left"):
        create(folder)
    assert [path.name for path in tmp_path.iterdir()] == (["project"] if exists else [])
    assert not exists or list(folder.iterdir()) == []


def test_the_command_says_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["init", "mine", "--json"])
    output = capsys.readouterr()
    assert ended.value.code == 0
    answer = json.loads(output.out)
    assert answer == {
        "status": "ok",
        "project_dir": str(tmp_path / "mine"),
        "files": answer["files"],
    }
    assert answer["files"] == len(contents(tmp_path / "mine"))
    assert "First: cd mine" in output.err
    assert "p2c doctor" in output.err


def test_a_command_without_a_project_leads_to_init(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("P2C_PROJECT_DIR", raising=False)
    with pytest.raises(SystemExit) as ended:
        cli.main(["status"])
    assert ended.value.code == 1
    assert "`p2c init`" in capsys.readouterr().err


def test_everything_that_dbt_and_the_settings_read_is_in_the_list() -> None:
    """A new file or folder beside the others is not forgotten."""
    root = template.PROJECT
    document = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    folders = [name for key in document if key.endswith("-paths") for name in document[key]]
    read = [path for name in folders for path in (root / name).glob("**/*") if path.is_file()]
    read += [*root.glob("*.yml"), *root.glob(".dlt/*.toml")]
    local = {root / ".dlt/secrets.toml", root / ".user.yml"}
    wanted = {path.relative_to(root) for path in read if path not in local}
    assert wanted <= set(template.files(root, template.PROJECT_FILES))


def test_a_pattern_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="seeds"):
        template.files(tmp_path, ["seeds/*.csv"])

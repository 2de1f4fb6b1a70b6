"""What is installed: one top-level package each, and from it a project that dbt understands."""

from __future__ import annotations

import tarfile
import tomllib
import zipfile
from pathlib import Path

from p2c import template
from tests.install import environment
from tests.install.environment import ROOT, Environment


def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def test_no_name_of_ours_is_anybody_elses(installed: Environment) -> None:
    top = {path.name for path in installed.site_packages.iterdir()}
    infos = {
        f"{name}-{version()}.dist-info" for name in ("prospect_to_cash", "prospect_to_cash_sandbox")
    }
    assert top == {"p2c", "p2c_sandbox", "lent.pth"} | infos


def test_the_wheel_has_every_module_and_every_file_of_the_project(wheels: list[Path]) -> None:
    code = {f"p2c/_code/{path.as_posix()}" for path in template.files(ROOT, template.CODE_FILES)}
    files = template.files(ROOT, template.PROJECT_FILES)
    project = {f"p2c/_project/{path.as_posix()}" for path in files}
    own = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("p2c/**/*.py")}
    found = names(wheels[0])
    assert found >= code | project | own | {"p2c/py.typed"}
    extra = {name for name in found if name.startswith(("p2c/_code", "p2c/_project"))}
    assert extra == code | project


def test_the_sandbox_has_its_tables(wheels: list[Path]) -> None:
    files = (ROOT / "sandbox/p2c_sandbox").glob("**/*")
    wanted = {
        path.relative_to(ROOT / "sandbox").as_posix()
        for path in files
        if path.suffix in (".py", ".yml", ".typed")
    }
    assert names(wheels[1]) >= wanted


def test_an_archive_of_the_sources_builds_the_same_wheel(
    sources: Path, wheels: list[Path], tmp_path: Path
) -> None:
    for source, wheel in zip((sources, sources / "sandbox"), wheels, strict=True):
        archive = environment.build("sdist", source, tmp_path)
        with tarfile.open(archive) as packed:
            packed.extractall(tmp_path, filter="data")
        folder = tmp_path / archive.name.removesuffix(".tar.gz")
        again = environment.build("wheel", folder, tmp_path)
        assert again.name == wheel.name
        assert names(again) == names(wheel)


def test_both_have_the_version_of_pyproject(wheels: list[Path]) -> None:
    wanted = [f"prospect_to_cash-{version()}", f"prospect_to_cash_sandbox-{version()}"]
    assert [wheel.name.removesuffix("-py3-none-any.whl") for wheel in wheels] == wanted


def test_ours_comes_before_others_of_the_same_name(installed: Environment, project: Path) -> None:
    """A person's own `loaders.py` beside the project is not what the project runs."""
    (project / "loaders.py").write_text("raise RuntimeError('not ours')\n", encoding="utf-8")
    code = "import p2c, loaders, pipelines; print(loaders.__file__, pipelines.__file__)"
    done = installed.run("python", "-c", code, cwd=project)
    (project / "loaders.py").unlink()
    inside = str(installed.site_packages / "p2c/_code")
    assert [word.startswith(inside) for word in done.stdout.split()] == [True, True], done.stderr


def test_dbt_understands_the_project(installed: Environment, project: Path) -> None:
    done = installed.run("python", "-m", "dbt.cli.main", "parse", cwd=project)
    assert done.returncode == 0, done.stdout
    assert (project / "target/manifest.json").is_file()


def test_doctor_asks_for_the_credentials_that_a_new_project_lacks(
    installed: Environment, project: Path
) -> None:
    done = installed.run("p2c", "doctor", cwd=project)
    assert done.returncode == 1
    assert "sources.sales.url" in done.stdout + done.stderr

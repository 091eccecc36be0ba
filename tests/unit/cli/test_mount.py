"""The mount of the subcommands: each is there, and none pays for another."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from deploy.cli.main import _COMMANDS, app


@pytest.mark.parametrize("name", _COMMANDS)
def test_each_command_says_what_it_does(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert f"candidat-libre {name}" in result.output
    assert "--install-completion" not in result.output


def test_all_commands_are_listed() -> None:
    listed = CliRunner().invoke(app, ["--help"]).output
    assert [name for name in _COMMANDS if name not in listed] == []


def test_no_other_command_is_there() -> None:
    result = CliRunner().invoke(app, ["nonsense"])
    assert result.exit_code == 2


def test_a_command_imports_no_other_ones_clients() -> None:
    asked = "import sys; sys.argv = ['candidat-libre', 'erase', '--help']"
    code = f"{asked}\nimport atexit; atexit.register(lambda: print(*sys.modules))\n"
    code += "from deploy.cli.main import app; app()"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(found.split())
    assert "deploy.cli.erase" in loaded
    assert not loaded & {"faststream", "temporalio", "fastapi"}

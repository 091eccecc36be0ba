"""The console command `candidat-libre`: a thin mount, one module per subcommand.

A subcommand is imported when it is called or listed (click, « Lazily Loading Subcommands »): `erase` need not
wait for Temporal's client, nor `refill` for the demo.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

_COMMANDS: Mapping[str, str] = {
    "up": "deploy.cli.up:up",
    "demo": "deploy.cli.demo:demo",
    "erase": "deploy.cli.erase:erase",
    "asyncapi": "deploy.cli.asyncapi:asyncapi",
    "openapi": "deploy.cli.openapi:openapi",
    "schemas": "deploy.cli.schemas:schemas",
    "site": "deploy.cli.site:site",
    "reconcile": "deploy.cli.recovery:reconcile",
    "replay": "deploy.cli.recovery:replay",
    "refill": "deploy.cli.recovery:refill",
    "officer": "deploy.cli.officer:app",
    "dead-letters": "deploy.cli.dead_letters:app",
}
"""Name → module and what of it: a function, or an application of its own."""


class _Lazily(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(cmd_name)(found)
            found = alone
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="candidat-libre",
    cls=_Lazily,
    help="Inscription des candidats individuels au baccalauréat professionnel.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _mount() -> None:
    """Needed by typer for a group whose commands it does not hold itself."""


if __name__ == "__main__":
    app()

"""The console command `candidat-libre`: a thin mount, one module per subcommand."""

import typer

from deploy.cli import dead_letters
from deploy.cli.asyncapi import asyncapi
from deploy.cli.up import up

app = typer.Typer(
    name="candidat-libre",
    help="Inscription des candidats individuels au baccalauréat professionnel.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up)
app.command()(asyncapi)
app.add_typer(dead_letters.app, name="dead-letters")


if __name__ == "__main__":
    app()

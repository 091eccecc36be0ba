"""The console command `candidat-libre`: a thin mount, one module per subcommand."""

import typer

from deploy.cli import dead_letters, officer
from deploy.cli.asyncapi import asyncapi
from deploy.cli.demo import demo
from deploy.cli.erase import erase
from deploy.cli.openapi import openapi
from deploy.cli.recovery import reconcile, refill, replay
from deploy.cli.schemas import schemas
from deploy.cli.site import site
from deploy.cli.up import up

app = typer.Typer(
    name="candidat-libre",
    help="Inscription des candidats individuels au baccalauréat professionnel.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up)
app.command()(demo)
app.command()(erase)
app.command()(asyncapi)
app.command()(openapi)
app.command()(schemas)
app.command()(site)
app.command()(reconcile)
app.command()(replay)
app.command()(refill)
app.add_typer(officer.app, name="officer")
app.add_typer(dead_letters.app, name="dead-letters")


if __name__ == "__main__":
    app()

"""The databases' shape: dbmate applies the chassis's migrations and the service's own, in version order."""

import shutil
import sys
from pathlib import Path

from deploy.local.children import Children, Command, base_environment, tail
from deploy.local.context import StackContext
from deploy.local.errors import PartFailed
from deploy.local.parts.base import Part
from deploy.local.settings import PROJECT


def executable(name: str) -> str:
    """A program that came with a wheel, else the machine's own."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise PartFailed(name, f"« {name} » manque : lancez « make setup » (extra « local »)")
    return found


def folders(service: str) -> list[Path]:
    """Where the service's migrations are."""
    wanted = (PROJECT / "services" / owner / "migrations" for owner in ("chassis", service))
    return [folder for folder in wanted if any(folder.glob("*.sql"))]


async def migrate(children: Children, service: str, url: str) -> None:
    """Bring the database at `url` to `service`'s latest version.

    Raises:
        PartFailed: a migration was refused; the log has the statement.
    """
    found = folders(service)
    if not found:
        return
    name = f"migrations-{service}"
    command = Command(
        name=name,
        argv=[
            executable("dbmate"),
            *(word for folder in found for word in ("--migrations-dir", str(folder))),
            "--no-dump-schema",
            "--migration-lock",
            "migrate",
        ],
        # By environment: an argument would show the password to every user of the machine.
        environment=base_environment() | {"DATABASE_URL": url},
        folder=PROJECT,
    )
    code = await children.run(command)
    if code != 0:
        log = children.log(name)
        raise PartFailed(name, f"dbmate a échoué (code {code})", log, tail(log))


class Migrations(Part):
    """Of one service: another one's mistake does not keep it from starting."""

    needs = frozenset({"postgres"})

    def __init__(self, service: str) -> None:
        self.name = f"migrations-{service}"
        self._service = service

    async def start(self, context: StackContext) -> None:
        await migrate(context.children, self._service, context.addresses.databases[self._service])

    async def stop(self, context: StackContext) -> None:
        """Nothing runs."""

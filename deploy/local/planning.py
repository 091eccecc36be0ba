"""Everything that is decided before anything starts: ports, credentials, addresses."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.local import credentials
from deploy.local.addresses import Addresses
from deploy.local.children import Children, OnDeath
from deploy.local.context import BOUNCES, HOST, StackContext
from deploy.local.parts.base import Part
from deploy.local.ports import Ports
from deploy.local.processes import DEPLOYABLES
from deploy.local.progress import OnProgress, Progress, State
from deploy.local.settings import StackSettings


def plan(
    root: Path,
    parts: Iterable[Part],
    settings: StackSettings,
    *,
    calendar_file: Path | None,
    usual_ports: bool,
    on_progress: OnProgress,
    on_death: OnDeath,
    extra_environment: Mapping[str, Mapping[str, str]] | None = None,
) -> StackContext:
    """The context that all parts of a start share. Logs of the start before are gone."""
    logs = root / "logs"
    objects = root / "objects"
    for folder in (logs, objects):
        folder.mkdir(parents=True, exist_ok=True)
    for old in logs.glob("*.log"):
        old.unlink()
    context = StackContext(
        root=root,
        settings=settings,
        credentials=credentials.load(root / credentials.SECRETS),
        ports=Ports(root / "ports.json", usual=usual_ports),
        children=Children(logs, on_death),
        addresses=Addresses(root=root, object_store=settings.object_store_url or objects.as_uri()),
        calendar_file=calendar_file,
        note=lambda name, text: on_progress(Progress(name, State.NOTE, detail=text)),
        extra_environment={} if extra_environment is None else extra_environment,
    )
    context.addresses.service_secrets = context.credentials.clients
    _direct_origins(context)
    for part in parts:
        part.reserve(context)
    context.ports.save()
    for name, (usual, chosen) in context.ports.moved.items():
        context.note(name, f"le port {usual} est pris : {chosen} à la place")
    return context


def _direct_origins(context: StackContext) -> None:
    """Of all deployables, also those that are not started: each is told where its sisters are."""
    for deployable in DEPLOYABLES:
        origin = f"http://{HOST}:{context.ports.choose(deployable.name, deployable.port)}"
        context.addresses.health[deployable.name] = f"{origin}/health/ready"
        if deployable.serves_http:
            context.addresses.services[deployable.name] = origin
    context.addresses.bounces = f"{HOST}:{context.ports.choose(BOUNCES, 1026)}"

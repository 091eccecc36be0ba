"""`candidat-libre reconcile`, `replay` and `refill`: asked of Temporal, done by the services themselves.

Temporal is where `TEMPORAL_ADDRESS` says, else where the local stack wrote its address (`--addresses`). No
command opens a database.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from deploy.cli.recovery_words import ACTS, KINDS, fact_line
from deploy.local.addresses import Addresses
from services.chassis.ending import leave
from services.contracts.recovery import SERVICES
from workflows.recovery import QUEUE
from workflows.recovery.reconcile import Reconciliation
from workflows.recovery.refill import Refilling
from workflows.recovery.replay import Replaying
from workflows.recovery.shapes import (
    Finding,
    Going,
    RefillDone,
    RefillOrder,
    Replayed,
    ReplayOrder,
    Report,
    Scope,
)

T = TypeVar("T")

_console = Console()
_errors = Console(stderr=True)
_PARIS = ZoneInfo("Europe/Paris")
_LONGEST = timedelta(hours=2)

AddressFile = Annotated[
    Path, typer.Option("--addresses", help="fichier des adresses écrit par la pile locale")
]
AsJson = Annotated[bool, typer.Option("--json", help="pour un programme")]
_ADDRESSES = Path(".local/addresses.json")


def reconcile(
    session: Annotated[str | None, typer.Option(help="une seule session")] = None,
    candidate: Annotated[UUID | None, typer.Option(help="un seul candidat")] = None,
    repair: Annotated[bool, typer.Option("--repair/--dry-run", help="réparer, ou seulement regarder")] = True,
    patience: Annotated[float, typer.Option(help="secondes entre deux regards")] = 5,
    everything: Annotated[
        bool, typer.Option("--all-facts", help="aussi les faits de plus de deux jours")
    ] = False,
    addresses: AddressFile = _ADDRESSES,
    as_json: AsJson = False,
) -> None:
    """Comparer ce que savent les services et les horloges ; réparer, ou signaler ce qui reste."""
    scope = Scope(
        session_id=session,
        candidate_id=candidate,
        repair=repair,
        patience_seconds=patience,
        facts_seconds=0 if everything else Scope().facts_seconds,
    )

    async def ask(client: Client) -> Report:
        return await client.execute_workflow(
            Reconciliation.run,
            Going(scope=scope),
            id=f"reconcile-{uuid4()}",
            task_queue=QUEUE,
            execution_timeout=_LONGEST,
        )

    report = _run(addresses, ask)
    _show(report, as_json, lambda: _report(report, repaired=repair))
    leave(1 if report.left_by_kind else 0)


def replay(
    candidate: Annotated[UUID, typer.Argument(help="identifiant du candidat")],
    publish: Annotated[
        bool, typer.Option("--publish", help="publier de nouveau ses faits et réveiller son horloge")
    ] = False,
    addresses: AddressFile = _ADDRESSES,
    as_json: AsJson = False,
) -> None:
    """Montrer la vie d’un candidat d’après tous ses faits, et ce qui n’y correspond pas."""

    async def ask(client: Client) -> Replayed:
        return await client.execute_workflow(
            Replaying.run,
            ReplayOrder(candidate_id=candidate, publish=publish),
            id=f"replay-{uuid4()}",
            task_queue=QUEUE,
            execution_timeout=_LONGEST,
        )

    found = _run(addresses, ask)
    _show(found, as_json, lambda: _replayed(found))
    leave(1 if found.differences or not found.facts else 0)


def refill(
    service: Annotated[list[str] | None, typer.Option(help="un service (plusieurs fois possible)")] = None,
    since: Annotated[datetime | None, typer.Option(help="seulement les faits écrits depuis")] = None,
    addresses: AddressFile = _ADDRESSES,
    as_json: AsJson = False,
) -> None:
    """Publier de nouveau les journaux d’événements, quand Kafka a perdu ses sujets."""
    wanted = tuple(service or SERVICES)
    if unknown := set(wanted) - set(SERVICES):
        _errors.print(f"Service inconnu : {', '.join(sorted(unknown))} (connus : {', '.join(SERVICES)}).")
        raise typer.Exit(2)
    order = RefillOrder(services=wanted, since=since.replace(tzinfo=_PARIS) if since else None)

    async def ask(client: Client) -> RefillDone:
        return await client.execute_workflow(Refilling.run, order, id=f"refill-{uuid4()}", task_queue=QUEUE)

    done = _run(addresses, ask)
    _show(done, as_json, lambda: _refilled(done))
    leave(0)


def _show(found: BaseModel, as_json: bool, show: Callable[[], None]) -> None:
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        show()


def _run(addresses: Path, ask: Callable[[Client], Awaitable[T]]) -> T:
    try:
        return asyncio.run(_ask(_temporal(addresses), ask))
    except WorkflowFailureError as error:
        _errors.print(f"Le travail n’a pas abouti ({type(error.cause).__name__}) ; Temporal dit pourquoi.")
    except (RPCError, RuntimeError, OSError) as error:
        _errors.print(f"Temporal ne répond pas ({type(error).__name__}).")
    raise typer.Exit(2)


async def _ask(address: tuple[str, str], ask: Callable[[Client], Awaitable[T]]) -> T:
    target, namespace = address
    client = await Client.connect(target, namespace=namespace, data_converter=pydantic_data_converter)
    return await ask(client)


def _temporal(addresses: Path) -> tuple[str, str]:
    """Which Temporal: never guessed, and said."""
    namespace = os.environ.get("TEMPORAL_NAMESPACE", "default")
    if "TEMPORAL_ADDRESS" in os.environ:
        target = os.environ["TEMPORAL_ADDRESS"]
    elif addresses.exists():
        target = Addresses.model_validate_json(addresses.read_text()).temporal
    else:
        _errors.print(
            f"{addresses} n’existe pas : indiquez la pile par --addresses, ou Temporal par TEMPORAL_ADDRESS."
        )
        raise typer.Exit(2)
    _errors.print(f"Temporal : {target}", style="dim")
    return target, namespace


def _report(report: Report, *, repaired: bool) -> None:
    if report.repaired:
        _console.print(_table("Réparé", report.repaired, acts=False))
    if report.left:
        _console.print(_table("À traiter" if repaired else "Écarts", report.left, acts=True))
    left, mended = sum(report.left_by_kind.values()), sum(report.repaired_by_kind.values())
    _console.print(
        f"{report.candidates} candidats et {report.lives} horloges comparés : "
        f"{mended} écart(s) réparé(s), {left} {'restant(s)' if repaired else 'trouvé(s)'}."
    )


def _table(title: str, findings: tuple[Finding, ...], *, acts: bool) -> Table:
    table = Table(title=title)
    for column in ("candidat ou session", "écart", "vu", *(["que faire"] if acts else [])):
        table.add_column(column, overflow="fold")
    for one in findings:
        words = (str(one.key), KINDS[one.kind], one.seen)
        table.add_row(*words, *([ACTS.get(one.kind, "voir le runbook")] if acts else []))
    return table


def _replayed(found: Replayed) -> None:
    if not found.facts:
        _console.print("Aucun service ne connaît de fait sur ce candidat.")
        return
    table = Table(title="Faits, dans leur ordre")
    for column in ("quand", "service", "fait", "état", "publié"):
        table.add_column(column, overflow="fold")
    for fact in found.facts:
        table.add_row(
            fact.at.astimezone(_PARIS).strftime("%d/%m/%Y %H:%M:%S"),
            *fact_line(fact),
            "oui" if fact.published else "[red]non[/]",
        )
    _console.print(table)
    state = Table(title="Ce que les faits impliquent, et ce que disent les bases")
    for column in ("quoi", "faits", "bases", ""):
        state.add_column(column)
    for name in sorted(found.implied | found.actual):
        differs = "[red]différent[/]" if name in found.differences else ""
        state.add_row(name, found.implied.get(name, "—"), found.actual.get(name, "—"), differs)
    _console.print(state)
    _console.print(f"Horloge : {'en marche' if found.life_runs else 'arrêtée'}.")
    if found.republished:
        _console.print(f"Publiés de nouveau : {sum(found.republished.values())} fait(s).")


def _refilled(done: RefillDone) -> None:
    for service, count in sorted(done.republished.items()):
        _console.print(f"{service} : {count} fait(s) publié(s) de nouveau.")

"""`candidat-libre dead-letters`: the events a service could not take in; list, replay, discard.

Kafka is where `KAFKA_…` says, else where the local stack wrote its address (`--addresses`). Replaying and
discarding are asked here and done by the consumer; the command waits for its answer.
"""

import asyncio
import json
import os
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from deploy.local.addresses import Addresses
from deploy.local.parts.kafka import knows_idempotence
from services.chassis.dead_letters import (
    AlreadyClosed,
    DeadLetterError,
    NoSuchDeadLetter,
    NotWhole,
    ask,
    list_dead_letters,
)
from services.chassis.dlq import Act, DeadLetter, State
from services.chassis.kafka import KafkaSettings, TopicsNotAsDeclared

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    help="Les événements qu’un service n’a pas pu traiter : les voir, les rejouer, les écarter.",
    add_completion=False,
)
_console = Console()
_errors = Console(stderr=True)
_PARIS = ZoneInfo("Europe/Paris")
_STATES = {
    State.OPEN: "[red]à traiter[/]",
    State.REPLAYING: "[yellow]rejeu demandé[/]",
    State.DISCARDING: "[yellow]mise à l’écart demandée[/]",
    State.RESOLVED: "[green]traité[/]",
    State.DISCARDED: "écarté",
}

Ids = Annotated[list[UUID], typer.Argument(help="identifiants donnés par « list »")]
Wait = Annotated[float, typer.Option("--wait", help="secondes d’attente de la réponse du service")]


@app.command("list")
def show(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="aussi ceux qui sont traités ou écartés")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="pour un programme")] = False,
) -> None:
    """Montrer les événements en quarantaine."""
    found = [
        letter for letter in _run(list_dead_letters(context.obj)) if everything or not letter.state.closed
    ]
    if as_json:
        typer.echo(json.dumps([_facts(letter) for letter in found], indent=2))
    elif found:
        _console.print(_table(found))
    else:
        _console.print("Aucun événement en quarantaine.")


@app.command()
def replay(context: typer.Context, ids: Ids, wait: Wait = 15) -> None:
    """Redonner l’événement au service qui ne l’a pas traité, et à lui seul."""
    _treat(context.obj, ids, Act.REPLAY, wait)


@app.command()
def discard(context: typer.Context, ids: Ids, wait: Wait = 15) -> None:
    """Écarter l’événement : il n’aura pas d’effet, et ne retient plus le candidat."""
    _treat(context.obj, ids, Act.DISCARD, wait)


def _treat(settings: KafkaSettings, ids: list[UUID], act: Act, wait: float) -> None:
    failed = False
    for one in ids:
        try:
            state = _run(_ask_and_wait(settings, one, act, wait))
        except DeadLetterError as error:
            _errors.print(f"{one} : {_explain(error)}")
            failed = True
            continue
        _console.print(f"{one} : {_STATES[state]}")
        failed = failed or state is not act.done
    if failed:
        raise typer.Exit(1)


async def _ask_and_wait(settings: KafkaSettings, one: UUID, act: Act, wait: float) -> State:
    state = (await ask(settings, one, act)).state
    until = asyncio.get_running_loop().time() + wait
    while state is act.asked and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.5)
        state = next(letter.state for letter in await list_dead_letters(settings) if letter.id == one)
    return state


def _explain(error: DeadLetterError) -> str:
    match error:
        case NoSuchDeadLetter():
            return "Aucun événement en quarantaine ne porte cet identifiant."
        case AlreadyClosed():
            return "Cet événement est déjà traité ou écarté."
        case NotWhole():
            return (
                "Le contenu de cet événement n’est pas gardé ici : trop volumineux, ou perdu par Kafka. "
                "« candidat-libre replay CANDIDAT --publish » le publie de nouveau, s’il est d’un service ; "
                "sinon, il peut seulement être écarté."
            )
        case _:
            return type(error).__name__


@app.callback()
def choose(
    context: typer.Context,
    addresses: Annotated[Path, typer.Option(help="fichier des adresses écrit par la pile locale")] = Path(
        ".local/addresses.json"
    ),
) -> None:
    """Which Kafka: never guessed, and said, for an answer from another cluster would mislead."""
    if "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        context.obj = KafkaSettings()
    elif addresses.exists():
        found = Addresses.model_validate_json(addresses.read_text())
        context.obj = KafkaSettings(
            bootstrap_servers=found.kafka, enable_idempotence=knows_idempotence(found)
        )
    else:
        _errors.print(
            f"{addresses} n’existe pas : indiquez la pile par --addresses, "
            "ou Kafka par KAFKA_BOOTSTRAP_SERVERS."
        )
        raise typer.Exit(2)
    _errors.print(f"Kafka : {context.obj.bootstrap_servers}", style="dim")


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except TopicsNotAsDeclared as error:
        _errors.print(f"Kafka n’a pas les sujets attendus : {error}")
    except (KafkaError, OSError) as error:
        _errors.print(f"Kafka ne répond pas ({type(error).__name__}).")
    raise typer.Exit(2)


def _facts(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": str(letter.id),
        "state": letter.state.value,
        "consumer": letter.consumer,
        "candidate_id": str(letter.record.candidate_id) if letter.record.candidate_id else None,
        "type": letter.record.header("ce_type"),
        "topic": letter.record.topic,
        "partition": letter.record.partition,
        "offset": letter.record.offset,
        "error": letter.error,
        "sqlstate": letter.sqlstate,
        "constraint": letter.constraint,
        "at": letter.at.isoformat(),
    }


def _table(letters: list[DeadLetter]) -> Table:
    table = Table(title="Événements en quarantaine")
    table.add_column("identifiant", overflow="fold")
    for column in ("depuis", "état", "service", "événement", "erreur"):
        table.add_column(column)
    table.add_column("candidat", overflow="fold")
    for letter in letters:
        causes = (letter.error, letter.sqlstate, letter.constraint)
        table.add_row(
            str(letter.id),
            _paris(letter.at),
            _STATES[letter.state],
            letter.consumer,
            letter.record.header("ce_type") or "illisible",
            " ".join(cause for cause in causes if cause),
            str(letter.record.candidate_id or "inconnu"),
        )
    return table


def _paris(instant: datetime) -> str:
    return instant.astimezone(_PARIS).strftime("%d/%m/%Y %H:%M:%S")

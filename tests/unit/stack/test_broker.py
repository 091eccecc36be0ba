"""Only Tansu, which has no idempotent producers, makes a deployable do without them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import StackSettings
from deploy.local.catalogue import all_parts
from deploy.local.context import StackContext
from deploy.local.environment import environment
from deploy.local.planning import plan
from deploy.local.processes import DEPLOYABLES
from services.chassis.kafka import KafkaSettings, started_producer


@pytest.fixture
def context(tmp_path: Path) -> Iterator[StackContext]:
    planned = plan(
        tmp_path,
        all_parts(),
        StackSettings(),
        calendar_file=None,
        usual_ports=False,
        on_progress=lambda step: None,
        on_death=lambda child: None,
    )
    yield planned
    planned.ports.release()


def _settings_told(context: StackContext, monkeypatch: pytest.MonkeyPatch) -> list[KafkaSettings]:
    found = []
    for deployable in DEPLOYABLES:
        with monkeypatch.context() as patched:
            for name, value in environment(deployable, context).items():
                patched.setenv(name, value)
            found.append(KafkaSettings())
    return found


@pytest.mark.parametrize("broker", ["Apache Kafka 4.4.0", "extérieur"])
def test_producers_are_idempotent_on_kafka(
    context: StackContext, monkeypatch: pytest.MonkeyPatch, broker: str
) -> None:
    context.addresses.broker = broker
    assert all(told.enable_idempotence for told in _settings_told(context, monkeypatch))


def test_producers_are_not_idempotent_on_tansu(
    context: StackContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.addresses.broker = "Tansu 0.6.0 (en mémoire)"
    assert not any(told.enable_idempotence for told in _settings_told(context, monkeypatch))


@pytest.mark.parametrize("idempotent", [True, False])
async def test_every_producer_waits_for_all_replicas(
    monkeypatch: pytest.MonkeyPatch, *, idempotent: bool
) -> None:
    asked: dict[str, object] = {}

    class Asked:
        def __init__(self, **arguments: object) -> None:
            asked.update(arguments)

        async def start(self) -> None:
            pass

    monkeypatch.setattr("services.chassis.kafka.AIOKafkaProducer", Asked)
    await started_producer(KafkaSettings(enable_idempotence=idempotent))
    assert asked["acks"] == "all"
    assert asked["enable_idempotence"] is idempotent

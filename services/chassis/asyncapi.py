"""The AsyncAPI 3 document of all events: FastStream's specification over the registry and the catalogue.

It is built from the same models that encode and decode, and needs no broker.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI, Specification

from services.contracts.events import CATALOGUE, Event
from services.contracts.topics import TOPICS, Topic


def build_asyncapi(
    topics: Iterable[Topic] = TOPICS,
    *,
    version: str = "1",
    bootstrap_servers: str = "kafka:9092",
) -> Specification:
    """The specification; `.to_yaml()` or `.to_json()` gives the text."""
    broker = KafkaBroker(bootstrap_servers, description="Events of the services; key: the candidate's id")
    for topic in topics:
        models = [model for model in CATALOGUE.values() if model.topic == topic]
        if models:
            broker.publisher(
                topic.name, title=topic.name, description=_about(topic, models), schema=_union(models)
            )
    return AsyncAPI(
        broker,
        title="candidat-libre",
        version=version,
        description=(
            "Facts in the past tense, CloudEvents 1.0 in Kafka's binary mode: attributes in the headers "
            "(`ce_id`, `ce_type`, `ce_source`, `ce_time`) and `traceparent`; the key is the candidate's id. "
            "They carry ids, the sender's revision and the resulting state, never personal data."
        ),
        license={"name": "MIT", "url": "https://opensource.org/license/mit"},
    ).to_specification()


def _union(models: list[type[Event]]) -> Any:
    return reduce(or_, models)


def _about(topic: Topic, models: list[type[Event]]) -> str:
    kinds = "\n".join(f"- `{model.type_name()}`: {_first_line(model)}" for model in models)
    return f"Owner: {topic.owner}. Partitions: {topic.partitions}. Kept for ever.\n\n{kinds}"


def _first_line(model: type[Event]) -> str:
    text = model.__doc__ or model.__mro__[1].__doc__ or ""
    return text.strip().partition("\n")[0]

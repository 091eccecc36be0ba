"""The bridge as its process runs it, on real Kafka and Temporal."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from deploy.local import LocalStack
from services.chassis.kafka import KafkaSettings
from services.chassis.readiness import Readiness
from tests.integration.messaging.support import running
from workflows.bridge import Bridge
from workflows.settings import Settings


@pytest.fixture
def kafka(parts: LocalStack) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=parts.addresses.kafka)


@pytest.fixture
def environment(parts: LocalStack) -> dict[str, Any]:
    """What a process of this service is told."""
    nowhere = "http://127.0.0.1:9"
    urls = ("public", "accounts", "sessions", "registration", "documents", "notifications")
    return {
        "service_name": "workflows",
        "service_secret": "secret",
        "kafka_bootstrap_servers": parts.addresses.kafka,
        "temporal_address": parts.addresses.temporal,
        **{f"{name}_url": nowhere for name in urls},
    }


@pytest.fixture
def settings(environment: dict[str, Any]) -> Settings:
    return Settings(**environment)


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await Client.connect(settings.temporal_address, data_converter=pydantic_data_converter)


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
async def bridge(settings: Settings, kafka: KafkaSettings, readiness: Readiness) -> AsyncIterator[None]:
    async with running(Bridge(settings, kafka, readiness)):
        yield

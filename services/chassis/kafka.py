"""Kafka: the settings, a producer that is safe to wait on, the consumers' broker, the check of the topics.

Publishing goes through aiokafka's own producer and not through FastStream's, because a record must leave
byte for byte as it is stored: FastStream adds headers of its own and can only encode text ones.

Seen in aiokafka 0.14: an idempotent producer never lets a batch expire, it tries again for ever; after a
batch that the broker refused, the sequence has a gap and every later batch of that partition fails; its
`stop` waits for batches that may never leave. So each wait here has a limit, and after any failure the
producer is abandoned and the next record gets a new one.
"""

import asyncio
import logging
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.contracts.envelope import Headers
from services.contracts.topics import BY_NAME, Topic

_GOODBYE_SECONDS = 5


class KafkaSettings(BaseSettings):
    """Where Kafka is and how to enter it; read from `KAFKA_…`."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", extra="ignore", frozen=True)

    bootstrap_servers: str = "127.0.0.1:9092"
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ssl_cafile: Path | None = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str = ""
    sasl_password: SecretStr = SecretStr("")
    max_request_bytes: int = 1_000_000
    late_seconds: float = 30
    """A fact that waits longer, to be published or to be taken in, makes answers untrue: not ready."""
    enable_idempotence: bool = True
    """False only for a broker without `InitProducerId` (Tansu). A retry may then write a record twice, and a
    batch that finds no broker fails after a while (KafkaError) instead of waiting.
    """

    def client(self) -> dict[str, Any]:
        """The arguments that every aiokafka client takes."""
        found: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL"):
            found["sasl_mechanism"] = self.sasl_mechanism
            found["sasl_plain_username"] = self.sasl_username
            found["sasl_plain_password"] = self.sasl_password.get_secret_value()
        if self.security_protocol.endswith("SSL"):
            found["ssl_context"] = self._ssl_context()
        return found

    def security(self) -> BaseSecurity:
        """The same, as FastStream wants it."""
        secure = self.security_protocol.endswith("SSL")
        context = self._ssl_context() if secure else None
        if not self.security_protocol.startswith("SASL"):
            return BaseSecurity(context, use_ssl=secure)
        kinds: dict[str, type[SASLPlaintext] | type[SASLScram256] | type[SASLScram512]] = {
            "PLAIN": SASLPlaintext,
            "SCRAM-SHA-256": SASLScram256,
            "SCRAM-SHA-512": SASLScram512,
        }
        password = self.sasl_password.get_secret_value()
        return kinds[self.sasl_mechanism](self.sasl_username, password, ssl_context=context, use_ssl=secure)

    def _ssl_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ssl_cafile) if self.ssl_cafile else None)


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be published. `partition` is chosen by the key unless it is given."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = field(default_factory=list)
    partition: int | None = None


class Publisher:
    """A producer with `acks=all`, started when first needed and replaced after a failure."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, message: Message) -> None:
        """Publish and wait until all in-sync replicas have it; waits as long as the broker is away.

        Raises:
            KafkaError: the broker refused the record, or the producer broke; call `renew` after it.
        """
        producer = await self._ready()
        await producer.send_and_wait(
            message.topic,
            value=message.value,
            key=message.key,
            headers=message.headers,
            partition=message.partition,
        )

    async def send_within(self, message: Message, seconds: float) -> None:
        """`send`, but give up after `seconds` (TimeoutError). The record may arrive in spite of that."""
        try:
            async with asyncio.timeout(seconds):
                await self.send(message)
        except (KafkaError, TimeoutError):
            await self.renew()
            raise

    async def renew(self) -> None:
        """Abandon the producer and what it could not send; the next record gets a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)

    async def close(self) -> None:
        await self.renew()

    async def _ready(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await started_producer(self._settings)
            return self._producer


async def started_producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """A connected producer; the caller ends it with `abandon`."""
    producer = AIOKafkaProducer(
        **settings.client(),
        acks="all",
        enable_idempotence=settings.enable_idempotence,
        max_request_size=settings.max_request_bytes,
    )
    try:
        await producer.start()
    except BaseException:
        await abandon(producer)
        raise
    return producer


async def abandon(producer: AIOKafkaProducer) -> None:
    """End a producer within some seconds, whatever it still holds."""
    with suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await producer.stop()
            return
    # Its sender would go on for ever: end the connections under it, then the task itself.
    with suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await producer.client.close()
            await producer._sender.close()


def consumers_broker(settings: KafkaSettings, client_id: str) -> KafkaBroker:
    """FastStream's broker as this project uses it: consumers only, acknowledged by hand, nothing created.

    `apply_types=False`: no dependency injection stands between a record and its handler, so nothing there
    can fail.
    """
    return KafkaBroker(
        settings.bootstrap_servers.split(","),
        client_id=client_id,
        security=settings.security(),
        consumer_only=True,
        allow_auto_create_topics=False,
        ack_policy=AckPolicy.MANUAL,
        apply_types=False,
        logger=_logger(),
        graceful_timeout=15,
    )


def _logger() -> logging.Logger:
    # Its own logger prints two lines a record and warns at each start that topics are not created by it.
    logger = logging.getLogger("services.faststream")
    logger.setLevel(logging.ERROR)
    return logger


def reader(settings: KafkaSettings) -> AIOKafkaConsumer:
    """A consumer outside every group, for reading a topic once."""
    return AIOKafkaConsumer(
        **settings.client(), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )


class TopicsNotAsDeclared(Exception):
    """A topic is missing or has another partition count than the registry; nothing is created here."""


async def check_topics(settings: KafkaSettings, names: Iterable[str]) -> dict[str, int]:
    """Refuse to start on a cluster whose topics are not those of the registry.

    A dead-letter topic may have any partition count. Returns topic → partitions, for `names`.

    Raises:
        TopicsNotAsDeclared: names what is missing or different.
        KafkaError: the cluster does not answer.
    """
    wanted = sorted(set(names))
    found = await partition_counts(settings)
    complaints = [complaint for name in wanted if (complaint := _complaint(name, found, BY_NAME.get(name)))]
    if complaints:
        raise TopicsNotAsDeclared("; ".join(complaints))
    return {name: found[name] for name in wanted}


def _complaint(name: str, found: dict[str, int], declared: Topic | None) -> str | None:
    if name not in found:
        return f"topic {name} is missing"
    if declared and found[name] != declared.partitions:
        return f"topic {name} has {found[name]} partitions, the registry says {declared.partitions}"
    return None


async def partition_counts(settings: KafkaSettings) -> dict[str, int]:
    """Topic → partitions, for all topics of the cluster."""
    admin = AIOKafkaAdminClient(**settings.client())
    try:
        await admin.start()
        topics = await admin.describe_topics()
    finally:
        await admin.close()
    return {topic["topic"]: len(topic["partitions"]) for topic in topics}

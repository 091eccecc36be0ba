"""The topics of `services.contracts.topics`: made by the stack, for no broker makes them by itself.

Retention is unlimited and a partition count never changes: one that differs is refused.
"""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code

from deploy.local.context import StackContext
from deploy.local.errors import PartFailed
from deploy.local.parts.base import Part
from services.contracts.topics import TOPICS

_EXISTS = 36


def wanted() -> dict[str, int]:
    """Topic → partitions. Dead letters keep one order for all, so they have one partition."""
    return {topic.name: topic.partitions for topic in TOPICS} | {topic.dead_letters: 1 for topic in TOPICS}


async def ensure_topics(bootstrap: str, topics: dict[str, int], *, own_cluster: bool) -> None:
    """Make those that are missing. On a cluster that is not ours its default replication holds.

    Raises:
        PartFailed: a topic has another partition count.
        KafkaError: the broker refused.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="candidat-libre-stack")
    await admin.start()
    try:
        answer = await admin.create_topics(
            [
                NewTopic(
                    name=name,
                    num_partitions=partitions,
                    replication_factor=1 if own_cluster else -1,
                    # aiokafka takes -1 ("the cluster's default") only beside an assignment, if an empty one.
                    replica_assignments=None if own_cluster else {},
                    topic_configs={"retention.ms": "-1", "cleanup.policy": "delete"},
                )
                for name, partitions in topics.items()
            ],
            timeout_ms=20_000,
        )
        for name, code, *_ in answer.topic_errors:
            if code not in (0, _EXISTS):
                raise for_code(code)(name)
        for found in await admin.describe_topics(list(topics)):
            partitions = len(found["partitions"])
            if found["error_code"] == 0 and partitions != topics[found["topic"]]:
                raise PartFailed(
                    "topics",
                    f"« {found['topic']} » a {partitions} partitions au lieu de {topics[found['topic']]}",
                )
    finally:
        await admin.close()


class Topics(Part):
    name = "topics"
    needs = frozenset({"kafka"})

    async def start(self, context: StackContext) -> None:
        try:
            await ensure_topics(context.addresses.kafka, wanted(), own_cluster=context.settings.kafka is None)
        except KafkaError as error:
            raise PartFailed(self.name, type(error).__name__, context.children.log("kafka")) from error

    async def stop(self, context: StackContext) -> None:
        """Nothing runs."""

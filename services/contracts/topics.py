"""The topic registry: one topic per service, its owner and its partition count.

The partition count never changes: the key (candidate id) must stay on its partition for ever.
"""

from pydantic import BaseModel, ConfigDict


class Topic(BaseModel):
    """A Kafka topic. `retention.ms` is -1 for each: the topics are the shared memory of the services."""

    model_config = ConfigDict(frozen=True)

    name: str
    owner: str
    partitions: int

    @property
    def dead_letters(self) -> str:
        return f"{self.name}.dlq"


ACCOUNTS = Topic(name="accounts.events", owner="accounts", partitions=12)
REGISTRATION = Topic(name="registration.events", owner="registration", partitions=12)
DOCUMENTS = Topic(name="documents.events", owner="documents", partitions=12)
NOTIFICATIONS = Topic(name="notifications.events", owner="notifications", partitions=12)

TOPICS: tuple[Topic, ...] = (ACCOUNTS, REGISTRATION, DOCUMENTS, NOTIFICATIONS)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}

"""A dead-letter topic lost alone, on the running house: what was on it is listed again and can be ended."""

from typing import Any
from uuid import UUID, uuid4

from services.chassis.kafka import KafkaSettings, Message, Publisher
from services.contracts.topics import ACCOUNTS
from tests.e2e.house import House, until
from tests.recovery.conftest import Newcomer, Reconciled
from tests.recovery.test_refill import lose

QUARANTINING = {"registration.accounts", "documents.accounts", "notifications.accounts"}


async def _publish_poison(house: House, candidate_id: UUID) -> None:
    publisher = Publisher(KafkaSettings(bootstrap_servers=house.addresses.kafka))
    headers = [("ce_id", str(uuid4()).encode()), ("ce_type", b"\xff"), ("ce_time", b"yesterday")]
    try:
        await publisher.send_within(Message(ACCOUNTS.name, str(candidate_id).encode(), b"\xff", headers), 20)
    finally:
        await publisher.close()


async def test_dead_letters_come_back_after_their_topic_was_lost_and_the_candidate_is_freed_by_discarding(
    house: House, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    person = await newcomer("Perdita")
    await person.enter()

    async def listed() -> list[dict[str, Any]] | None:
        letters = (await house.command("dead-letters", "list", "--json")).json()
        mine = [letter for letter in letters if letter["candidate_id"] == str(person.id)]
        return mine if {letter["consumer"] for letter in mine} >= QUARANTINING else None

    await _publish_poison(house, person.id)
    before = {letter["id"] for letter in await until(listed, "a dead letter of each service", 60)}
    await lose(house, ACCOUNTS.dead_letters)
    shown = (await house.command("dead-letters", "list", "--json")).json()
    assert before.isdisjoint(letter["id"] for letter in shown)
    back = await until(listed, "they stand on their topic again", 180)
    assert {letter["id"] for letter in back} <= before
    raised = await reconciled("--candidate", str(person.id))
    assert "dead_letters_open" in raised.of(person.id, "left")
    discarded = await house.command("dead-letters", "discard", *(letter["id"] for letter in back))
    assert discarded.code == 0, discarded
    assert (await reconciled("--candidate", str(person.id))).nothing

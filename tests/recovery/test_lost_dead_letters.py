"""A dead-letter topic lost alone, on the running house: what was on it is listed again and can be ended."""

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


async def _listed(house: House) -> set[str]:
    """What the command shows."""
    return {letter["id"] for letter in (await house.command("dead-letters", "list", "--json")).json()}


async def test_dead_letters_come_back_after_their_topic_was_lost_and_the_candidate_is_freed_by_discarding(
    house: House, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    person = await newcomer("Perdita")
    await person.enter()

    async def open_ones() -> set[str] | None:
        letters = await house.dead_letters(person.id)
        found = {str(letter.id) for letter in letters}
        return found if {letter.consumer for letter in letters} >= QUARANTINING else None

    await _publish_poison(house, person.id)
    before = await until(open_ones, "a dead letter of each service", 60)
    await lose(house, ACCOUNTS.dead_letters)
    assert before.isdisjoint(await _listed(house))
    back = await until(open_ones, "they stand on their topic again", 180)
    assert back <= before
    assert back <= await _listed(house)
    raised = await reconciled("--candidate", str(person.id))
    assert "dead_letters_open" in raised.of(person.id, "left")
    discarded = await house.command("dead-letters", "discard", *back)
    assert discarded.code == 0, discarded
    assert (await reconciled("--candidate", str(person.id))).nothing

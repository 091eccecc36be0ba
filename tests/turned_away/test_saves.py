"""A save meets nobody: the candidature keeps when, and no other does."""

from datetime import UTC, datetime

from tests.e2e.house import House, until
from tests.turned_away.conftest import Newcomer


async def test_a_save_that_was_turned_away_stands_on_the_candidature(
    house: House, newcomer: Newcomer
) -> None:
    # A window as long as the fault window (`fault_window_seconds`): all of it counts.
    calendar = await house.open_session("fermante", window=60, documents=60)
    turned, other = newcomer("Hubert"), newcomer("Irma")
    await other.register()
    await turned.enter()
    await house.stack.kill("registration-http")
    began = datetime.now(UTC)
    path, first = "/api/registration/me/form", {"If-None-Match": "*"}
    answer = await turned.browser.put(path, json=turned.form(), headers=first)
    ended = datetime.now(UTC)
    assert ended < calendar.closes_at, "the window closed before the save was sent"
    await house.stack.restart("registration-http")
    assert answer.status_code == 503

    query = "SELECT save_fault_at, version FROM candidature WHERE candidate_id = $1"

    async def told() -> datetime | None:
        rows = await house.rows("registration", query, turned.id)
        return rows[0]["save_fault_at"] if rows else None

    # The gateway stamps thousandths of a second.
    arrived_at = await until(told, "the save that was turned away is known", 20)
    assert began.replace(microsecond=began.microsecond // 1000 * 1000) <= arrived_at <= ended
    assert (await house.row("registration", query, turned.id))["version"] == 0
    assert (await house.row("registration", query, other.id))["save_fault_at"] is None

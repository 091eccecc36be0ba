"""The confirmation as registration draws it is read back by documents, on the real parts."""

from deploy.demo import papers
from deploy.demo.visitor import File
from tests.e2e.conftest import Newcomer
from tests.e2e.house import House


async def test_the_printed_confirmation_is_refused_until_it_is_dated_and_signed(
    house: House, newcomer: Newcomer
) -> None:
    person = await newcomer("Ondine")
    await person.register()
    [piece] = [piece["piece"] for piece in await person.visitor.checklist() if piece["confirmation"]]
    printed = await person.visitor.confirmation()
    untouched = File("confirmation.pdf", "application/pdf", printed)
    assert (await person.visitor.refused_upload(piece, untouched)).slug == "confirmation-non-signee"
    signed = File("signee.pdf", "application/pdf", papers.sign(printed, "le 24 novembre"))
    await person.visitor.upload(piece, signed)
    query = "SELECT flags, read_version FROM file WHERE candidate_id = $1"
    [kept] = await house.rows("documents", query, person.id)
    assert (kept["flags"], kept["read_version"]) == ([], 1)

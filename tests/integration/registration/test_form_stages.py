"""« M'inscrire » and the versions in every stage: each page says it, and asks only for what is possible."""

from datetime import datetime
from uuid import UUID

import pytest

from services.contracts.internal import Progress
from services.contracts.stages import Stage
from services.registration.commands.withdraw import withdraw
from services.registration.wording import STAGE_LABELS
from tests.integration.registration.paging import read, words
from tests.integration.registration.test_form_pages import ANSWERS, answer
from tests.integration.registration.world import AFTER_CLOSE, AFTER_DEADLINE, IN_TIME, Site, documents_say
from tests.plain import plain
from tests.unit.registration.test_guidance import IDENTITY, progress

UNSAVED = (Stage.AWAITING_ACTIVATION, Stage.ACTIVATED, Stage.NOT_REGISTERED)
SAVABLE = (Stage.AWAITING_ACTIVATION, Stage.ACTIVATED, Stage.REGISTERED, Stage.WITHDRAWN, Stage.HELD)
UNDECIDED = (Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.HELD)
IN_FORCE = (*UNDECIDED, Stage.CONFIRMED)
HANDS_IN = (*UNDECIDED, Stage.CANCELLED)
"""Before the deadline: whom a verdict cancelled, and then given more time, may still complete it."""
PARIS = {"lines": ["1 rue de la Paix"], "postcode": "75002", "commune": "Paris"}
SAVE_AGAIN = "enregistrez de nouveau"
SAVE_ALL_THE_SAME = "Vous pouvez enregistrer quand même"
NOT_ENOUGH = (
    "L’enregistrement ne suffit pas : la confirmation signée et toutes vos pièces doivent être déposées"
)
PIECES = "Les pièces que vous devrez déposer"


async def standing(site: Site, stage: Stage) -> UUID:
    """A candidate in this stage, whose address fails R7; confirmed only as an officer released it."""
    if stage in UNSAVED:
        candidate = await site.world.activated()
        await answer(site, "contact", candidate, ANSWERS["contact"])
    else:
        candidate = await site.world.saved(identification={"address": PARIS})
    async with site.world.ctx.database.transaction() as conn:
        await conn.execute(
            "UPDATE candidature SET stage = $2, hold_cause = $3, cancelled_by = $4, eligibility_accepted = $5"
            " WHERE candidate_id = $1",
            candidate,
            stage,
            "ours" if stage is Stage.HELD else None,
            "verdict" if stage is Stage.CANCELLED else None,
            stage is Stage.CONFIRMED,
        )
    return candidate


def said(stage: Stage) -> str:
    label = STAGE_LABELS[Stage.ACTIVATED if stage is Stage.AWAITING_ACTIVATION else stage]
    return label[0].upper() + label[1:]


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
@pytest.mark.parametrize("stage", [one for one in Stage if one is not Stage.DELETED])
async def test_the_form_says_the_stage_and_asks_only_for_what_is_possible(
    site: Site, stage: Stage, is_open: bool
) -> None:
    candidate = await standing(site, stage)
    if not is_open:
        site.world.clock.instant = AFTER_CLOSE
    savable = is_open and stage in SAVABLE
    listed = words(await read(site, "/inscription", candidate))
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    for text in (listed, recap):
        assert (said(stage) in text) == (stage not in UNSAVED or not savable)
        assert ("Brouillon — non enregistré" in text) == (stage in UNSAVED)
        assert savable or SAVE_AGAIN not in text
        assert ("écrivez au bureau" in text) == (stage is Stage.WITHDRAWN and not is_open)
    assert ("La version 1 est en vigueur." in listed) == (stage in IN_FORCE and not savable)
    assert (NOT_ENOUGH in listed) == (stage in UNDECIDED)
    saved = stage not in UNSAVED
    assert (PIECES in recap) == (saved and (savable or stage in HANDS_IN))
    assert (SAVE_ALL_THE_SAME in recap) == (saved and savable)
    assert ("une condition pour s’inscrire n’est pas remplie" in recap) == (
        stage in UNDECIDED and not savable
    )
    done = await site.ask("GET", "/inscription/enregistree", candidate=candidate)
    assert (done.status_code == 200) == (stage in UNDECIDED)


@pytest.mark.parametrize(
    ("told", "instant", "shown"),
    [
        (None, AFTER_CLOSE, True),
        (progress("incomplete", registration_version=1), AFTER_CLOSE, True),
        (progress("complete", registration_version=0), AFTER_CLOSE, True),
        (progress("incomplete", registration_version=1, awaited=(IDENTITY,)), AFTER_CLOSE, False),
        (progress("complete", registration_version=1), IN_TIME, False),
        (progress("incomplete", registration_version=1), AFTER_DEADLINE, False),
        (None, AFTER_DEADLINE, False),
    ],
    ids=["away", "unsigned", "of an older version", "signed", "complete", "late", "late and away"],
)
async def test_who_comes_back_to_what_was_saved_is_asked_to_sign_only_what_is_not_signed_yet(
    site: Site, monkeypatch: pytest.MonkeyPatch, told: Progress | None, instant: datetime, shown: bool
) -> None:
    candidate = await site.world.saved()
    site.world.clock.instant = instant
    documents_say(monkeypatch, told)
    answer = await site.ask(
        "GET", "/inscription/enregistree", candidate=candidate, headers={"Accept": "text/html"}
    )
    if shown:
        assert "Ce n’est pas fini : il reste à signer" in plain(words(answer.text))
    else:
        assert (answer.status_code, answer.headers["location"]) == (303, "/mon-espace")


async def test_who_is_cancelled_is_asked_for_no_piece_after_the_deadline(site: Site) -> None:
    candidate = await standing(site, Stage.CANCELLED)
    site.world.clock.instant = AFTER_DEADLINE
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "Candidature annulée" in recap
    assert PIECES not in recap


async def test_after_the_deadline_nobody_is_told_to_hand_in(site: Site) -> None:
    candidate = await standing(site, Stage.AWAITING_DOCUMENTS)
    site.world.clock.instant = AFTER_DEADLINE
    assert NOT_ENOUGH not in words(await read(site, "/inscription", candidate))


@pytest.mark.parametrize("stage", [one for one in Stage if one not in (*UNSAVED, Stage.DELETED)])
async def test_a_version_is_called_in_force_and_handed_out_only_where_it_counts(
    site: Site, stage: Stage
) -> None:
    html = await read(site, "/mon-espace/versions", await standing(site, stage))
    text = words(html)
    assert ("Version 1 en vigueur" in text) == (stage in IN_FORCE)
    assert (".pdf" in html) == (stage in IN_FORCE)
    assert ("Aucune version n’est en vigueur" in text) == (stage not in IN_FORCE)
    assert stage in IN_FORCE or said(stage) in text


async def test_who_withdrew_and_gives_a_draft_up_is_not_told_of_a_version_in_force(site: Site) -> None:
    candidate = await site.world.saved()
    await withdraw(site.world.ctx, candidate, None)
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"})
    text = words(await read(site, "/inscription/abandonner", candidate))
    assert "Candidature retirée Effacer ce brouillon n’y change rien." in text
    assert "en vigueur" not in text


async def test_a_draft_left_after_the_close_asks_for_no_pieces(site: Site) -> None:
    candidate = await site.world.saved()
    await answer(site, "handicap", candidate, {"modalities.handicap.declared": "oui"})
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"})
    site.world.clock.instant = AFTER_CLOSE
    recap = plain(words(await read(site, "/inscription/recapitulatif", candidate)))
    assert "Ce brouillon est gardé, mais il ne compte pas." in recap
    assert "tant que vous n’enregistrez pas" not in recap
    assert PIECES not in recap

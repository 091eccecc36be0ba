"""Why a file is refused is said in English too, and never in the words of a decision."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from markupsafe import Markup

from services.chassis.site import language
from services.chassis.site.language import Catalogue
from services.chassis.site.words import without_english
from services.contracts.stages import Stage
from services.documents.domain.errors import (
    BadFile,
    Changed,
    Decided,
    Erased,
    Filed,
    Flaw,
    NoSpan,
    NotAsked,
    NotDated,
    NothingThere,
    NotRegistered,
    NotSigned,
    NotTheirs,
    Outdated,
    Refused,
    RefusedBefore,
    SessionOver,
    TooLate,
    TooMany,
    Unknown,
)
from services.documents.domain.uploading import FILES_PER_PIECE
from services.documents.pages.room import PAGES, TEMPLATES
from services.documents.queries import Piece, PieceState
from services.documents.refusals import on_a_page, problem_of
from services.documents.wording import LOST, STATES, state_words
from tests.plain import plain
from tests.unit.documents.rows import DEADLINE
from tests.words import problems_made

CATALOGUE = Catalogue.beside([TEMPLATES])
REFUSED: list[Refused] = [
    *(BadFile(flaw) for flaw in Flaw),
    BadFile(Flaw.TYPE, "a.txt"),
    NotTheirs(),
    NotDated(),
    NotSigned(dated=True),
    NotSigned(dated=False),
    TooMany(FILES_PER_PIECE),
    Filed(),
    TooLate(DEADLINE, DEADLINE),
    RefusedBefore("Le verso manque."),
    Outdated(1, 2),
    Outdated(None, 2),
    Decided(Stage.WITHDRAWN),
    Decided(Stage.NOT_REGISTERED),
    Decided(Stage.DELETED),
    NotRegistered(),
    NotAsked(),
    Erased(),
    Unknown("file"),
    Unknown("candidate"),
]
OF_OFFICERS = {NothingThere, Changed, SessionOver, NoSpan}
"""Their acts are asked of the API, which speaks French."""
OFFICERS_ASKING = ("etat-vu-manquant", "etat-vu-illisible")


@pytest.fixture
def _in_english() -> Iterator[None]:
    before = language.current.set("en")
    yield
    language.current.reset(before)


def test_no_refusal_that_a_candidate_may_read_is_left_out_here() -> None:
    assert {type(refused) for refused in REFUSED} == set(Refused.__subclasses__()) - OF_OFFICERS


@pytest.mark.parametrize("refused", [*REFUSED, Decided(Stage.CONFIRMED)], ids=repr)
def test_a_refusal_has_its_english(refused: Refused) -> None:
    said: list[str] = []

    def heard(text: str) -> str:
        said.append(text)
        return text

    on_a_page(refused, heard, "en")
    assert said
    assert [text for text in said if text not in CATALOGUE] == []


@pytest.mark.parametrize("refused", REFUSED, ids=repr)
def test_a_refusal_calls_nothing_definitive(refused: Refused) -> None:
    assert "définitive" not in problem_of(refused).detail


def test_every_problem_that_the_code_makes_itself_has_its_english() -> None:
    found = problems_made(TEMPLATES.parent, but=OFFICERS_ASKING)
    assert [text for text in found if text not in CATALOGUE] == []


def test_every_text_of_the_templates_has_its_english() -> None:
    layout = TEMPLATES.parents[1] / "chassis" / "templates"
    assert without_english(PAGES, TEMPLATES, Catalogue.beside([layout, TEMPLATES])) == []


def piece(state: PieceState, *, missing_by_loss: bool = False) -> Piece:
    return cast(Piece, SimpleNamespace(state=state, missing_by_loss=missing_by_loss))


@pytest.mark.usefixtures("_in_english")
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("state", PieceState)
def test_a_state_has_its_words_in_both_languages(state: PieceState, lost: bool) -> None:
    for closed in (False, True):
        words = state_words(piece(state, missing_by_loss=lost), closed=closed)
        assert PAGES.filters["translated"](words) != words


def test_what_never_came_is_no_longer_expected_once_nothing_may_come() -> None:
    assert state_words(piece(PieceState.EXPECTED), closed=False) == "attendue"
    assert state_words(piece(PieceState.EXPECTED), closed=True) == "non déposée"
    assert all(
        state_words(piece(one), closed=True) == STATES[one] for one in set(PieceState) - {PieceState.EXPECTED}
    )


@pytest.mark.parametrize("state", [PieceState.EXPECTED, PieceState.REFUSED, PieceState.LATE])
@pytest.mark.parametrize("closed", [False, True])
def test_what_we_lost_is_never_said_not_to_have_been_handed_in(state: PieceState, closed: bool) -> None:
    assert state_words(piece(state, missing_by_loss=True), closed=closed) == LOST


@pytest.mark.usefixtures("_in_english")
def test_a_date_in_a_refusal_is_written_in_the_readers_language() -> None:
    late = plain(on_a_page(TooLate(DEADLINE, DEADLINE), PAGES.filters["translated"], "en"))
    assert "arrived on Tuesday 8 December 2020 at 0:00, after the deadline, Monday 7 December 2020" in late


@pytest.mark.usefixtures("_in_english")
def test_an_officers_words_stay_french_in_an_english_refusal_are_marked_so_and_are_no_markup() -> None:
    translate = PAGES.filters["translated"]
    said = on_a_page(RefusedBefore("Le <b>verso</b> manque à 100 %."), translate, "en")
    quoted = '<span lang="fr">Le &lt;b&gt;verso&lt;/b&gt; manque à 100 %.</span>'
    assert said.startswith(Markup(f"This very file was refused before: “{quoted}” Send another file."))
    assert "<span" not in on_a_page(RefusedBefore("Le verso manque."), str, "fr")

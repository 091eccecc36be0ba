"""Why a file is refused is said in English too, and never in the words of a decision."""

from collections.abc import Iterator

import pytest

from services.chassis.site import language
from services.documents.domain.errors import (
    BadFile,
    Filed,
    Flaw,
    NotDated,
    NotSigned,
    NotTheirs,
    Refused,
    TooMany,
)
from services.documents.domain.uploading import FILES_PER_PIECE
from services.documents.pages.room import PAGES
from services.documents.queries import PieceState
from services.documents.refusals import problem_of
from services.documents.wording import STATES

REFUSED: list[Refused] = [
    *(BadFile(flaw) for flaw in Flaw),
    NotTheirs(),
    NotDated(),
    NotSigned(dated=True),
    NotSigned(dated=False),
    TooMany(FILES_PER_PIECE),
    Filed(),
]


@pytest.fixture
def _in_english() -> Iterator[None]:
    before = language.current.set("en")
    yield
    language.current.reset(before)


@pytest.mark.usefixtures("_in_english")
@pytest.mark.parametrize("refused", REFUSED, ids=repr)
def test_a_refusal_has_its_english(refused: Refused) -> None:
    detail = problem_of(refused).detail
    assert "définitive" not in detail
    assert PAGES.filters["translated"](detail) != detail


@pytest.mark.usefixtures("_in_english")
@pytest.mark.parametrize("state", PieceState)
def test_a_state_has_its_words_in_both_languages(state: PieceState) -> None:
    assert PAGES.filters["translated"](STATES[state]) != STATES[state]

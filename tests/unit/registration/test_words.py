"""Every text of the pages and of the sentences they say has its English."""

import ast
import itertools
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.chassis.site import language
from services.chassis.site.language import Catalogue
from services.chassis.site.words import without_english
from services.contracts.internal import DossierEvent
from services.contracts.stages import Stage
from services.registration import timeline
from services.registration.configuration import DATA
from services.registration.domain import eligibility, experience, labels
from services.registration.domain.checks import SPARED
from services.registration.domain.errors import (
    DraftMismatch,
    Erased,
    Incorrect,
    NotAllowed,
    NothingSaved,
    Refused,
    TooSlow,
    Unknown,
    VersionMismatch,
    WindowShut,
)
from services.registration.domain.experience import Length
from services.registration.domain.words import Words
from services.registration.pages import form_typed
from services.registration.pages.room import PAGES
from services.registration.refusals import problem_of, shut_because
from services.registration.sentences import Sentence
from services.registration.wording import STAGE_LABELS, headline, outcome_sentence
from tests.plain import plain
from tests.unit.registration.rows import CLOSES, CONFIGURATION, DEADLINE, OPENS
from tests.unit.registration.test_guidance import EVERYBODY, INSTANTS, KNOWN, next_of


@contextmanager
def speaking(reader: language.Language) -> Iterator[None]:
    token = language.current.set(reader)
    try:
        yield
    finally:
        language.current.reset(token)


ROOM = Path(timeline.__file__).parent
TEMPLATES = ROOM / "templates"
CATALOGUE = Catalogue.beside([TEMPLATES])
EVERYTHING = Catalogue.beside([ROOM.parent / "chassis" / "templates", TEMPLATES])
ASKED = ("Text", "Lines", "Number", "Mark", "YesNo", "Day")
TELLING = frozenset({"Complaint", "ValueError", "NotFound", "told", "Words", "Sentence", "Step", *ASKED})
"""What is called with a sentence for a candidate."""
ASKING = ("checks", "drafting", "form", "location", "modalities", "text")
FORM = (*(ROOM / "domain" / f"{name}.py" for name in ASKING), *sorted((ROOM / "pages").glob("*.py")))
REFUSED: list[Refused] = [
    TooSlow(),
    VersionMismatch(2),
    DraftMismatch(1),
    Incorrect(),
    NothingSaved(),
    Erased(),
    Unknown("candidate"),
    Unknown("session"),
    Unknown("version"),
    *(NotAllowed(act, stage) for act in ("save", "withdraw") for stage in Stage),
]
"""What a page of a candidate may be refused with."""


def sentences(file: Path) -> Iterator[str]:
    """Those that a file tells; a figure in one as the catalogue writes it, `{years}`."""
    for call in ast.walk(ast.parse(file.read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TELLING:
            yield from (text for text in map(written, call.args) if " " in text)


def written(argument: ast.expr) -> str:
    match argument:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(written(part) for part in parts)
        case ast.FormattedValue(value=value):
            return f"{{{ast.unparse(value).rpartition('.')[2]}}}"
        case _:
            return ""


def test_every_complaint_and_every_sentence_of_the_form_has_its_english() -> None:
    told = [*SPARED.values(), *(text for file in FORM for text in sentences(file))]
    assert "Cette commune n’est pas dans la liste." in told
    assert [text for text in dict.fromkeys(told) if text not in EVERYTHING] == []


@pytest.mark.parametrize("refused", REFUSED, ids=repr)
def test_a_refusal_has_its_english(refused: Refused) -> None:
    texts: list[str] = []

    def tell(sentence: Sentence | Words) -> str:
        inner = [one.text for one in sentence.values.values() if isinstance(one, Words)]
        texts.extend([sentence.text, *inner])
        return str(sentence)

    detail = problem_of(refused, tell).detail
    assert detail == problem_of(refused).detail
    assert [text for text in texts or [detail] if text not in EVERYTHING] == []


def test_why_nothing_can_be_saved_has_its_english() -> None:
    late: list[WindowShut | TooSlow] = [WindowShut(OPENS, CLOSES, CLOSES), TooSlow()]
    told = [shut_because(one).text for one in (*late, *(NotAllowed("save", stage) for stage in Stage))]
    assert [text for text in told if text not in CATALOGUE] == []


def test_a_figure_in_a_complaint_is_told_in_the_readers_language() -> None:
    with speaking("en"):
        told = EVERYTHING.gettext("Une note n’est conservée qu’à partir de 10 sur 20.")
    assert told == "A mark is kept only from 10 out of 20."


def test_every_text_of_the_templates_has_its_english() -> None:
    assert without_english(PAGES, TEMPLATES, EVERYTHING) == []


def test_every_sentence_of_mon_espace_has_its_english() -> None:
    said = [*STAGE_LABELS.values(), *timeline.WORDS]
    for candidature, instant, progress in itertools.product(EVERYBODY, INSTANTS, KNOWN):
        step, outcome = next_of(candidature, instant, progress), outcome_sentence(candidature)
        said += [step.what.text, step.then.text, headline(candidature, progress)]
        said += [] if outcome is None else [outcome.text]
    assert [text for text in dict.fromkeys(said) if text not in CATALOGUE] == []


def test_every_condition_and_every_note_on_a_period_has_its_english() -> None:
    notes = (experience.LEVEL_TOO_LOW, experience.OTHER_FIELD, experience.TOO_LATE, experience.CUT)
    assert [text for text in (*eligibility.WORDS, *notes) if text not in CATALOGUE] == []


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (Length(0, 0, 0), "no day"),
        (Length(1, 1, 1), "1 year, 1 month and 1 day"),
        (Length(2, 0, 30), "2 years and 30 days"),
        (Length(0, 11, 0), "11 months"),
    ],
)
def test_a_length_is_told_in_the_readers_language(length: Length, told: str) -> None:
    with speaking("en"):
        assert PAGES.filters["said"](length.said) == told


@pytest.mark.parametrize(
    ("spoken", "told"),
    [
        ("fr", "jusqu’au dimanche 22 novembre 2020 à 23 h 59"),
        ("en", "until Sunday 22 November 2020 at 23:59"),
    ],
)
def test_a_limit_in_a_sentence_is_told_in_the_readers_language(spoken: language.Language, told: str) -> None:
    sentence = next_of(EVERYBODY[1], CLOSES.replace(day=12)).what
    with speaking(spoken):
        assert plain(PAGES.filters["said"](sentence)).endswith(f"{told}.")


def test_what_a_person_wrote_is_never_a_place_for_values() -> None:
    assert str(Sentence("Pièce refusée : %(title)s", {"title": "50 %(x)s"})) == "Pièce refusée : 50 %(x)s"
    assert str(Sentence("Rien.")) == "Rien."
    assert "23 h 59" in str(Sentence("%(limit)s", {"limit": DEADLINE}))


def test_a_piece_in_a_sentence_is_told_in_the_readers_language() -> None:
    event = DossierEvent(at=CLOSES, act="uploaded", title="Pièce d’identité", reason=None)
    known = next(one for one in KNOWN if one is not None)
    (happened,) = timeline.timeline([], known.model_copy(update={"events": (event,)}))
    assert str(happened.what) == "Fichier déposé : Pièce d’identité"
    with speaking("en"):
        assert plain(PAGES.filters["said"](happened.what)) == "File handed in: Identity document"


def test_the_pieces_of_our_rules_have_their_english() -> None:
    rules = CONFIGURATION.rules
    found = [rules.text(text) for piece in rules.pieces for text in (piece.title, piece.reason)]
    assert [text for text in found if text not in CATALOGUE] == []


def test_the_help_in_english_has_the_figures_and_the_links_of_the_french() -> None:
    for one in tomllib.loads((DATA / "help.toml").read_text())["questions"]:
        for text in (one["question"], one["answer"]):
            assert text in CATALOGUE
            with speaking("en"):
                english = CATALOGUE.gettext(text)
            assert english != text
            for kind in (r"\{\w+\}", r"\]\(\S+\)"):
                assert sorted(re.findall(kind, english)) == sorted(re.findall(kind, text)), english


def test_what_the_form_tells_of_itself_is_put_into_english_and_what_was_typed_is_not() -> None:
    period = {"job": "oui", "employer": "Les Pins", "starts_on": "2018-02-01", "qualified_level": True}
    told: list[tuple[labels.Told, str]] = [
        (
            labels.period(period),
            "oui, Les Pins, since 01/02/2018 (qualified job: yes, related to the speciality: ?)",
        ),
        (
            labels.period(period | {"ends_on": "2020-03-31"}),
            "oui, Les Pins, from 01/02/2018 to 31/03/2020 (qualified job: yes, related to the speciality: ?)",
        ),
        (labels.acquis({"kind": "dispense", "paper": "E5", "title": "rien"}), "E5: exemption (rien)"),
        (
            labels.acquis({"kind": "note", "paper": "E2", "mark": "12.50", "year": 2019}),
            "E2: retained mark, 12,5 out of 20 (2019)",
        ),
        (
            labels.value("candidature/sport/tests", ["danse", "demi_fond"]),
            "dance, middle-distance running",
        ),
        (labels.value("identification/birth_name", "rien"), "rien"),
        (labels.value("identification/birth_name", None), "nothing"),
    ]
    with speaking("en"):
        for words, english in told:
            assert plain(PAGES.filters["said"](words)) == english


def test_every_choice_and_every_field_has_its_english() -> None:
    fields = (label for path, label in labels.FIELDS.items() if not path.endswith("_code"))
    found = (*fields, *labels.CHOICES.values(), "oui", "non", str(labels.NOTHING))
    again = (*form_typed.LABELS.values(), *form_typed.KINDS.values())
    assert [text for text in (*found, *again) if text not in CATALOGUE] == []

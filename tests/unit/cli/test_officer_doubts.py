"""What an officer is told before a release: what it ends, and what would hold the file again."""

import pytest

from deploy.cli.officer_candidature import show_doubts
from services.documents.api.shapes import DOUBTS, DoubtView
from services.documents.domain.doubts import OUTLASTING, Doubt


def said(capsys: pytest.CaptureFixture[str], doubt: Doubt, *, settle_now: bool) -> str:
    view = DoubtView(doubt=doubt, label=DOUBTS[doubt], outlasts_release=doubt in OUTLASTING)
    show_doubts({"doubts": [view.model_dump(mode="json")]}, settle_now=settle_now)
    return capsys.readouterr().err


@pytest.mark.parametrize("doubt", [Doubt.TO_JUDGE, Doubt.DEAD_LETTER])
@pytest.mark.parametrize("settle_now", [True, False])
def test_what_still_waits_will_hold_it_again(
    capsys: pytest.CaptureFixture[str], doubt: Doubt, settle_now: bool
) -> None:
    line = said(capsys, doubt, settle_now=settle_now)
    assert DOUBTS[doubt] in line
    assert "remettra en attente" in line


@pytest.mark.parametrize("doubt", [Doubt.UPLOAD_FAILED, Doubt.SERVICE_AWAY])
def test_what_is_over_is_forgotten(capsys: pytest.CaptureFixture[str], doubt: Doubt) -> None:
    assert "oublié" in said(capsys, doubt, settle_now=False)


def test_who_cannot_be_warned_is_held_again_unless_it_is_to_be_settled(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "remettra en attente" in said(capsys, Doubt.UNREACHABLE, settle_now=False)
    assert "oublié" in said(capsys, Doubt.UNREACHABLE, settle_now=True)

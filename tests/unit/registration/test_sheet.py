"""What the confirmation says of the form."""

import pytest

from bench.reading.sheets import sheet
from deploy.demo.forms import valid_form


@pytest.mark.parametrize("kept", [False, True])
def test_the_confirmation_names_eps_tests_or_the_acquis_for_eps(kept: bool) -> None:
    acquis = {"acquis": [{"kind": "dispense", "paper": "E7", "title": "BEP"}], "sport": None}
    form = valid_form(candidature=acquis if kept else {})
    candidature = dict(sheet(form, "a", 1, latest=1).data()["sections"][2]["fields"])
    assert ("EPS" in candidature) is not kept
    assert ("Acquis E7" in candidature) is kept

"""Text that can be kept."""

import pytest

from services.chassis.texts import storable


@pytest.mark.parametrize("text", ["", "œuvre", "deux\nlignes", "𝕏", "\U0010ffff"])
def test_what_utf8_and_the_database_take_passes(text: str) -> None:
    assert storable(text) is text


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800a"], ids=ascii)
def test_what_they_cannot_take_is_refused_in_french(text: str) -> None:
    with pytest.raises(ValueError, match="ne peut pas être gardé"):
        storable(text)

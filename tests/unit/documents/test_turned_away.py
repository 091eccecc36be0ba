"""Whom a gateway turned away: which piece it is about, and what it is to the verdict."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.chassis.gateway_logs.lines import short
from services.documents.domain.candidate import GATEWAY, fault_begun, fault_healed
from services.documents.domain.doubts import Doubt, doubts, since
from services.documents.domain.seeing import Seen
from services.documents.turned_away.addresses import Named, named
from tests.unit.documents.rows import DEADLINE, GRACE, TICK, row


class TestAnAddress:
    FILE = uuid4()
    PIECES = (("p1", None), ("p2", None), ("p2", FILE))

    @pytest.mark.parametrize("address", ["/api/documents/me/pieces/p2/files", "/documents/envoi/p2"])
    def test_names_its_piece(self, address: str) -> None:
        assert named(short(address), self.PIECES) == Named("p2")

    def test_names_the_file_to_be_put_back(self) -> None:
        for address in (
            f"/api/documents/me/files/{self.FILE}/restoration",
            f"/documents/p2/{self.FILE}/remise",
        ):
            assert named(short(address), self.PIECES) == Named(file_id=self.FILE)

    def test_that_is_none_of_the_candidates_names_nothing(self) -> None:
        assert named(short("/documents/envoi/p9"), self.PIECES) == Named()


def test_one_turned_away_in_time_holds_and_is_named_with_its_moment() -> None:
    turned = fault_begun(row(), uuid4(), "p2", DEADLINE - TICK, by=GATEWAY)
    assert turned.fault_at == DEADLINE - TICK
    assert doubts(turned) == [Doubt.TURNED_AWAY]
    assert since(turned, Doubt.TURNED_AWAY) == DEADLINE - TICK
    assert doubts(fault_begun(row(), uuid4(), "p2", DEADLINE, by=GATEWAY)) == []


def test_a_later_success_makes_up_for_one_on_its_piece_and_for_no_unknown_piece() -> None:
    turned = fault_begun(row(), uuid4(), "p2", DEADLINE - 2 * TICK, by=GATEWAY)
    assert fault_healed(turned, "p2", DEADLINE - TICK).faults == {}
    unknown = fault_begun(row(), uuid4(), "", DEADLINE - 2 * TICK, by=GATEWAY)
    assert fault_healed(unknown, "p2", DEADLINE - TICK).fault_at == DEADLINE - 2 * TICK


def test_nobody_incomplete_is_settled_before_the_logs_were_read_past_their_grace() -> None:
    late = DEADLINE + timedelta(days=1)
    assert row().may_settle(Seen(late))
    assert row().may_settle(Seen(late, DEADLINE + GRACE))
    assert not row().may_settle(Seen(late, DEADLINE + GRACE - TICK))
    assert row(missing_count=0).may_settle(Seen(None, DEADLINE))

"""The gateways' logs: what a line says, which piece it is about, and where reading goes on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.documents.domain.candidate import GATEWAY, fault_begun, fault_healed
from services.documents.domain.doubts import Doubt, doubts, since
from services.documents.domain.seeing import Seen
from services.documents.turned_away.lines import NOTHING, Named, Unreadable, named, read, short
from services.documents.turned_away.logs import NoLog, beginning, found, new_in
from tests.unit.documents.rows import DEADLINE, GRACE, TICK, row

ARRIVED = datetime(2020, 12, 7, 22, 59, 59, 123000, tzinfo=UTC)
UPLOAD = "/api/documents/me/pieces/p2/files"


def line(**changes: Any) -> bytes:
    told = {
        "level": "error",
        "ts": 1607381999.2,
        "msg": "handled request",
        "status": 503,
        "cookie": short("a token"),
        "host_cookie": NOTHING,
        "asked": short(UPLOAD),
        "arrived_at": str(int(ARRIVED.timestamp() * 1000)),
    }
    return json.dumps(told | changes, separators=(",", ":")).encode()


class TestALine:
    def test_says_when_it_arrived_and_what_was_shown(self) -> None:
        turned = read(line(bearer=short("another")))
        assert turned is not None
        assert turned.arrived_at == ARRIVED
        assert turned.shown == (short("another"), short("a token"))
        assert turned.asked == short(UPLOAD)

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 499, 0])
    def test_of_a_request_without_an_owners_answer_counts(self, status: int) -> None:
        assert read(line(status=status)) is not None

    @pytest.mark.parametrize("status", [200, 201, 303, 401, 404, 413])
    def test_of_a_request_that_was_answered_does_not(self, status: int) -> None:
        assert read(line(status=status)) is None

    def test_of_nobody_does_not_count(self) -> None:
        assert read(line(cookie=NOTHING)) is None

    def test_has_an_id_of_its_own_and_keeps_it(self) -> None:
        first, again, other = (read(one) for one in (line(), line(), line(ts=1607381999.3)))
        assert first == again
        assert first is not None
        assert other is not None
        assert first.attempt_id != other.attempt_id

    def test_after_one_that_a_crash_cut_off_is_read_and_is_the_same(self) -> None:
        assert read(line()[:40] + line()) == read(line())

    @pytest.mark.parametrize(
        "garbage",
        [
            b"",
            b"\xff\xfe",
            b"[]",
            b"null",
            line()[:-5],
            line(status="what"),
            line(arrived_at=""),
            line(arrived_at="9" * 30),
            line(asked=UPLOAD),
            line(cookie="abc"),
            line(cookie=7),
            line(asked=None),
            line(cookie=[short("x")]),
        ],
    )
    def test_that_a_gateway_does_not_write_is_unreadable(self, garbage: bytes) -> None:
        with pytest.raises(Unreadable):
            read(garbage)


class TestAnAddress:
    FILE = uuid4()
    PIECES = (("p1", None), ("p2", None), ("p2", FILE))

    @pytest.mark.parametrize("address", [UPLOAD, "/documents/envoi/p2"])
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


class TestReadingOn:
    @pytest.fixture
    def log(self, tmp_path: Path) -> Path:
        return tmp_path / "turned-away.log"

    def read_from(self, log: Path, place: int) -> tuple[list[bytes], int]:
        known_by = beginning(log)
        assert known_by is not None
        new = new_in(log, known_by, place)
        assert new is not None
        return list(new.lines), new.read_to

    def test_begins_where_it_ended(self, log: Path) -> None:
        log.write_bytes(b"one\ntwo\n")
        lines, place = self.read_from(log, 0)
        assert lines == [b"one", b"two"]
        with log.open("ab") as file:
            file.write(b"three\n")
        assert self.read_from(log, place) == ([b"three"], 14)

    def test_leaves_a_line_without_its_end_for_later(self, log: Path) -> None:
        log.write_bytes(b"one\ntw")
        assert self.read_from(log, 0) == ([b"one"], 4)
        log.write_bytes(b"one\ntwo\n")
        assert self.read_from(log, 4) == ([b"two"], 8)

    def test_waits_for_the_first_line(self, log: Path) -> None:
        assert beginning(log) is None
        log.write_bytes(b"on")
        assert beginning(log) is None

    def test_knows_a_rolled_file_by_its_first_line(self, log: Path) -> None:
        log.write_bytes(b"one\ntwo\n")
        known_by = beginning(log)
        rolled = log.rename(log.with_name("turned-away-2020-12-07.log"))
        assert beginning(rolled) == known_by
        log.write_bytes(b"three\n")
        assert beginning(log) != known_by

    def test_takes_no_other_file_for_the_one_that_was_there(self, log: Path) -> None:
        log.write_bytes(b"one\n")
        known_by = beginning(log)
        assert known_by is not None
        log.write_bytes(b"other, and longer than before\n")
        assert new_in(log, known_by, 4) is None

    def test_begins_again_where_the_file_is_shorter_than_it_was(self, log: Path) -> None:
        log.write_bytes(b"one\n")
        assert self.read_from(log, 8) == ([b"one"], 4)

    def test_passes_over_what_is_longer_than_any_line(self, log: Path) -> None:
        log.write_bytes(b"one\n" + b"x" * 3_000_000 + b"\ntwo\n")
        lines, place, end = [], 0, log.stat().st_size
        while place < end:
            more, place = self.read_from(log, place)
            lines += more
        assert lines[0] == b"one"
        assert lines[-1] == b"two"

    def test_finds_every_pattern_or_says_that_one_has_no_file(self, log: Path, tmp_path: Path) -> None:
        with pytest.raises(NoLog):
            found(str(log))
        log.touch()
        other = tmp_path / "b.log"
        other.touch()
        assert found(f"{log.parent}/turned-away*.log, {other}") == [log, other]
        with pytest.raises(NoLog):
            found(f"{log}, {tmp_path}/c*.log")


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

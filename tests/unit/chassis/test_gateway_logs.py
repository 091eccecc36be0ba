"""The gateways' logs: what a line says, and where reading goes on."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.chassis.gateway_logs.lines import NOTHING, Unreadable, What, read, short
from services.chassis.gateway_logs.logs import NoLog, beginning, found, new_in
from tests import gateway_lines

ARRIVED = datetime(2020, 12, 7, 22, 59, 59, 123000, tzinfo=UTC)
UPLOAD = "/api/documents/me/pieces/p2/files"


def line(**changes: Any) -> bytes:
    return gateway_lines.line(ARRIVED, **changes)


class TestALine:
    def test_says_when_it_arrived_and_what_was_shown(self) -> None:
        turned = read(line(bearer=short("another")), What.UPLOAD)
        assert turned is not None
        assert turned.arrived_at == ARRIVED
        assert turned.shown == (short("another"), short("a token"))
        assert turned.asked == short(UPLOAD)

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 499, 0])
    def test_of_a_request_without_an_owners_answer_counts(self, status: int) -> None:
        assert read(line(status=status), What.UPLOAD) is not None

    @pytest.mark.parametrize("status", [200, 201, 303, 401, 404, 413])
    def test_of_a_request_that_was_answered_does_not(self, status: int) -> None:
        assert read(line(status=status), What.UPLOAD) is None

    @pytest.mark.parametrize(
        ("what", "reader"), [(What.UPLOAD, What.UPLOAD), (What.SAVE, What.SAVE), (What.LOOK, What.SAVE)]
    )
    def test_is_for_the_readers_of_its_kind_alone(self, what: What, reader: What) -> None:
        assert [kind for kind in What if read(line(what=what), kind)] == [reader]

    @pytest.mark.parametrize("status", [499, 0])
    def test_of_who_left_the_form_while_it_loaded_does_not_count(self, status: int) -> None:
        assert read(line(what=What.LOOK, status=status), What.SAVE) is None

    def test_written_before_there_were_kinds_is_an_uploads(self) -> None:
        old = json.loads(line())
        del old["what"]
        written = json.dumps(old).encode()
        assert [kind for kind in What if read(written, kind)] == [What.UPLOAD]

    def test_of_nobody_does_not_count(self) -> None:
        assert read(line(cookie=NOTHING), What.UPLOAD) is None

    @pytest.mark.parametrize("after", [12.5, -3])
    def test_tells_how_long_it_got_no_answer(self, after: float) -> None:
        told = read(line(ts=ARRIVED.timestamp() + after), What.UPLOAD)
        assert told is not None
        assert (told.ended_at - told.arrived_at).total_seconds() == max(0, after)

    def test_has_an_id_of_its_own_and_keeps_it(self) -> None:
        first, again, other = (read(one, What.UPLOAD) for one in (line(), line(), line(ts=1607381999.3)))
        assert first == again
        assert first is not None
        assert other is not None
        assert first.attempt_id != other.attempt_id

    def test_after_one_that_a_crash_cut_off_is_read_and_is_the_same(self) -> None:
        assert read(line()[:40] + line(), What.UPLOAD) == read(line(), What.UPLOAD)

    @pytest.mark.parametrize(
        "garbage",
        [
            b"",
            b"\xff\xfe",
            b"[]",
            b"null",
            line()[:-5],
            line(status="what"),
            line(what="a film"),
            line(what=None),
            line(what=["save"]),
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
            read(garbage, What.UPLOAD)


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

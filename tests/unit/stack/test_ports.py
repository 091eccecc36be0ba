"""A stack keeps its ports, tries the usual ones, and never shares one."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.ports import Ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def _unused() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_usual_port_is_taken_when_free(tmp_path: Path) -> None:
    usual = _unused()
    ports = Ports(tmp_path / "ports.json", usual=True)
    assert ports.choose("gateway", usual) == usual
    ports.release()


def test_a_taken_port_is_replaced_and_told(tmp_path: Path, taken: int) -> None:
    ports = Ports(tmp_path / "ports.json", usual=True)
    chosen = ports.choose("gateway", taken)
    assert chosen != taken
    assert ports.moved == {"gateway": (taken, chosen)}
    ports.release()


def test_a_second_start_gets_the_ports_of_the_first(tmp_path: Path, taken: int) -> None:
    first = Ports(tmp_path / "ports.json", usual=True)
    chosen = first.choose("gateway", taken)
    first.save()
    first.release()
    second = Ports(tmp_path / "ports.json", usual=True)
    assert second.choose("gateway", taken) == chosen
    second.release()


def test_two_stacks_starting_at_once_are_given_different_ports(tmp_path: Path) -> None:
    usual = _unused()
    one = Ports(tmp_path / "one.json", usual=True)
    two = Ports(tmp_path / "two.json", usual=True)
    assert one.choose("gateway", usual) != two.choose("gateway", usual)
    one.release()
    two.release()

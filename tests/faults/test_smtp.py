"""The mail server of the faults does what it is told, and its log says what it answered."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.ports import Ports
from services.notifications.domain import Answer, Step
from tests.faults.smtp import HOST, Control
from tests.faults.stage import end, start

_MAIL = b"Message-ID: <cause@ici.example>\r\nSubject: essai\r\n\r\nBonjour\r\n"


@dataclass
class Server:
    port: int
    folder: Path

    def told(self, control: Control) -> None:
        control.write(self.folder / "control.json")

    def answers(self) -> list[int | str]:
        return [json.loads(line)["answer"] for line in (self.folder / "mails.jsonl").read_text().splitlines()]

    async def send(self, to: str = "vie@essai.example", seconds: float = 5) -> None:
        async with aiosmtplib.SMTP(
            hostname=HOST, port=self.port, timeout=seconds, use_tls=False, start_tls=False
        ) as client:
            await client.sendmail("retours+1@ici.example", [to], _MAIL)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    ports = Ports(tmp_path / "ports.json", usual=False)
    found = Server(ports.choose("smtp", 0), tmp_path)
    words = ["--port", str(found.port), "--log", str(tmp_path / "mails.jsonl")]
    process = await start(
        ["tests.faults.smtp", *words, "--control", str(tmp_path / "control.json")], tmp_path / "smtp.log"
    )
    try:
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection(HOST, found.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                break
        yield found
    finally:
        await end(process)
        ports.release()


async def test_what_it_takes_is_on_disk_before_it_says_so(server: Server) -> None:
    await server.send()
    assert server.answers() == [250]


@pytest.mark.parametrize(("mode", "code", "final"), [("later", 451, False), ("never", 550, True)])
async def test_it_refuses_for_now_or_for_good(server: Server, mode: str, code: int, final: bool) -> None:
    server.told(Control(mode=mode))
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await server.send()
    assert refused.value.code == code
    answer = Answer(Step.DATA, code, refused.value.message.partition(" ")[0])
    assert answer.about_recipient is final, "the service takes it as the witness does"
    assert server.answers() == [code]


async def test_it_hangs_after_data(server: Server) -> None:
    server.told(Control(mode="hang"))
    with pytest.raises((aiosmtplib.SMTPTimeoutError, aiosmtplib.SMTPServerDisconnected)):
        await server.send(seconds=1)
    assert server.answers() == ["hung"]


async def test_it_cuts_the_connection_after_data(server: Server) -> None:
    server.told(Control(mode="drop"))
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await server.send()
    assert server.answers() == ["dropped"]


async def test_it_returns_a_mail_to_the_envelopes_sender_after_it_took_it(server: Server) -> None:
    returned: asyncio.Queue[Envelope] = asyncio.Queue()

    class Intake:
        async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
            returned.put_nowait(envelope)
            return "250 taken"

    loop = asyncio.get_running_loop()
    intake = await loop.create_server(lambda: SMTP(Intake(), loop=loop), HOST, 0)
    try:
        port = intake.sockets[0].getsockname()[1]
        server.told(Control(mode="bounce", bounce_to=f"{HOST}:{port}"))
        await server.send()
        envelope = await asyncio.wait_for(returned.get(), 20)
        for _ in range(100):
            if len(server.answers()) > 1:
                break
            await asyncio.sleep(0.05)
    finally:
        intake.close()
    assert server.answers() == [250, "returned"]
    assert envelope.rcpt_tos == ["retours+1@ici.example"]
    assert envelope.mail_from in ("", "<>")


async def test_a_return_that_nobody_has_taken_is_not_told_of(server: Server) -> None:
    refusals = 0

    class Intake:
        async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
            nonlocal refusals
            refusals += 1
            return "451 later"

    loop = asyncio.get_running_loop()
    intake = await loop.create_server(lambda: SMTP(Intake(), loop=loop), HOST, 0)
    try:
        port = intake.sockets[0].getsockname()[1]
        server.told(Control(mode="bounce", bounce_to=f"{HOST}:{port}"))
        await server.send()
        for _ in range(100):
            if refusals:
                break
            await asyncio.sleep(0.05)
    finally:
        intake.close()
    assert refusals == 1
    assert server.answers() == [250]

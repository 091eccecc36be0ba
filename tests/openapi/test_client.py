"""The worked example of `docs/api-client.md` is a program that works, as it stands there."""

import asyncio
import os
import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from deploy.demo.visitor import Visitor
from tests.e2e.house import House
from tests.e2e.people import PASSWORD, file_for

_PAGE = Path(__file__).parents[2] / "docs" / "api-client.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PIECES = tuple(f"p{number}" for number in range(1, 10))
EMAIL = "cliente@courriel.example"


async def test_the_worked_example_registers_a_candidate(house: House, tmp_path: Path) -> None:
    for piece in _PIECES:
        (tmp_path / f"{piece}.pdf").write_bytes(file_for(piece).content)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "\n".join(_BLOCK.findall(_PAGE.read_text())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ
        | {
            "SITE": house.addresses.gateway,
            "EMAIL": EMAIL,
            "PASSWORD": PASSWORD,
            "SCANS": str(tmp_path),
        },
    )
    async with house.browser() as client:
        link = await Visitor(client, house.addresses.mailbox, EMAIL).activation_link()
    (token,) = parse_qs(urlsplit(link).query)["lien"]
    out, _ = await asyncio.wait_for(process.communicate(f"{token}\n".encode()), 40)
    said = out.decode()
    assert process.returncode == 0, said
    assert "version 2, conditions remplies : True" in said
    assert "dossier complet : True" in said
    assert "Activez votre compte candidat" in said
    assert (tmp_path / "a-signer.pdf").read_bytes().startswith(b"%PDF-")

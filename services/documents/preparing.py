"""From what was sent to the one file that is kept: checked, HEIC converted, several joined into one PDF.

The name and the digest are of what was sent, so that the same photos again are the same upload.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from services.documents.bodies import Sent
from services.documents.domain.errors import BadFile
from services.documents.inspecting import Inspectors
from services.documents.inspection import HEIC, JPEG, PDF, PNG, declared_type

_ENDS = {JPEG: "jpg", PNG: "png", PDF: "pdf"}


@dataclass(frozen=True)
class Prepared:
    """`sha256`: of what was sent; `parts`: of each file of it, with the file's own name."""

    file: Path
    media_type: str
    name: str
    sha256: str
    parts: dict[str, str]

    @property
    def size_bytes(self) -> int:
        return self.file.stat().st_size


@dataclass(frozen=True)
class Content:
    """By what the same upload is known again. `sha256`: of all of it; `digests`: of each file, in order."""

    sha256: str
    digests: list[str]


async def content_of(sent: list[Sent]) -> Content:
    digests = await asyncio.to_thread(_digests, sent)
    return Content(digests[0] if len(digests) == 1 else _digest_of(digests), digests)


async def prepare(inspectors: Inspectors, sent: list[Sent], content: Content, folder: Path) -> Prepared:
    """The file to keep, in `folder`.

    Raises:
        BadFile: with the name of the flawed one of several. InspectionFailed.
    """
    parts = {digest: shown(one.name) for digest, one in zip(content.digests, sent, strict=True)}
    if len(sent) > 1:
        file = await _joined(inspectors, sent, folder)
        return Prepared(file, PDF, _joined_name(sent), content.sha256, parts)
    [one] = sent
    media_type = await inspectors.inspect(one.file, one.declared)
    if media_type != HEIC:
        return Prepared(one.file, media_type, _called(one.name, media_type), content.sha256, parts)
    converted = folder / "converted"
    await inspectors.convert(one.file, HEIC, JPEG, converted)
    return Prepared(converted, JPEG, f"{_stem(one.name)}.jpg", content.sha256, parts)


async def _joined(inspectors: Inspectors, sent: list[Sent], folder: Path) -> Path:
    parts = []
    for place, one in enumerate(sent):
        try:
            media_type = await inspectors.inspect(one.file, one.declared)
            part = one.file
            if media_type != PDF:
                part = folder / f"page-{place}"
                await inspectors.convert(one.file, media_type, PDF, part)
        except BadFile as flawed:
            raise BadFile(flawed.why, shown(one.name)) from None
        parts.append(part)
    joined = folder / "joined"
    await inspectors.join(parts, joined)
    return joined


def shown(name: str) -> str:
    """The file's own name, for its owner's eyes: the last part, without control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:200] or "sans nom"


def _called(name: str, media_type: str) -> str:
    """Its name, which ends in what it is: pictures are called by the name of another kind."""
    said = declared_type("", name)
    return shown(name) if said in ("", media_type) else f"{_stem(name)}.{_ENDS[media_type]}"


def _stem(name: str) -> str:
    return shown(name).rpartition(".")[0][:190] or shown(name)[:190]


def _joined_name(sent: list[Sent]) -> str:
    return f"{_stem(sent[0].name)[:150]} et {len(sent) - 1} autres.pdf".replace("1 autres", "1 autre")


def _digests(sent: list[Sent]) -> list[str]:
    digests = []
    for one in sent:
        with one.file.open("rb") as opened:
            digests.append(hashlib.file_digest(opened, "sha256").hexdigest())
    return digests


def _digest_of(digests: list[str]) -> str:
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()

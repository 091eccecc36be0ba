"""People with marks in every field they can fill, who leave something in every store."""

import asyncio
import io
from dataclasses import dataclass
from typing import Any

import httpx
import pikepdf
from PIL import Image

from deploy.demo import papers
from deploy.demo.forms import valid_form
from deploy.demo.visitor import File, Visitor
from tests.e2e.house import House, until
from tests.e2e.people import Person
from tests.erasure.marks import Marks

IDENTITY, ADDRESS, WORK = "p2", "p3", "p6"
_DIGITS = {"alpha": "5", "bravo": "6", "delta": "7", "gamma": "8", "kappa": "9"}


def marks_of(name: str) -> Marks:
    """No mark is part of another person's, or of anything else."""
    digit = _DIGITS[name]
    values = {
        "e-mail": f"Zorg.{name}@quetzalcourriel.example",
        "e-mail of the form": f"formule-zorg-{name}@quetzalcourriel.example",
        "birth name": f"Zéphirine-Zorgquétz{name}",
        "usage name": f"Zweig-Zorgquôtz{name}",
        "forenames": f"Ysoldezorg{name} Märthe{name}",
        "birth date": f"19{digit}1-11-29",
        "birth commune": f"Ouagazorg{name}",
        "phone": f"0639981{digit}9{digit}",
        "address": f"1{digit} impasse du Zorgxérophyte {name}",
        "ine": f"7Q{digit}03ZX{digit}WKZ",
        "first parent": f"Wilhelmine Pèrezorg{name}",
        "second parent": f"Gaspard Mèrezorg{name}",
        "employer": f"Ateliers Fabrikzorg {name}",
        "job": f"Soudeuse zorgienne {name}",
        "exemption": f"Diplôme zorgien de {name}",
        "draft": f"Brouillonzorg{name}",
        "withdrawal": f"Renonce pour cause de zorgite {name}",
        "officer hold": f"Mme Zorghold{name} à rappeler",
        "officer refusal": f"scan de Mme Zorgrefus{name} illisible",
        "file name": f"passeport-zorgfichier-{name}.pdf",
        "joined name": f"recto-zorgjoint-{name}",
        "removed name": f"retiré-zorgenlevé-{name}.jpg",
        "refused name": f"refusé-zorgtexte-{name}.txt",
        "cut name": f"coupé-zorgcoupé-{name}.jpg",
        "file bytes": f"ZORGOCTETS-{name}-DANS-LE-PDF",
        "photo bytes": f"ZORGOCTETS-{name}-DANS-LA-PHOTO",
        "cut bytes": f"ZORGOCTETS-{name}-COUPES",
    }
    year, pairs = f"19{digit}1", ("39", "98", f"1{digit}", f"9{digit}")
    phones = ["6" + "".join(pairs), *(between.join(pairs) for between in (" ", "\xa0", "\u202f", ".", "-"))]
    dates = [f"29/11/{year}", f"29 novembre {year}", f"29 November {year}", f"{year}1129"]
    spelt = {"birth date": dates, "phone": phones}
    return Marks(values, digested=["e-mail", "phone", "ine"], spelt=spelt, stem="zorg")


@dataclass
class Marked:
    """Somebody with marks."""

    person: Person
    marks: Marks
    house: House

    def mark(self, name: str) -> str:
        return self.marks.values[name]

    def form(self) -> dict[str, Any]:
        found = valid_form(forename=self.mark("forenames"), email=self.mark("e-mail of the form"))
        found["identification"] |= {
            "birth_name": self.mark("birth name"),
            "usage_name": self.mark("usage name"),
            "birth_date": self.mark("birth date"),
            "birth_country": "Burkina Faso",
            "birth_commune": self.mark("birth commune"),
            "phone": self.mark("phone"),
            "parents": {"first": self.mark("first parent"), "second": self.mark("second parent")},
            "ine": self.mark("ine"),
        }
        found["identification"]["address"]["lines"] = [self.mark("address")]
        found["candidature"]["acquis"][0]["title"] = self.mark("exemption")
        found["modalities"] |= {
            "route": "experience",
            "experience": [
                {
                    "employer": self.mark("employer"),
                    "job": self.mark("job"),
                    "starts_on": "2010-01-01",
                    "ends_on": "2019-01-01",
                    "qualified_level": True,
                    "related_field": True,
                }
            ],
        }
        del found["modalities"]["preparation"]
        return found

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        return await self.person.browser.request(method, path, **request)

    async def draft(self) -> None:
        content = {"identification": {"birth_name": self.mark("draft")}}
        # The save took the last one with it.
        answer = await self.ask(
            "PUT", "/api/registration/me/draft", json=content, headers={"If-None-Match": "*"}
        )
        assert answer.status_code == 200, answer.text

    def pdf(self) -> bytes:
        """With the mark in its own words: the rest may be packed."""
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(papers.several_pages("papier", pages=1))) as pdf:
            pdf.docinfo["/Title"] = self.mark("file bytes")
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return out.getvalue()

    def photo(self, seed: int, mark: str = "photo bytes") -> bytes:
        out = io.BytesIO()
        with Image.open(io.BytesIO(papers.scan("photo", seed))) as picture:
            picture.save(out, "JPEG", quality=80, comment=self.mark(mark).encode())
        return out.getvalue()

    async def save(self) -> None:
        await self.person.enter()
        await self.draft()
        await self.person.visitor.save(self.form())
        await self.person.visitor.save(self.form())
        await self.draft()
        await self.person.visitor.wait_for_pieces(2)

    async def hand_in(self) -> None:
        """Files of all fates: kept, joined, taken back, refused at once, refused by an officer."""
        visitor = self.person.visitor
        await visitor.upload(IDENTITY, File(self.mark("file name"), "application/pdf", self.pdf()))
        await visitor.upload(WORK, File("autre.jpg", "image/jpeg", self.photo(1)))
        removed = await visitor.upload(ADDRESS, File(self.mark("removed name"), "image/jpeg", self.photo(2)))
        gone = await self.ask("DELETE", f"/api/documents/me/files/{removed['file_id']}")
        assert gone.status_code == 204, gone.text
        await visitor.refused_upload(
            ADDRESS,
            File(self.mark("refused name"), "text/plain", self.mark("file bytes").encode() * 9),
        )
        joined = await self.ask(
            "POST",
            f"/api/documents/me/pieces/{ADDRESS}/files",
            files=[
                ("file", (f"{self.mark('joined name')}.jpg", self.photo(3), "image/jpeg")),
                ("file", (f"2-{self.mark('joined name')}.jpg", self.photo(4), "image/jpeg")),
            ],
        )
        assert joined.status_code == 201, joined.text
        refused = await self.house.officer(
            "refuse", str(self.person.id), IDENTITY, "--reason", self.mark("officer refusal")
        )
        assert refused.code == 0, refused.err

    async def be_held(self) -> None:
        for act in (("hold",), ("release", "--settle-now")):
            done = await self.house.officer(*act, str(self.person.id), "--reason", self.mark("officer hold"))
            assert done.code == 0, done.err

    async def ask_around(self) -> None:
        """A new password's link, one's own data."""
        asked = await self.ask("POST", "/api/accounts/password-resets", json={"email": self.person.email})
        assert asked.status_code == 202
        mine = await self.ask("GET", "/api/accounts/me/data")
        assert self.mark("employer") in mine.text

    async def withdraw(self) -> None:
        done = await self.ask(
            "POST", "/api/registration/me/withdrawal", json={"reason": self.mark("withdrawal")}
        )
        assert done.status_code == 200, done.text

    async def mails_have_left(self) -> None:
        async def none_waits() -> bool:
            waiting = await self.house.rows(
                "notifications",
                "SELECT 1 FROM mail WHERE candidate_id = $1 AND next_attempt_at < now() + interval '1 min'"
                " AND state IN ('queued', 'sending')",
                self.person.id,
            )
            return not waiting

        await until(none_waits, "the mails have left", 60)


async def born(house: House, browser: httpx.AsyncClient, name: str) -> Marked:
    marks = marks_of(name)
    visitor = Visitor(browser, house.addresses.mailbox, marks.values["e-mail"])
    return Marked(Person(visitor, browser, name), marks, house)


async def upload_that_hangs(someone: Marked, after: asyncio.Event) -> httpx.Response:
    """An upload whose body stops half-way until `after` is set."""

    async def body() -> Any:
        # Bytes behind a picture are let be: it passes its checks once it goes on.
        yield someone.photo(5, "cut bytes") + b"\0" * 200_000
        await after.wait()

    return await someone.ask(
        "POST",
        f"/api/documents/me/pieces/{IDENTITY}/files",
        params={"name": someone.mark("cut name")},
        content=body(),
        headers={"Content-Type": "image/jpeg"},
    )

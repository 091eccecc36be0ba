"""Two people who fill the whole form, and the way on which each page is looked at.

`SIMPLE` prepared the diploma at home; `HARDER` answers what the most is asked for: work for years, an
arrangement for a handicap, birth abroad, a mark that is kept, no sport.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.browser.hands import Hands
from tests.browser.sight import PHONE, Visitor, look_at
from tests.e2e.people import Person


@dataclass
class Journey:
    """Somebody at the site, and how: `name` is a part of the pictures' names."""

    name: str
    person: Person
    window: Visitor
    hands: Hands
    width: int
    folder: Path
    story: "Story"
    pages: int = 0

    async def arrives(self, heading: str, picture: str) -> None:
        """The page of this heading is there; it is looked at."""
        found = self.window.page.get_by_role("heading", level=1, name=heading, exact=True)
        await found.wait_for(timeout=15_000)
        main = await self.window.page.locator("main").inner_text()
        assert "définitive" not in main, "nothing is final before the verdict"
        self.pages += 1
        await look_at(self.window, f"parcours-{self.name}-{self.pages:02}-{picture}")
        await self.window.page.set_viewport_size({"width": self.width, "height": 800})
        if self.width == PHONE and self.window.javascript:
            await self.window.page.get_by_role("button", name="menu").wait_for()


@dataclass(frozen=True)
class Story:
    """Who it is: how they fill the form, and how many pieces are due from them."""

    fills_the_form: Callable[[Journey], Awaitable[None]]
    pieces: int


async def _begins(way: Journey, speciality: str) -> None:
    await way.hands.press("Remplir le formulaire")
    await way.arrives("M’inscrire", "etapes")
    await way.hands.press("Commencer")
    await way.arrives("Votre spécialité", "specialite")
    await way.hands.pick("Spécialité", speciality)
    await way.hands.press("Continuer")
    await way.arrives("Comment vous passez l’examen", "forme")


async def _reads_it_again(way: Journey) -> None:
    await way.hands.press("Continuer")
    await way.arrives("Récapitulatif", "recapitulatif")
    assert await way.window.page.get_by_text("Brouillon — non enregistré").is_visible()


async def _simple(way: Journey) -> None:
    hands = way.hands
    await _begins(way, "Accompagnement, soins et services à la personne, option B : en structure")
    await hands.choose("Globale", "après une préparation complète du diplôme")
    await hands.press("Continuer")
    await way.arrives("Votre préparation", "preparation")
    await hands.choose("enseignement à distance (CNED…)")
    await hands.write("Établissement", "CNED")
    await hands.day("Fin de la préparation", "30/6/2020")
    await hands.choose("Oui")
    await hands.press("Continuer")
    await way.arrives("Handicap et aménagements", "handicap")
    await hands.choose("NON")
    await hands.press("Continuer")
    await way.arrives("Votre identité", "identite")
    await hands.write("Nom de naissance", "Durand")
    await hands.write("Prénoms", "Camille")
    await hands.choose("féminin", "française")
    await hands.press("Continuer")
    await way.arrives("Votre naissance", "naissance")
    await hands.day("Date de naissance", "17/5/1994")
    await hands.write("Commune ou ville", "Aubagne")
    await hands.press("Continuer")
    await way.arrives("Votre adresse", "adresse")
    await hands.write("Numéro et rue", "12 rue des Lilas")
    await hands.write("Code postal", "13400")
    await hands.press("Continuer")
    await way.arrives("Vous joindre", "contact")
    await hands.write("Téléphone", "06 39 98 12 34")
    await hands.write("Adresse e-mail", way.person.email)
    await hands.press("Continuer")
    await way.arrives("Notes conservées et dispenses", "acquis")
    await hands.press("Continuer")
    await way.arrives("Éducation physique et sportive", "eps")
    await hands.choose("Oui, je suis apte", "danse", "tennis de table")
    await hands.press("Continuer")
    await way.arrives("Épreuves facultatives", "options")
    await _reads_it_again(way)


async def _harder(way: Journey) -> None:
    hands, page = way.hands, way.window.page
    await _begins(way, "Cuisine")
    await hands.choose("Globale", "avec votre expérience professionnelle")
    await hands.press("Continuer")
    await way.arrives("Votre expérience professionnelle", "experience")
    await _worked(way, "Les Pins, Aubagne", "Commis de cuisine", "1/9/2019", "31/8/2020")
    assert await page.get_by_text("Ajoutez vos autres périodes.").is_visible()
    await _worked(way, "Le Port, Marseille", "Cuisinier", "1/3/2021", None)
    assert await page.get_by_text("Les 3 ans sont atteints.").is_visible()
    await hands.press("Continuer")
    await way.arrives("Handicap et aménagements", "handicap")
    await hands.choose("OUI", "J’ai déjà un aménagement accordé")
    await hands.press("Continuer")
    await way.arrives("Votre identité", "identite")
    await hands.write("Nom de naissance", "Benjelloun")
    await hands.write("Nom d’usage", "Martin")
    await hands.write("Prénoms", "Yasmine Leïla")
    await hands.choose("féminin", "d’un autre pays")
    await hands.press("Continuer")
    await way.arrives("Votre naissance", "naissance")
    await hands.day("Date de naissance", "29/2/1992")
    await hands.pick("Pays de naissance", "Maroc")
    await hands.write("Commune ou ville", "Fès")
    await hands.press("Continuer")
    await way.arrives("Vos parents", "parents")
    await hands.write("Premier parent", "Benjelloun Ahmed")
    await hands.press("Continuer")
    await way.arrives("Votre adresse", "adresse")
    await hands.write("Numéro et rue", "3 boulevard du Roi René")
    await hands.write("Code postal", "13100")
    await hands.press("Continuer")
    await way.arrives("Votre commune", "commune")
    await hands.choose("Aix-en-Provence (13)")
    await hands.press("Continuer")
    await way.arrives("Vous joindre", "contact")
    await hands.write("Téléphone", "+212 5 35 62 00 00")
    await hands.write("Adresse e-mail", way.person.email)
    await hands.press("Continuer")
    await way.arrives("Notes conservées et dispenses", "acquis")
    await hands.press("Modifier E5", exact=False)
    await way.arrives("E5 : Français, histoire-géographie, enseignement moral et civique", "epreuve")
    await hands.choose("Oui, je garde une note (bénéfice de note)")
    await hands.write("Note", "12,5")
    await hands.write("Année où", "2024")
    await hands.press("Garder cette réponse")
    await way.arrives("Notes conservées et dispenses", "acquis-une")
    await hands.press("Continuer")
    await way.arrives("Éducation physique et sportive", "eps")
    await hands.choose("Non, je suis inapte")
    await hands.press("Continuer")
    await way.arrives("Épreuves facultatives", "options")
    await hands.write("Épreuve facultative de langue", "arabe")
    await _reads_it_again(way)


async def _worked(way: Journey, employer: str, job: str, starts: str, ends: str | None) -> None:
    """One more period; without an end they still work there."""
    hands = way.hands
    await hands.press("Ajouter une période")
    await way.arrives("Nouvelle période de travail", "periode")
    await hands.write("Employeur", employer)
    await hands.write("Emploi occupé", job)
    await hands.day("Début", starts)
    if ends:
        await hands.day("Fin", ends)
    else:
        await hands.choose("J’y travaille encore")
    await hands.answer("Était-ce un emploi d’ouvrier", "Oui")
    await hands.answer("L’emploi a-t-il un rapport", "Oui")
    await hands.press("Garder cette période")
    await way.arrives("Votre expérience professionnelle", "experience-periodes")


SIMPLE = Story(_simple, pieces=4)
HARDER = Story(_harder, pieces=7)

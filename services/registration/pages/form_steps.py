"""The steps of « M’inscrire », in their order: three parts, and a page for each step.

A step comes after those that its questions lean on: the speciality is chosen before a job is said to have to
do with it, and what is kept of an earlier exam is said before what it leaves unasked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.registration.domain.checks import spared
from services.registration.domain.rules import Rules
from services.registration.pages.form_content import SPECIALITY, born_abroad, get
from services.registration.pages.form_fields import Box, Day, Field, Lines, Several, Text, YesNo

TABS: Mapping[str, str] = {
    "modalities": "Modalités",
    "identification": "Identification",
    "candidature": "Candidature",
}


@dataclass(frozen=True)
class Step:
    """`paths`: what of the content it is about, where that is more than its fields. `applies`: whether it is
    asked at all. `optional`: nothing need be said there."""

    slug: str
    tab: str
    title: str
    hint: str
    fields: tuple[Field, ...] = ()
    paths: tuple[str, ...] = ()
    applies: Callable[[Mapping[str, Any], Rules], bool] = field(default=lambda content, rules: True)
    optional: bool = False

    @property
    def about(self) -> tuple[str, ...]:
        return self.paths or tuple(one.path for one in self.fields)

    @property
    def address(self) -> str:
        return f"/inscription/{self.slug}"


def _by(route: str) -> Callable[[Mapping[str, Any], Rules], bool]:
    return lambda content, rules: get(content, "modalities.route") == route


STEPS: tuple[Step, ...] = (
    Step(
        "specialite",
        "modalities",
        "Votre spécialité",
        "Le baccalauréat professionnel que vous passez",
        (Text(SPECIALITY, "Choisissez une spécialité dans la liste."),),
    ),
    Step(
        "forme",
        "modalities",
        "Comment vous passez l’examen",
        "Forme de l’examen, préparation ou expérience",
        (
            Text("modalities.form", "Choisissez la forme de l’examen."),
            Text("modalities.route", "Dites si vous vous inscrivez après une préparation ou par expérience."),
        ),
    ),
    Step(
        "preparation",
        "modalities",
        "Votre préparation",
        "Établissement et date de fin",
        (
            Text("modalities.preparation.kind", "Choisissez le type de préparation."),
            Text("modalities.preparation.establishment", "Écrivez le nom de l’établissement."),
            Day("modalities.preparation.ends_on", "Écrivez la date de fin de la préparation."),
            YesNo("modalities.preparation.complete", "Dites si la préparation est complète."),
        ),
        applies=_by("preparation"),
    ),
    Step(
        "experience",
        "modalities",
        "Votre expérience professionnelle",
        "Vos périodes de travail",
        paths=("modalities.experience",),
        applies=_by("experience"),
    ),
    Step(
        "handicap",
        "modalities",
        "Handicap et aménagements",
        "À remplir par tous : OUI ou NON",
        (
            YesNo("modalities.handicap.declared", "Répondez OUI ou NON."),
            Box("modalities.handicap.existing"),
            Box("modalities.handicap.requested"),
        ),
    ),
    Step(
        "identite",
        "identification",
        "Votre identité",
        "Nom, prénoms, nationalité",
        (
            Text("identification.birth_name", "Écrivez votre nom de naissance."),
            Text("identification.usage_name"),
            Text("identification.forenames", "Écrivez vos prénoms."),
            Text("identification.sex", "Choisissez le sexe indiqué sur votre pièce d’identité."),
            Text("identification.nationality", "Choisissez votre nationalité."),
            Text("identification.ine"),
        ),
    ),
    Step(
        "naissance",
        "identification",
        "Votre naissance",
        "Date et lieu",
        (
            Day("identification.birth_date", "Écrivez votre date de naissance."),
            Text("identification.birth_country", "Choisissez votre pays de naissance."),
            Text("identification.birth_commune", "Écrivez votre commune ou ville de naissance."),
        ),
        paths=(
            "identification.birth_date",
            "identification.birth_country",
            "identification.birth_commune",
            "identification.birth_commune_code",
        ),
    ),
    Step(
        "parents",
        "identification",
        "Vos parents",
        "Demandé aux personnes nées à l’étranger",
        (
            Text("identification.parents.first", "Écrivez le nom et les prénoms d’un parent."),
            Text("identification.parents.second"),
        ),
        paths=("identification.parents",),
        applies=lambda content, rules: born_abroad(content),
    ),
    Step(
        "adresse",
        "identification",
        "Votre adresse",
        "Là où vous habitez",
        (
            Lines("identification.address.lines", "Écrivez le numéro et la rue."),
            Text("identification.address.postcode"),
            Text("identification.address.country", "Choisissez le pays."),
            Text("identification.address.commune"),
        ),
        paths=("identification.address",),
    ),
    Step(
        "contact",
        "identification",
        "Vous joindre",
        "Téléphone et adresse e-mail",
        (
            Text("identification.phone", "Écrivez votre numéro de téléphone."),
            Text("identification.email", "Écrivez votre adresse e-mail."),
        ),
    ),
    Step(
        "acquis",
        "candidature",
        "Notes conservées et dispenses",
        "Épreuves que vous ne repassez pas",
        paths=("candidature.acquis",),
        optional=True,
    ),
    Step(
        "eps",
        "candidature",
        "Éducation physique et sportive",
        "Deux épreuves, ou inaptitude",
        (
            YesNo("candidature.sport.fit", "Dites si vous pouvez passer l’épreuve d’EPS."),
            Several("candidature.sport.tests"),
        ),
        paths=("candidature.sport",),
        applies=lambda content, rules: "sport" not in spared(get(content, "candidature"), rules),
    ),
    Step(
        "options",
        "candidature",
        "Épreuves facultatives",
        "Langue, mobilité, EPS",
        (
            Text("candidature.options.language"),
            Box("candidature.options.mobility"),
            Box("candidature.options.sport"),
        ),
        optional=True,
    ),
)


def step_named(slug: str) -> Step | None:
    return next((one for one in STEPS if one.slug == slug), None)


def asked(content: Mapping[str, Any], rules: Rules) -> tuple[Step, ...]:
    """The steps that this candidate goes through."""
    return tuple(step for step in STEPS if step.applies(content, rules))


def after(step: Step, steps: Sequence[Step]) -> str:
    """The address of the page that follows, of the steps that are asked."""
    following = [one for one in steps if STEPS.index(one) > STEPS.index(step)]
    return following[0].address if following else RECAP


def before(step: Step, steps: Sequence[Step]) -> str:
    """The address of the page that comes first."""
    passed = [one for one in steps if STEPS.index(one) < STEPS.index(step)]
    return passed[-1].address if passed else LIST


LIST = "/inscription"
RECAP = "/inscription/recapitulatif"

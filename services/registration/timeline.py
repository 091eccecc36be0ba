"""What happened to a candidature, for its candidate: the journal's lines and the pieces', latest first.

Of reasons only those that the candidate is told anyway: an officer's for a cancellation, for what was left as
it is, and for a refused piece, and the candidate's own. That of a hold stays in the journal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.contracts.internal import DossierEvent, Progress
from services.contracts.stages import Stage
from services.registration.domain.words import Words
from services.registration.queries import JournalEntry
from services.registration.sentences import Quoted, Sentence


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    what: Sentence
    why: str | None = None


_ACTS = {
    "account_activated": "Compte activé",
    "window_closed": "Clôture de la pré-inscription : la vôtre ne peut plus être modifiée",
    "not_registered": "Clôture de la pré-inscription : rien n’était enregistré",
    "confirmed": "Inscription confirmée : la confirmation signée et toutes les pièces étaient déposées",
    "held": "Candidature mise en attente : le bureau des examens l’examine",
    "released": "Fin de la mise en attente : votre dossier suit de nouveau son cours",
    "cancelled": "Candidature annulée",
    "upheld": "Annulation examinée par le bureau des examens et maintenue",
    "let_stand": "Situation examinée par le bureau des examens : sans changement",
    "withdrawn": "Candidature retirée à votre demande",
}
_REINSTATED = (
    "Candidature rétablie par le bureau des examens, pièces à déposer jusqu’au %(deadline)s",
    "Candidature rétablie par le bureau des examens",
)
_MOVED = (
    "Nouvelle date limite pour déposer vos pièces : %(deadline)s",
    "Nouvelle date limite pour déposer vos pièces",
)
_ENDED: dict[str | None, tuple[str, str]] = {
    Stage.CANCELLED: (
        "Candidature rétablie, avec une nouvelle date limite pour déposer vos pièces : %(deadline)s",
        "Candidature rétablie, avec une nouvelle date limite pour déposer vos pièces",
    ),
    Stage.HELD: (
        "Fin de la mise en attente, avec une nouvelle date limite pour déposer vos pièces : %(deadline)s",
        "Fin de la mise en attente, avec une nouvelle date limite pour déposer vos pièces",
    ),
}
"""A new deadline that ended this stage."""
_OPENED = (
    "Formulaire rouvert par le bureau des examens : à enregistrer au plus tard le %(closes)s, pièces à "
    "déposer jusqu’au %(deadline)s"
)
_PIECES = {
    "uploaded": "Fichier déposé : %(title)s",
    "late": "Fichier arrivé après la date limite : %(title)s",
    "removed": "Fichier déposé, retiré ensuite : %(title)s",
    "accepted": "Pièce acceptée : %(title)s",
    "refused": "Pièce refusée : %(title)s",
}
_TURNED_AWAY = (
    "Envoi non reçu, un de nos services ne répondait pas : %(title)s",
    "Envoi non reçu : un de nos services ne répondait pas",
)
_SAVED = "Pré-inscription enregistrée"
_SAVED_VERSION = "Pré-inscription enregistrée : version %(version)s"


def timeline(journal: Iterable[JournalEntry], progress: Progress | None) -> list[Happened]:
    """An act that has no words yet is left out, never shown by its code."""
    entries = list(journal)
    own = [
        told
        for before, entry in zip([None, *entries], entries, strict=False)
        if (told := _act(entry, before)) is not None
    ]
    pieces = [] if progress is None else [_piece(event) for event in progress.events]
    return sorted([*own, *pieces], key=lambda one: one.at, reverse=True)


def _act(entry: JournalEntry, before: JournalEntry | None) -> Happened | None:
    what = _sentence(entry, before)
    if what is None:
        return None
    return Happened(entry.at, what, _reason(entry))


def _reason(entry: JournalEntry) -> str | None:
    if entry.act in ("cancelled", "upheld", "let_stand"):
        return _quoted(entry.reason)
    return entry.reason if entry.act == "withdrawn" and entry.actor == "candidate" else None


def _quoted(reason: str | None) -> str | None:
    return None if reason is None else Quoted(reason)


def _sentence(entry: JournalEntry, before: JournalEntry | None) -> Sentence | None:
    if entry.act == "saved":
        if entry.version is None:
            return Sentence(_SAVED)
        return Sentence(_SAVED_VERSION, {"version": entry.version})
    if entry.act == "form_opened" and entry.closes_at is not None and entry.deadline_at is not None:
        return Sentence(_OPENED, {"closes": entry.closes_at, "deadline": entry.deadline_at})
    limit = entry.deadline_at
    if entry.act == "reinstated":
        return _dated(_REINSTATED, limit if limit is not None and entry.at < limit else None)
    if entry.act == "deadline_moved":
        return _dated(_ENDED.get(_ended(entry, before), _MOVED), limit)
    if entry.act == "released" and before is not None and before.deadline_at not in (None, limit):
        return _dated(_ENDED[Stage.HELD], limit)
    return Sentence(_ACTS[entry.act]) if entry.act in _ACTS else None


def _ended(entry: JournalEntry, before: JournalEntry | None) -> str | None:
    """The stage that the act ended."""
    return None if before is None or entry.stage in (None, before.stage) else before.stage


def _dated(texts: tuple[str, str], limit: datetime | None) -> Sentence:
    dated, plain = texts
    return Sentence(plain) if limit is None else Sentence(dated, {"deadline": limit})


def _piece(event: DossierEvent) -> Happened:
    if event.act == "turned_away":
        titled, plain = _TURNED_AWAY
        what = Sentence(titled, {"title": Words(event.title)}) if event.title else Sentence(plain)
        return Happened(event.at, what)
    return Happened(
        event.at, Sentence(_PIECES[event.act], {"title": Words(event.title)}), _quoted(event.reason)
    )


WORDS = (
    *_ACTS.values(),
    *(text for both in (_REINSTATED, _MOVED, *_ENDED.values()) for text in both),
    *_PIECES.values(),
    *_TURNED_AWAY,
    _SAVED,
    _SAVED_VERSION,
)
"""Every text there is here, for the test of the catalogue."""

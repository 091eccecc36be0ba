"""What recovery says to people: the kinds of disagreement, what to do, and a fact in a line."""

from services.contracts.recovery import Fact

KINDS = {
    "account_unheard_by_registration": "registration n’a pas pris en compte le compte",
    "account_unheard_by_documents": "documents n’a pas pris en compte le compte",
    "deletion_unheard_by_registration": "compte supprimé, encore présent dans registration",
    "deletion_unheard_by_documents": "compte supprimé, encore présent dans documents",
    "deletion_unheard_by_notifications": "compte supprimé, encore présent dans notifications",
    "deletion_unheard_by_accounts": "compte présent, alors que d’autres services l’ont supprimé",
    "account_missing": "candidature sans compte",
    "standing_unheard": "documents n’a pas la candidature telle qu’elle est",
    "accounts_behind": "accounts est en retard sur ce que registration a lu de lui",
    "registration_behind": "registration est en retard sur ce que documents a lu d’elle",
    "documents_behind": "documents est en retard sur le verdict que registration a lu de lui",
    "notifications_behind": "notifications est en retard sur ce que documents a lu de lui",
    "object_missing": "fichier reçu, disparu du stockage",
    "objects_undeleted": "personne effacée, dont le stockage refuse de supprimer des fichiers",
    "evidence_miscounted": "pièces mal comptées",
    "reachability_unheard": "documents ne sait pas si le candidat a pu être prévenu",
    "warning_unheard": "documents ne sait pas qu’un rappel est parti à temps",
    "dead_letters_miscounted_by_registration": "quarantaine mal comptée dans registration",
    "dead_letters_miscounted_by_documents": "quarantaine mal comptée dans documents",
    "dead_letters_miscounted_by_notifications": "quarantaine mal comptée dans notifications",
    "dead_letters_open": "événement en quarantaine",
    "verdict_unheard": "verdict rendu, non reçu par registration",
    "verdict_unapplied": "verdict reçu, non appliqué",
    "cancelled_but_held": "annulation maintenue, alors que le dernier verdict mettait en attente",
    "save_turned_away": "rien n’est en vigueur, et un enregistrement n’a pas abouti (notre faute ?)",
    "verdict_missing": "aucun verdict, longtemps après la date limite",
    "verdict_closed": "verdict clos par un acte d’un gestionnaire, aucun autre depuis",
    "settling_paused": "aucun verdict : les verdicts de la session sont suspendus",
    "facts_of_accounts_unheard": "fait de accounts non pris en compte",
    "facts_of_registration_unheard": "fait de registration non pris en compte",
    "facts_of_documents_unheard": "fait de documents non pris en compte",
    "facts_of_notifications_unheard": "fait de notifications non pris en compte",
    "facts_unpublished": "fait qui n’est pas publié",
    "calendar_unheard": "calendrier de session non pris en compte",
    "closing_missing": "aucune horloge de clôture ne tourne pour une session qui en attend une",
    "life_missing": "aucune horloge ne tourne",
    "life_not_over": "une horloge tourne encore, rien n’est plus attendu",
    "life_oversleeps": "l’horloge se réveille trop tard",
    "life_silent": "l’horloge ne répond pas",
    "mail_failed": "message non distribuable",
    "mail_late": "message en retard de plus d’une heure",
}
ACTS = {
    "deletion_unheard_by_accounts": "candidat-libre erase : l’effacer de nouveau",
    "account_missing": "restaurer une base de accounts plus récente ; effacer : candidat-libre erase",
    "accounts_behind": "restaurer une base de accounts plus récente",
    "registration_behind": "officer pause-settling, puis restaurer une base de registration plus récente",
    "documents_behind": "officer pause-settling, puis restaurer une base de documents plus récente",
    "notifications_behind": "restaurer une base de notifications plus récente",
    "object_missing": "remettre le fichier dans le stockage, ou le faire renvoyer (voir le runbook)",
    "objects_undeleted": "lever le refus du stockage ; la suppression est retentée dans l’heure",
    "cancelled_but_held": "examiner, puis officer reinstate ou officer uphold",
    "save_turned_away": "examiner, puis officer open-form (ou reinstate) ou officer uphold",
    "dead_letters_open": "candidat-libre dead-letters list",
    "settling_paused": "candidat-libre officer show-session",
    "facts_unpublished": "voir le relais du service",
    "life_silent": "voir l’horloge dans Temporal",
    "mail_failed": "officer show ; puis officer retry-mail, ou écrire au candidat autrement",
    "mail_late": "officer show : pourquoi ; le serveur de messagerie, ou le journal de notifications",
}
_SHOWN = ("state", "stage", "registration_version", "deadline_at", "verdict", "kind", "cause", "reason")


def fact_line(fact: Fact) -> tuple[str, str, str]:
    """Service, name of the fact, and its state in short."""
    service, name = fact.type.split(".")[:2]
    shown = [f"{key}={fact.event[key]}" for key in _SHOWN if fact.event.get(key) is not None]
    return service, f"{name} ({fact.revision})", " ".join(shown)

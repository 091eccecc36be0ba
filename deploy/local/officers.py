"""The invented exams office that can log in locally (R11: a head, a deputy, 13 officers)."""

from deploy.local.addresses import OfficerAccount

_OFFICERS = (
    "Agnès Roumieu",
    "Bastien Corbière",
    "Chantal Esposito",
    "Damien Vasseur",
    "Élise Tavernier",
    "Farid Benhamou",
    "Ghislaine Pontier",
    "Hugo Sarrazin",
    "Inès Malaussène",
    "Jérôme Castellan",
    "Karine Oliveri",
    "Lucien Fabregat",
    "Mireille Duchamp",
)

OFFICERS = [
    OfficerAccount(sub="chef", name="Solange Peyrefitte", role="head", portfolios=[]),
    OfficerAccount(sub="adjoint", name="Théodore Vidal", role="deputy", portfolios=[]),
    *(
        OfficerAccount(sub=f"gestionnaire-{number}", name=name, role="officer", portfolios=[number])
        for number, name in enumerate(_OFFICERS, start=1)
    ),
]

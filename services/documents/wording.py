"""The states of a piece in the words that candidates read."""

from services.documents.queries import PieceState

STATES = {
    PieceState.EXPECTED: "attendue",
    PieceState.RECEIVED: "reçue",
    PieceState.TO_JUDGE: "vérification en cours",
    PieceState.ACCEPTED: "acceptée",
    PieceState.REFUSED: "refusée",
    PieceState.EXPIRED: "périmée",
    PieceState.LATE: "arrivée trop tard",
}

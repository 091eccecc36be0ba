"""What is named in Temporal, once: the task queue, the workflows' ids and the queues of the owners."""

from uuid import UUID

TASK_QUEUE = "workflows"
POKE = "poke"


def life_id(candidate_id: UUID) -> str:
    """A life's id is the candidate's: one life at a time, whatever is delivered twice."""
    return str(candidate_id)


def closing_id(session_id: str) -> str:
    return f"session-{session_id}"


def batch_queue(owner: str) -> str:
    """Mass work has a queue of its own, so that it never stands before one candidate's question."""
    return f"{owner}-batch"

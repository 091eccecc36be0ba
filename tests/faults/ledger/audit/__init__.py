"""The audit: wait until all is at rest, look everywhere, judge, report.

evidence   what was found, as plain values     cases      one candidate with all that is known of them
tables, topics, clocks, site                   one look each (mails: `tests.faults.ledger.mailbag`)
lost, doubled, unjust, unresolved              one judge each, pure
gathering  the looks together, with the wait   report     what is printed and kept
"""

from tests.faults.ledger.audit.running import audit, judge_again

__all__ = ["audit", "judge_again"]

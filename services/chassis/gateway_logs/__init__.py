"""The gateways' logs of whom they turned away (decision 0012), read by each service whose requests they were.

lines     pure: a line of a log
logs      files: which there are, and what is new in one
keeping   transactions: what was read, the place read to, what the service makes of it
reader    the part of a worker that does it all again and again
settings  which logs, and how often

What a line means is the service's: it puts it onto the candidate's row.
"""

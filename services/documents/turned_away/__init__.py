"""Whom the gateways turned away (decision 0012): their logs, and the fault on each candidate's row.

lines    pure: a line of a log, and which piece its address names
logs     files: which there are, and what is new in one
keeping  transactions: what was read, the place read to, the fault
reader   the part of the worker that does it all again and again
"""

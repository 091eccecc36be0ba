"""Use cases: each is one transaction in which the row, its journal and its facts change together.

rows       lock, create and write the candidature; the one place where a `Step` becomes rows
save       the candidate's form
withdraw   the candidate gives up
accounts   what `accounts` tells: made, activated, deleted
verdicts   what `documents` tells: settled, refused with a deadline
window     the end of the window, for one and for many
acts       an officer's acts on one candidature
sessions   the calendar: installed once, moved by an officer
"""

"""Whose upload a gateway turned away (decision 0012): the fault on each candidate's row.

addresses  pure: which piece an address names
uploads    what this service makes of the lines that the chassis reads; the verdicts that wait for them
"""

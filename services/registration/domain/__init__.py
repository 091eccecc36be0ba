"""The rules of the notice and of ours, pure: no clock, no database, no text of a page.

form, modalities, text
                 what a candidate fills in; checks needs the configuration too
rules            the configuration’s shape (services/registration/data)
eligibility      R7; checklist: the pieces due and why
candidature      the row and what it may become; saving, outcome, acts, window are its transitions
life             when the clock should ask again
"""

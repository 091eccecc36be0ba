"""The use cases of accounts. Each owns one transaction: state change and outbox row together.

Where an answer must not tell whether an address has an account, known and unknown addresses cost the same
password hashing and the same number of statements.
"""

"""The use cases of accounts. Each owns one transaction: state change and outbox row together.

Where an answer must not tell whether an address has an account, known and unknown addresses cost the same
password hashing, the same number of statements and a commit that writes.
"""

"""What can go wrong, a file for each family.

Each has `plan(chance, timeline)`, which draws the strikes of one round from its seed, and
`strike(stage, strike)`, which makes one happen and returns when it is over.
"""

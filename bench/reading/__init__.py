"""How well signed confirmations are read back: a seeded corpus of pages and the rates on it.

`python -m bench.reading --seed 1 --pages 300`; the figures are in docs/reading.md.

sheets    the confirmations that are printed
pens      what is written on them
capture   how they become a file
corpus    all of it for a seed
"""

"""How well signed confirmations are read back: a seeded corpus of pages and the rates on it.

`python -m bench.reading --seed 1 --pages 100`, or `--signed --pages 300` for signed pages alone; the
figures are in docs/reading.md.

sheets       the confirmations that are printed
pens         what is written on them
capture      how they become a file
corpus       all of it for a seed
distortions  the rates by what was done to a page
"""

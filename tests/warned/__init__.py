"""Whom nobody warned, on the whole running house: held, and nobody else."""

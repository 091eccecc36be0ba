"""Nothing lost, nothing twice, judged justly: proven under faults.

- `__main__`: `make faults`, the rounds that were asked for, one after the other, and the matrix
- `conductor`: one round, that is a session, its lives, its strikes, its judgement
- `rows`, `injectors`: what each row of the matrix draws from a seed, and what makes it happen
- `stage`, `supervisor`: the running stack with a mail server and a small disk; who starts again what died
- `ledger`: the witness, a process of its own, which knows nothing of the rest
"""

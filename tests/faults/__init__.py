"""Nothing lost, nothing twice, judged justly: proven under faults.

    __main__    `make faults`: the rounds that were asked for, one after the other, and the matrix
    conductor   one round: a session, its lives, its strikes, its judgement
    rows        what each row of the matrix draws from a seed        injectors   what makes it happen
    stage       the running stack, a mail server and a small disk    supervisor  starts again what died
    ledger      the witness, a process of its own, which knows nothing of the rest
"""

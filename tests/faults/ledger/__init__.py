"""The independent witness: plays lives against the HTTP API, writes down what it was told, and audits.

    rounds     what the conductor says of a round: addresses, the session's calendar, the faults
    plans      what a plan is                      stories    how each kind of life goes
    lives      plans drawn by a seed               forms      the forms they fill in
    papers     the files they upload               mailbag    the mails that reached them
    wire       requests that httpx cannot make     client     one candidate's requests, each retried
    record     every request, before it is sent and after its answer, as lines of JSON
    candidate  plays one plan                      player     plays a round's
    model      the reference model of the domain page, pure: what an acknowledgement obliges to
    answers    which answers no state of the world justifies, pure
    audit/     one look for each place where the truth may be, and the judgement

It is a process of its own and imports nothing of the product, nor of the other tests: what it knows of the
API is in docs/api-client.md and docs/openapi, of the tables in the migrations.
"""

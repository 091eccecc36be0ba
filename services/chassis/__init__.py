"""What every service needs, and no rule of any of them (the 'microservice chassis' pattern).

settings     typed settings from the environment
clock        the database's clock, replaceable in tests
database     asyncpg pool and transactions; sql loads named SQL
outbox, relay, inbox, consumer, dead_letters, kafka
             how a fact travels (architecture page)
identity     signed one-minute tokens: issue, verify
peers        calling another service's /internal routes
entry        `python -m <module> <role>`
requests     ASGI middleware: arrival instant, identity, body size, cross-site refusal
tracing      ASGI middleware: one span for each request
problems     RFC 9457 problem details and their French page
http         the FastAPI application factory; serving runs it on granian
temporal     the Temporal client and workers
worker       a process of relay, consumers and Temporal activities
readiness, telemetry
"""

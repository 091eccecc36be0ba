"""The demo: a compressed session played through the public HTTP API by candidates with real files.

calendar   the demo session's calendar (48 h become tens of seconds)
papers     the files candidates upload: signed confirmation, scans, a PDF of several pages
visitor    a candidate's HTTP client: everything goes through the gateway
players    who plays what, and what the notice says must come out
stage      runs the players, and the live display
pages      the pages to open while the stack runs
report     the final table and `.local/demo.json`

It imports nothing of the services: it knows what a front end written by somebody else would know.
"""

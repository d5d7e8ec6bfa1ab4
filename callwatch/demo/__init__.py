"""The stand-in portal: a real HTTP server on loopback that answers, and fails, like the portal's search API.

    server.py       StandIn: starts, stops, remembers what was asked
    portal.py       what is answered to a request, without any socket
    asked.py        a request as the portal reads it (multipart parts with their own content types)
    query.py        the query language, compiled into a predicate
    order.py        sorting, with ties that are reshuffled where the portal reshuffles them
    index.py        the rows, encoded once
    facets.py       the facet API
    knobs.py        bad days, to be switched on while it runs
    hostile.py      items no portal should send
    nextday.py      the next day of any list of records
    grow.py         any sample grown to any size, for measurements
    items.py        small hand-made items, for tests
    files.py        records from a file
    sample.py       the hand-written sample that `callwatch demo` harvests

Run it alone: `python -m callwatch.demo --port 8899`.
"""

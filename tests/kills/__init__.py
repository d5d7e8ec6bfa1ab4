"""SIGKILL at random moments of everything that callwatch runs, and what is left of it: `make kills`.

One module for each victim: `telling` (plan and deliver), `harvest`, `scheduler` (run and tick), `workers` (a
cluster). Each lets a portal or its calls change in waves, kills real commands meanwhile, and compares what is
there in the end with a twin that nobody disturbs.
"""

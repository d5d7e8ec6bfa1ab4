"""Past one machine: the jobs of callwatch spread over workers, which RabbitMQ wakes up. Extra `cluster`.

The store decides what is due, running and done; a message on the broker only says that it is worth looking. Lost
messages are sent again by the next sweep, doubled ones find nothing to do.
"""

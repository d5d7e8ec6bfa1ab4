"""The names of what a worker can do: each a queue, and a task."""

HARVEST, PLAN, DELIVER = "harvest", "plan", "deliver"
QUEUES = (HARVEST, PLAN, DELIVER)

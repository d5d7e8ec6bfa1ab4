"""A cluster for real: RabbitMQ and PostgreSQL on loopback, workers as processes. `make test-cluster`."""

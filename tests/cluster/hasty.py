"""`callwatch` with short leases, so that a test need not wait ten minutes for what a killed worker held."""

from __future__ import annotations

from datetime import timedelta

LEASE, MARGIN = timedelta(seconds=8), timedelta(seconds=3)


def main() -> None:
    """As the command line."""
    from alerts import attempt, deliver
    from callwatch.cli import main as whole

    attempt.LEASE = deliver.LEASE = LEASE
    attempt.MARGIN = deliver.MARGIN = MARGIN
    whole()


if __name__ == "__main__":
    main()

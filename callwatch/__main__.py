"""`python -m callwatch` is the `callwatch` command."""

from callwatch.cli import main

if __name__ == "__main__":
    main()

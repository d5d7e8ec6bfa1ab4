"""The fork server of tests/harvest with what a tick needs loaded, and the shipped profiles read once."""

from __future__ import annotations

from typing import Any

from tests.harvest import zygote

LOADED_ONCE = (
    "alerts.channels.email", "alerts.channels.file", "alerts.deliver", "alerts.plan", "alerts.render",
    "callwatch.cli", "callwatch.ops", "callwatch.readers", "callwatch.telling", "callwatch.ticking", "holidays",
)  # fmt: skip
SHIPPED: dict[str, Any] = {}


def shipped(_: Any) -> None:
    """Profiles and programmes are those that callwatch comes with; they need not be read again."""
    from callwatch.wiring import Wiring

    for name, value in SHIPPED.items():
        setattr(Wiring, name, value)


if __name__ == "__main__":
    from callwatch.wiring import Wiring

    read = Wiring()
    SHIPPED.update({name: getattr(read, name) for name in ("profiles", "classifier", "programmes")})
    zygote.LOADED_ONCE += LOADED_ONCE
    zygote.TAMPER["shipped"] = shipped
    zygote.main()

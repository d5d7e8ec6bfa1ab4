"""What the YAML of every portal says of pace and sizes, and of what a harvest must show to be believed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from pipeline.source_forms import Name, Positive, Seconds, Share
from pipeline.yaml_data import Strict


class Retry(Strict):
    """How often a request is sent again, and the pause before: `first` seconds, then twice as long each time.

    A Retry-After of the portal counts instead; no pause is longer than `longest`.
    """

    times: Annotated[int, Field(ge=0, le=10)]
    first: Seconds
    longest: Seconds


class Requests(Strict):
    """How politely, how long and how much is fetched; `hosts` are the only ones a request may go to."""

    hosts: tuple[Name, ...] = Field(min_length=1)
    delay: Seconds
    longest_delay: Seconds
    concurrency: Annotated[int, Field(gt=0, le=8)]
    timeout: Annotated[float, Field(gt=0)]
    redirects: Annotated[int, Field(ge=0, le=5)]
    body_mib: Positive
    item_kib: Positive
    retry: Retry


class Bounds(Strict):
    """Below these a harvest is not believed: number of calls, loss against what is usual, share that has a field.

    `usual_since`: the day on which the portal changed; harvests before it do not tell what is usual.
    """

    min_items: Annotated[int, Field(ge=0)]
    drop: Share = 0.4
    fill: dict[str, Share]
    usual_since: date | None = None

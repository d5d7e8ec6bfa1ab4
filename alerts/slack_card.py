"""One call as Slack blocks: a card with all facts and its buttons, or one line among others. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from alerts import buttons
from alerts.card import ItemView
from alerts.links import Action, Bearer, Links
from alerts.message import Item
from alerts.slack_text import cut, escape, fitting, link, packed, weight
from alerts.wording import Wording

ROOM = 2_800
"""Weight of one text. Slack allows 3,000 characters."""
CARD = 6_000
"""Weight of a card's text, which may take several blocks. Only a hostile portal fills it."""
PAGES, ADDRESS = 2_500, 250
"""Weight of the lines that name other pages, and characters of an address that is linked there."""
ACTIONS = 750
"""Bytes set aside for what a reader may do to a call that shares its post with others, whether that is offered or
not: its place must not hang on that. What is longer is left out there."""
ALONE = 2_000
"""The same where the call has the post for itself."""
LIGHTS = {"alarm": "🔴", "later": "🟠", "fresh": "🟢", "soon": "🟡", "plain": "⚪"}

Block = dict[str, Any]


class Offer(NamedTuple):
    """What a reader may do to a call: by buttons, if `listened` to somebody hears them, else by `links`."""

    words: Wording
    bearer: Bearer
    links: Links = Links()
    listened: bool = False


def size(blocks: Sequence[Block]) -> int:
    """Bytes of `blocks` as they are sent: JSON with every character beyond ASCII written as an escape."""
    return len(json.dumps(list(blocks)))


def section(text: str) -> Block:
    """A block of text."""
    return {"type": "section", "text": mrkdwn(text)}


def mrkdwn(text: str) -> Block:
    """Text in which nothing is parsed but our own marks."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def card(item: ItemView, heading: str = "") -> list[Block]:
    """The call with all its facts, below the heading of its section where it is the first there."""
    lines = [f"*{escape(heading)}*"] if heading else []
    lines += [*fitting(_facts(item), CARD), *_pages(item)]
    return [section(text) for text in packed(lines, ROOM)]


def line(item: ItemView) -> str:
    """The call in one line."""
    return f"• {link(item.url, item.line_title, 400)} – {cut(escape(item.line), 500)}"


def actions(item: Item, offer: Offer, *, alone: bool) -> list[Block]:
    """What the reader may do, below the card: buttons, or in a post with other calls a line of links, which takes
    less room. Nothing if nothing would come of it, or if it is longer than is set aside."""
    wanted = [action for action in Action if not (item.followed and action is Action.FOLLOW)]
    if not offer.listened and not offer.links.act(Action.MUTE, item.call_id):
        return []
    if alone or offer.listened:
        block = {"type": "actions", "elements": [_button(action, item.call_id, offer) for action in wanted]}
    else:
        links = (_link(action, item.call_id, offer) for action in wanted)
        block = {"type": "context", "elements": [mrkdwn(" · ".join(links))]}
    return [block] if size([block]) <= (ALONE if alone else ACTIONS) else []


def _facts(item: ItemView) -> Iterator[str]:
    badge = f"{LIGHTS[item.tone]} *{escape(item.badge)}*" if item.badge else ""
    if badge or item.left:
        yield " · ".join(filter(None, (badge, escape(item.left))))
    yield link(item.url, item.title, 1200) + (f" ({escape(item.note)})" if item.note else "")
    yield from map(escape, item.changes)
    for fact in item.facts:
        yield f"*{escape(fact.label)}:* {escape(fact.value)}"


def _pages(item: ItemView) -> Iterator[str]:
    """Other pages about the call, as many kinds as there is room for: a link must not be cut."""
    room = PAGES
    for sources in item.sources:
        pages = [link(url if len(url) <= ADDRESS else "", name, 200) for name, url in sources.pages]
        whole = f"*{escape(sources.label)}:* " + ", ".join(filter(None, (*pages, escape(sources.more))))
        room -= weight(whole)
        if room >= 0:
            yield whole


def _button(action: Action, call_id: str, offer: Offer) -> Block:
    words = {"type": "plain_text", "text": _label(action, offer.words)}
    button = {"type": "button", "text": words, "action_id": buttons.action_id(action)}
    if offer.listened:
        return {**button, "value": buttons.value(offer.bearer, call_id)}
    return {**button, "url": offer.links.act(action, call_id)}


def _link(action: Action, call_id: str, offer: Offer) -> str:
    return f"<{escape(offer.links.act(action, call_id))}|{escape(_label(action, offer.words))}>"


def _label(action: Action, words: Wording) -> str:
    labels = {
        Action.MUTE: words.t("Mute"),
        Action.FOLLOW: words.t("Follow"),
        Action.IRRELEVANT: words.t("Not relevant"),
    }
    return labels[action]

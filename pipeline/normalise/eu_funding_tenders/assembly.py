"""All rows of one call -> the call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.harvest import Issue, Role
from pipeline.models import Call, Kind, Link
from pipeline.normalise import Document, Programmes
from pipeline.normalise.eu_funding_tenders import budget, facts, news, prose, schedule
from pipeline.normalise.eu_funding_tenders.identity import identify, kind_of, number_of
from pipeline.normalise.eu_funding_tenders.row import Row
from pipeline.normalise.shared import Notes, decode, gist, mappings, quoted
from pipeline.text import clean

PORTAL = "eu_funding_tenders"


def assemble(documents: Sequence[Document], codes: Programmes) -> tuple[Call | None, list[Issue]]:
    """One call from all its documents, and what was odd about them; never raises.

    The fullest English row of the newest generation is believed, else the Swedish, else any; the best row of each
    other language is a translation. No call, with an Issue, if there is only a stub or no title; news alone (of
    calls that were not harvested) give neither.
    """
    rows, issues = _rows(documents)
    calls = sorted((row for row in rows if not row.is_news), key=lambda row: row.rank, reverse=True)
    if not calls:
        return None, issues
    primary = calls[0]
    notes = Notes(primary.identity.call_reference)
    for row in rows:
        if row.identity.call_reference != notes.reference:
            notes.add("identifier", f"a row of {quoted(row.identity.call_reference)} was left out")
    others = [row for row in calls[1:] if row.identity.call_reference == notes.reference]
    news_rows = [row for row in rows if row.is_news and row.identity.call_reference == notes.reference]
    call = _call(primary, others, news_rows, codes, notes)
    return call, [*issues, *notes.issues]


def _rows(documents: Sequence[Document]) -> tuple[list[Row], list[Issue]]:
    rows, issues = [], []
    for document in documents:
        try:
            item = decode(document.body)
        except ValueError as error:
            issues.append(Issue("", "body", f"not JSON ({quoted(str(error))}); the document was skipped"))
            continue
        identity = identify(item)
        if isinstance(identity, Issue):
            issues.append(identity)
        elif identity.role is not Role.GHOST:
            rows.append(Row(item, identity))
    return rows, issues


def _call(
    primary: Row, others: Sequence[Row], news_rows: Sequence[Row], codes: Programmes, notes: Notes
) -> Call | None:
    kind = kind_of(primary.meta, primary.identity.document.split("|")[1])
    title = prose.title(primary, kind)
    if not title:
        notes.add("title", "missing; there is no call without one")
        return None
    if primary.is_stub:
        notes.add("status", "only a stub without status and text; the fuller row was not harvested")
        return None
    identifier = clean(primary.one("identifier"), 200) or notes.reference
    abbreviation, name = facts.programme(primary, codes, notes)
    text, html = prose.as_text_and_html(prose.description(primary, kind))
    conditions, conditions_html = prose.as_text_and_html(primary.all("topicConditions"))
    titles, texts = _translations(primary, others, kind, title, text)
    return Call(
        portal=PORTAL,
        reference=notes.reference,
        identifier=identifier,
        kind=kind,
        title=title,
        language=primary.identity.language,
        url=facts.page(kind, notes.reference, identifier),
        programme=abbreviation,
        programme_name=name,
        titles=titles,
        text=text,
        texts=texts,
        html=html,
        conditions=conditions,
        conditions_html=conditions_html,
        applicants=prose.applicants(conditions, text),
        keywords=prose.keywords(primary),
        latest=news.latest(primary, news_rows, notes),
        portal_status=facts.status(primary, notes),
        sources=tuple(sorted(row.identity.document for row in (primary, *others, *news_rows))),
        **_money_and_time(primary, kind, notes),
        **_family(primary, kind, notes),
    )


def _money_and_time(row: Row, kind: Kind, notes: Notes) -> dict[str, Any]:
    actions = mappings(row.tree("actions", notes)) if kind is Kind.TOPIC else []
    table = budget.lines_by_topic(row, notes) if kind is Kind.TOPIC else {}
    own = budget.own_lines(row, table, notes)
    repeated = [*actions, *own]
    model = schedule.deadline_model(row, repeated, notes)
    topic = kind is Kind.TOPIC
    return {
        "type_of_action": facts.type_of_action(row, actions),
        "deadline_model": model,
        "deadlines": schedule.deadlines(row, kind, repeated, model, notes),
        "opens_at": schedule.opens_at(row, kind, repeated, notes),
        "budget": budget.topic_budget(own, table, notes) if topic else budget.plain_budget(row, kind, notes),
    }


def _family(row: Row, kind: Kind, notes: Notes) -> dict[str, Any]:
    """What the call belongs to. A cascade row's identifier, title and ccm2Id are those of its parent topic."""
    links = prose.links(row, notes)
    if kind is Kind.CASCADE:
        project = clean(row.one("projectAcronym") or row.one("projectName"), 200)
        parent = clean(row.one("identifier"), 200)
        return {"parent": parent, "project": project, "call_title": _clean(row, "title"), "links": links}
    if kind is Kind.EXTERNAL_ACTION:
        official = Link(f"{facts.OFFICIAL_TEXT}{number_of(notes.reference)}", "Official text")
        return {"call_identifier": _clean(row, "callIdentifier"), "links": (official, *links)}
    ccm2 = clean(row.one("ccm2Id"), 40)
    return {
        "call_identifier": _clean(row, "callIdentifier"),
        "call_title": _clean(row, "callTitle"),
        "witnesses": (f"ccm2:{ccm2}",) if ccm2 else (),
        "links": links,
    }


def _clean(row: Row, key: str) -> str:
    return clean(row.one(key), prose.LONGEST_TITLE)


def _translations(
    primary: Row, others: Sequence[Row], kind: Kind, title: str, text: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Titles and texts in other languages, where they are translated: older copies repeat the English.

    `others` come best first.
    """
    best: dict[str, Row] = {}
    for row in others:
        if row.identity.language != primary.identity.language:
            best.setdefault(row.identity.language, row)
    titles = {language: prose.title(row, kind) for language, row in sorted(best.items())}
    texts = {language: prose.as_text(prose.description(row, kind)) for language, row in sorted(best.items())}
    return (
        {language: other for language, other in titles.items() if gist(other) not in (gist(title), "")},
        {language: other for language, other in texts.items() if other not in (text, "")},
    )

"""What each field of a row becomes, and what is said of values that are not understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.models import Link
from tests.portals.eu_funding_tenders.rows import TOPIC, assembled, fields_of, line, table, topic

PAGES = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities"


@pytest.mark.parametrize(
    ("meta", "field", "value", "complaints"),
    [
        ({"frameworkProgramme": "HORIZON"}, "programme_name", "Horizon Europe", []),
        ({"frameworkProgramme": ["1", "43108390"]}, "programme", "HORIZON", []),
        ({"frameworkProgramme": "50000000"}, "programme", "", ["frameworkProgramme"]),
        ({"frameworkProgramme": None}, "programme", "", ["frameworkProgramme"]),
        ({"status": "31094501"}, "portal_status", "forthcoming", []),
        ({"status": "31094503"}, "portal_status", "closed", []),
        ({"status": "310945031"}, "portal_status", "closed", []),
        ({"status": "99999998"}, "portal_status", "", ["status"]),
        ({"status": None}, "portal_status", "", ["status"]),
        ({"title": "a\x00\u202e  b\n" + "c" * 600}, "title", "a b " + "c" * 495 + "…", []),
        ({"typesOfAction": ["A  B", "C", "a b"]}, "type_of_action", "A B; C", []),
        ({"typesOfAction": None}, "type_of_action", "", []),
        ({"keywords": json.dumps([TOPIC, "Snow", "Ice", 5])}, "keywords", ("Snow", "Ice"), []),
        ({"keywords": "[broken"}, "keywords", (), []),
        ({"keywords": "[1"}, "keywords", (), []),
        ({"keywords": None}, "keywords", (), []),
        ({"ccm2Id": None}, "witnesses", (), []),
        ({"ccm2Id": 48000001}, "witnesses", ("ccm2:48000001",), []),
        ({"callTitle": True}, "call_title", "true", []),
        ({"callTitle": {"en": "nested"}}, "call_title", "", []),
        (
            {"links": json.dumps([{"url": "//x"}, {"url": "https://x.eu/"}])},
            "links",
            (Link("https://x.eu/"),),
            ["links"],
        ),
        ({"links": "nonsense"}, "links", (), ["links"]),
        ({"descriptionByte": None, "description": "plain"}, "text", "plain", []),
        (
            {"descriptionByte": '<SPAN class="topicdescriptionkind">ExpectedOutcome</SPAN>:<p>x</p>'},
            "text",
            "Expected Outcome:\nx",
            [],
        ),
        (
            {"topicConditions": "<p>So be it. Participation is limited to clusters. More.</p>"},
            "applicants",
            "Participation is limited to clusters.",
            [],
        ),
        (
            {"descriptionByte": "<p>Eligible applicants are towns; and so on</p>"},
            "applicants",
            "Eligible applicants are towns;",
            [],
        ),
        (
            {"descriptionByte": "<p>The call is open to all</p><p>x</p>"},
            "applicants",
            "The call is open to all",
            [],
        ),
    ],
)
def test_fields(meta: dict[str, Any], field: str, value: Any, complaints: list[str]) -> None:
    call, issues = assembled(topic(**meta))
    assert getattr(call, field) == value
    assert fields_of(issues) == complaints


def test_the_type_of_action_is_taken_from_the_actions_without_its_code() -> None:
    types = [{"typeOfAction": "HORIZON-RIA HORIZON  Research and Innovation Actions"}, {"typeOfAction": "Prize"}]
    call, _ = assembled(topic(typesOfAction=None, actions=json.dumps([{"types": types}])))
    assert call.type_of_action == "HORIZON Research and Innovation Actions; Prize"


def test_an_identifier_keeps_its_case_and_the_address_is_quoted() -> None:
    call, _ = assembled(topic(identifier="Erasmus+ a/b", budgetOverview=table(line("ERASMUS+ A/B"))))
    assert (call.identifier, call.reference) == ("Erasmus+ a/b", "ERASMUS+ A/B")
    assert call.url == f"{PAGES}/topic-details/ERASMUS+%20A%2FB"
    assert call.budget is not None

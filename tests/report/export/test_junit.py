"""The JUnit report, validated by the schema of Jenkins' xUnit plugin (MIT), which stands beside this file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from grader.report.export import EXPORTS

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit-10.xsd")))


def report(grades) -> etree._Element:
    root = etree.fromstring(EXPORTS["junit"](grades).files["junit.xml"].encode())
    SCHEMA.assertValid(root)
    return root


def test_the_schema_refuses_what_is_none():
    with pytest.raises(etree.DocumentInvalid):
        SCHEMA.assertValid(etree.fromstring("<testsuites><testcase name='x'/></testsuites>"))


def test_a_suite_per_hand_in_and_a_case_per_criterion(grades):
    root = report(grades)
    assert [suite.get("name") for suite in root] == ["ada", "bob", "cy", "dan", "eve"]
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "9", "failures": "3", "errors": "1",
    }  # fmt: skip
    ada, _, cy, dan, _ = root
    assert {p.get("name"): p.get("value") for p in ada.find("properties")}["points"] == "9"
    assert [case.get("classname") for case in ada.findall("testcase")] == ["hw4.q1", "hw4.q1"]
    assert ada.find("testcase/system-out").text == "4 of 4 points"
    assert (cy.get("skipped"), cy.get("failures")) == ("1", "0")
    assert dan.find("testcase/error").get("message") == "broken JSON"


def test_control_characters_make_no_broken_file(grades):
    hostile = "\x00\x1b[31m]]>&<x>\ud800\ufffe"
    changed = replace(grades[0], student=hostile, submission="ada", problem=f"{hostile} broke")
    root = report([changed])
    assert "]]>&<x>" in root.find(".//error").text

"""Verdicts as JUnit XML, which CI systems show beside the tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from service.cli.expectations import Verdict

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(verdicts: Iterable[Verdict], path: Path) -> None:
    """Write one test case for each expectation, one test class for each article.

    Raises:
        OSError: the file cannot be written.
    """
    suite = Element("testsuite", name="enrich check")
    tests = failures = 0
    for verdict in verdicts:
        tests += 1
        case = SubElement(
            suite, "testcase", classname=_xml(verdict.source), name=_xml(verdict.expected)
        )
        if verdict.actual is not None:
            failures += 1
            SubElement(case, "failure", message=_xml(verdict.actual))
    suite.set("tests", str(tests))
    suite.set("failures", str(failures))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    ElementTree(root).write(path, "utf-8", xml_declaration=True)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

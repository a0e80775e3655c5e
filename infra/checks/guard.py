"""Runs the Guard rules in infra/rules over an installation.

Guard skips a rule that finds nothing to judge, or that can't follow a path in one of many resources,
and reports success. So all templates are judged as one document, in which every rule must find
something, and a rule that was skipped is a complaint like any other.
"""

import json
import re

# Not the package's `run_checks`, nor the short report that it reads: of that one, Guard 3.0.1 returns
# only what comes after the last full 8 KB. The long report is whole.
from cfn_guard_rs.cfn_guard_rs import run_checks_rs

from templates import DIRECTORY, NothingToCheck

RULES = DIRECTORY / "rules"


def checks():
    """Each rule as a function from an installation to complaints, by the rule's name."""
    found = {}
    for path in sorted(RULES.glob("*.guard")):
        text = path.read_text()
        for rule in re.findall(r"^rule (\w+)", text, re.MULTILINE):
            name = rule.replace("_", "-")
            if name in found:
                raise ValueError(f"{path.name}: there are two rules {rule}")
            found[name] = _check(rule, text)
    if not found:
        raise NothingToCheck(f"there is no rule in {RULES.name}")
    return found


def _check(rule, text):
    def judge(installation):
        report = json.loads(run_checks_rs(_as_one_document(installation), text, True))
        [judged] = [node for node in report["children"] if _content(node).get("name") == rule]
        status = _content(judged)["status"]
        if status == "SKIP":
            return ["skipped: no template has what the rule is about"]
        complaints = list(dict.fromkeys(_complaints(judged)))
        if (status == "PASS") == bool(complaints):
            raise ValueError(f"{rule}: Guard says {status}, its report says {complaints}")
        return complaints

    return judge


def _as_one_document(installation):
    return json.dumps(
        {
            section: {
                f"{template}: {name}": body
                for template, content in installation.templates.items()
                for name, body in content.get(section, {}).items()
            }
            for section in ("Parameters", "Resources")
        }
    )


def _content(node):
    """What the report says of a rule, a block or a clause: a verdict, or a table with it inside."""
    (content,) = node["container"].values()
    return content


def _complaints(node):
    """One line for each clause that failed and has a message: where, and the message."""
    if node["children"]:
        for child in node["children"]:
            if not re.search("Filter|Condition", "".join(child["container"])) and _failed(_content(child)):
                yield from _complaints(child)
        return
    text = json.dumps(_content(node))
    place = re.search(r"/(?:Resources|Parameters)/([^/\[\"]+)", text)
    message = re.search(r'"custom_message": "([^"]+)"', text)
    if place and message:
        yield f"{place[1]}: {message[1].strip()}"


def _failed(content):
    if isinstance(content, str):
        return content == "FAIL"
    if "status" in content:
        return content["status"] == "FAIL"
    return any(_failed(inner) for inner in content.values() if isinstance(inner, dict))

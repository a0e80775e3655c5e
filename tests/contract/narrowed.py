"""The document with a narrower verdict: all that one may name is asked for. What alternatives a verdict has, beside
those that every event has, is more than the generator of requests works out."""

import json
import sys

NAMED = ["outcome", "reason", "service", "version", "occurredAt"]


def verdict(conditional):
    """What is asked of a verdict, somewhere below this conditional."""
    if conditional.get("if", {}).get("properties", {}).get("type", {}).get("const") == "verdict":
        return conditional["then"]
    return verdict(conditional["else"]) if "else" in conditional else None


document = json.load(open("../../docs/openapi.json", encoding="utf-8"))
found = [verdict(one) for one in document["components"]["schemas"]["Event"]["allOf"]]
[asked] = [one for one in found if one is not None]
asked["allOf"] = [{"required": NAMED, "properties": {name: {"not": {"type": "null"}} for name in NAMED}}]
json.dump(document, sys.stdout)

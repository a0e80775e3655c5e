"""The document with a narrower verdict: all that one may name is asked for. What alternatives a verdict has, beside
those that every event has, is more than the generator of requests works out."""

import json
import sys

NAMED = ["outcome", "reason", "service", "version", "occurredAt"]


def of_type(name, conditional):
    """What is asked of events of a type, somewhere below this conditional."""
    if conditional.get("if", {}).get("properties", {}).get("type", {}).get("const") == name:
        return conditional["then"]
    return of_type(name, conditional["else"]) if "else" in conditional else None


def asked_of(name):
    found = [of_type(name, one) for one in document["components"]["schemas"]["Event"]["allOf"]]
    [asked] = [one for one in found if one is not None]
    return asked


def without_note(schema):
    if isinstance(schema, dict):
        return {key: without_note(value) for key, value in schema.items()}
    return [without_note(one) for one in schema if one != "note"] if isinstance(schema, list) else schema


document = json.load(open("../../docs/openapi.json", encoding="utf-8"))
asked_of("verdict")["allOf"] = [{"required": NAMED, "properties": {name: {"not": {"type": "null"}} for name in NAMED}}]

# One more type is more than it works out too. Notes have tests of their own.
event = document["components"]["schemas"]["Event"]
for one in event["allOf"]:
    if one.get("else", {}).get("if", {}).get("properties", {}).get("type", {}).get("const") == "note":
        del one["else"]
event["properties"]["type"] = without_note(event["properties"]["type"])
json.dump(document, sys.stdout)

"""The document with a narrower verdict: all that one may name is asked for. What alternatives a verdict has, beside
those that every event has, is more than the generator of requests works out."""

import json
import sys

NAMED = ["outcome", "reason", "service", "version", "occurredAt"]


def is_of(name, conditional):
    return conditional.get("if", {}).get("properties", {}).get("type", {}).get("const") == name


def of_type(name, conditional):
    """What is asked of events of a type, somewhere below this conditional."""
    if is_of(name, conditional):
        return conditional["then"]
    return of_type(name, conditional["else"]) if "else" in conditional else None


def asked_of(name):
    found = [of_type(name, one) for one in document["components"]["schemas"]["Event"]["allOf"]]
    [asked] = [one for one in found if one is not None]
    return asked


def without(name, conditional):
    """This conditional without the one below it that is of a type."""
    below = conditional.get("else", {})
    if is_of(name, below):
        below = below.get("else", {})
        conditional = {key: value for key, value in conditional.items() if key != "else"}
        return conditional | {"else": below} if below else conditional
    return conditional | {"else": without(name, below)} if below else conditional


def without_word(word, schema):
    if isinstance(schema, dict):
        return {key: without_word(word, value) for key, value in schema.items()}
    return [without_word(word, one) for one in schema if one != word] if isinstance(schema, list) else schema


document = json.load(open("../../docs/openapi.json", encoding="utf-8"))
asked_of("verdict")["allOf"] = [{"required": NAMED, "properties": {name: {"not": {"type": "null"}} for name in NAMED}}]

# More types are more than it works out too. Notes and observations have tests of their own.
event = document["components"]["schemas"]["Event"]
for left_out in ("note", "observation"):
    event["allOf"] = [without(left_out, one) for one in event["allOf"]]
    event["properties"]["type"] = without_word(left_out, event["properties"]["type"])
json.dump(document, sys.stdout)

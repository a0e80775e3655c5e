"""What requests must have that a static document can't say."""

import os
import unicodedata
from datetime import datetime, timezone

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

FIRST = datetime(1970, 1, 2)
# Events must not lie in the future.
LAST = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
# Whether requests are made of the document that narrowed.py makes.
NARROWED = "NARROWED" in os.environ

schemathesis.openapi.format(
    "date-time",
    st.datetimes(min_value=FIRST, max_value=LAST).map(lambda time: time.isoformat(timespec="milliseconds") + "Z"),
)


def assigned(value):
    """A value without characters that no version of Unicode up to now has: a name can't have them, and a pattern
    can't name them all."""
    if isinstance(value, str):
        return "".join("x" if unicodedata.category(c) == "Cn" else c for c in value)
    if isinstance(value, list):
        return [assigned(item) for item in value]
    if isinstance(value, dict):
        return {assigned(name): assigned(item) for name, item in value.items()}
    return value


def is_right(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


@schemathesis.hook
def map_case(context, case):
    if is_right(case):
        case.query = assigned(case.query)
        case.body = assigned(case.body)
        case.path_parameters = assigned(case.path_parameters)
    return case


@schemathesis.hook
def filter_case(context, case):
    # An id with the name of a route leads to that route.
    id = str((case.path_parameters or {}).get("deploymentId", ""))
    if id == "active" or id.rsplit("/", 1)[-1] in ("events", "verify"):
        return False
    # A path with such a part is another path.
    if str((case.path_parameters or {}).get("release", "")) in (".", ".."):
        return False
    if not is_right(case):
        # What a narrowed verdict (narrowed.py) does not have, a verdict can do without.
        return not (NARROWED and isinstance(case.body, dict) and case.body.get("type") == "verdict")
    query = case.query or {}
    # A cursor is bound to its query; only the server can make one.
    if "cursor" in query:
        return False
    # A name has at most 384 bytes, which a schema can't say.
    if any(len(str(query.get(name, "")).encode()) > 384 for name in ("environment", "service")):
        return False
    # A window must not end before it begins.
    if "from" in query and "to" in query and query["from"] > query["to"]:
        return False
    # Settings are asked for by a time or by a version.
    if "asOf" in query and "version" in query:
        return False
    body = case.body
    if isinstance(body, dict):
        # Payloads of other tools are described by their own specifications.
        if {"context", "specversion", "event_type"} & body.keys():
            return False
        # Metadata has bounds on its size, depth and numbers; those have tests of their own.
        if body.get("metadata"):
            return False
    return True

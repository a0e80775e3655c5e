"""The API through its address: who may call it, and what it answers through API Gateway."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from conftest import WEBHOOK_SECRETS

from calling import call

EVENTS = Path(__file__).parents[2] / "events"
ROUTES = [
    ("POST", "/v1/events"),
    ("GET", "/v1/deployments"),
    ("GET", "/v1/deployments/active"),
    ("GET", "/v1/deployments/anything/at/all"),
    ("GET", "/v1/incidents"),
    ("GET", "/v1/live"),
    ("GET", "/v1/metrics"),
    ("GET", "/v1/catalog"),
    ("GET", "/v1/rejected"),
    ("GET", "/openapi.json"),
    ("GET", "/"),
    ("GET", "/no-such-route"),
    ("GET", "/live"),
    ("GET", "/deployments/anything/at/all"),
    ("POST", "/record"),
    ("DELETE", "/v1/events"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_signature_nothing_is_answered(installation, method, path):
    answer = call(installation, method, path, signed_by=None)
    assert (answer.status, answer.body) == (403, {"message": "Forbidden"})


def test_health_is_open(installation):
    answer = call(installation, "GET", "/healthz", signed_by=None)
    assert (answer.status, answer.body) == (200, {"status": "ok"})


def send(installation, tool, body, headers):
    """A webhook as the tool sends it: signed by nobody whom AWS knows."""
    return call(installation, "POST", f"/v1/webhooks/{tool}", body, signed_by=None, headers=headers)


def as_recorded(answer):
    """What says that it was recorded, and how the deployment stands now."""
    return answer.status, answer.body.get("outcome"), answer.body.get("status")


def test_a_webhook_proves_itself_by_its_own_signature(installation):
    body = (EVENTS / "github" / "deployment_status.success.json").read_bytes()
    signature = "sha256=" + hmac.new(WEBHOOK_SECRETS["github"].encode(), body, hashlib.sha256).hexdigest()

    def signed(signature):
        headers = {"X-GitHub-Event": "deployment_status", "X-Hub-Signature-256": signature}
        return send(installation, "github", body, headers)

    refused = signed(signature[:-1] + ("0" if signature[-1] != "0" else "1"))
    assert (refused.status, refused.headers["content-type"]) == (401, "application/problem+json")
    assert refused.body == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "X-Hub-Signature-256 is not the signature of this body",
        "instance": refused.body["instance"],
    }

    recorded = signed(signature)
    assert as_recorded(recorded) == (201, "recorded", "COMPLETED")


def test_gitlabs_webhook_proves_itself_by_any_of_its_tokens(installation):
    def gitlabs(number, token):
        deployment = {
            "object_kind": "deployment",
            "status": "success",
            "status_changed_at": "2026-02-10 09:15:00 +0100",
            "deployment_id": number,
            "deployable_id": 4711,
            "deployable_url": "https://gitlab.example.com/shop/cart/-/jobs/4711",
            "environment": "staging",
            "environment_tier": "staging",
            "project": {
                "id": 7,
                "name": "cart",
                "web_url": "https://gitlab.example.com/shop/cart",
                "namespace": "shop",
                "path_with_namespace": "shop/cart",
                "default_branch": "main",
            },
            "short_sha": "9fceb02d",
            "user": {"id": 1, "name": "Ada", "username": "ada"},
            "user_url": "https://gitlab.example.com/ada",
            "commit_url": "https://gitlab.example.com/shop/cart/-/commit/9fceb02d0ae598e95dc970b74767f19372d61af8",
            "commit_title": "Carts keep their order",
            "ref": "main",
        }
        headers = {"X-Gitlab-Event": "Deployment Hook"} | ({"X-Gitlab-Token": token} if token else {})
        return send(installation, "gitlab", deployment, headers)

    for number, token in enumerate(WEBHOOK_SECRETS["gitlab"], start=1):
        recorded = gitlabs(number, token)
        assert as_recorded(recorded) == (201, "recorded", "COMPLETED")
    for wrong in (None, "the-token-of-somebody", WEBHOOK_SECRETS["github"]):
        refused = gitlabs(3, wrong)
        assert (refused.status, refused.headers["content-type"]) == (401, "application/problem+json"), wrong


def test_a_webhook_without_a_proof_is_refused_whatever_the_tool(installation):
    for tool in WEBHOOK_SECRETS:
        assert send(installation, tool, {"any": "thing"}, {}).status == 401, tool


def test_what_is_posted_is_answered_everywhere(installation):
    reported = {"deploymentId": "api-1", "service": "api", "environment": "answered", "version": "7"}
    paths = {
        "status": "/v1/deployments/api-1",
        "trail": "/v1/deployments/api-1/events",
        "proof": "/v1/deployments/api-1/verify",
        "history": "/v1/deployments?environment=answered",
        "active": "/v1/deployments/active?environment=answered",
        "live": "/v1/live?environment=answered",
        "metrics": "/v1/metrics?environment=answered&hours=1",
    }

    def answers():
        found = {name: call(installation, "GET", path) for name, path in paths.items()}
        assert {answer.status for answer in found.values()} == {200}, found
        return {name: answer.body for name, answer in found.items()}

    posted = call(installation, "POST", "/v1/events", reported | {"status": "IN_PROGRESS"})
    assert (posted.status, posted.body) == (
        201,
        {
            "deploymentId": "api-1",
            "eventId": posted.body["eventId"],
            "sequence": 1,
            "outcome": "recorded",
            "status": "IN_PROGRESS",
        },
    )
    found = answers()
    assert found["status"] | reported == found["status"]
    assert (found["status"]["status"], found["status"]["eventCount"]) == ("IN_PROGRESS", 1)
    # A list's item has less than the deployment, and besides only what its landing changed.
    [active] = found["active"]["items"]
    assert found["status"] | active == found["status"]
    assert (found["active"]["nextCursor"], active["deploymentId"]) == (None, "api-1")
    [item] = found["history"]["items"]
    assert item.pop("change") is None
    assert found["status"] | item == found["status"]
    assert found["live"] == {"items": [], "nextCursor": None}
    assert set(found["metrics"]["deployments"].values()) == {0}

    ended = call(installation, "POST", "/v1/events", {"deploymentId": "api-1", "status": "COMPLETED"})
    assert (ended.status, ended.body["sequence"], ended.body["status"]) == (201, 2, "COMPLETED")
    found = answers()
    assert found["active"] == {"items": [], "nextCursor": None}
    [item] = found["history"]["items"]
    assert item.pop("change") == "forward"
    assert found["status"] | item == found["status"]
    [live] = found["live"]["items"]
    assert (live["service"], live["version"], live["deploymentId"]) == ("api", "7", "api-1")
    assert found["metrics"]["deployments"] == {"completed": 1, "failed": 0, "rolledBack": 0, "cancelled": 0}
    assert [(item["sequence"], item["event"]["status"]) for item in found["trail"]["items"]] == [
        (1, "IN_PROGRESS"),
        (2, "COMPLETED"),
    ]
    # Who reported it is who signed the request.
    assert {item["producer"] for item in found["trail"]["items"]} == {"arn:aws:iam::123456789012:root"}
    assert found["proof"]["intact"] is True
    assert (found["proof"]["events"], found["proof"]["problems"]) == (2, [])
    assert found["proof"]["headHash"] == found["trail"]["items"][1]["hash"]

    catalog = call(installation, "GET", "/v1/catalog").body
    assert "answered" in catalog["environments"]
    assert {"service": "api", "environments": ["answered"]} in catalog["services"]


def test_what_is_wrong_is_answered_with_each_field(installation):
    answer = call(installation, "POST", "/v1/events", {"deploymentId": "api-2", "enviroment": "staging"})
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert sorted(error["field"] for error in answer.body["errors"]) == ["enviroment", "status"]


def test_an_unknown_route_is_a_problem_that_says_where_to_look(installation):
    answer = call(installation, "GET", "/no-such-route")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "no such route; see GET /openapi.json",
        "instance": answer.body["instance"],
    }


def test_an_answer_that_is_known_is_not_sent_again(installation):
    first = call(installation, "GET", "/openapi.json")
    assert first.body == json.loads((EVENTS.parent / "docs" / "openapi.json").read_text())
    again = call(installation, "GET", "/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.text) == (304, "")

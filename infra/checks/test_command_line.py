"""What the command line signs, botocore signs just so: two implementations of SigV4 agree."""

import json
import re
import threading
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "eu-central-1"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>\d{8}/[^,]+), "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
KEYS = {
    "a user's keys": Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    "a role's": Credentials("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEB0aDK+/x=="),
}
CALLS = {
    "a path": ["active"],
    "a query in its order": ["live", "--service", "a", "--environment", "b", "--as-of", "2026-03-01T12:00:00Z"],
    "a query to be encoded": ["live", "--service", "größe a+b~c&d=e/f?g%20*'()", "--environment", "us east"],
    "an empty value": ["history", "--service", "", "--environment", "b"],
    "an id": ["status", "checkout-production-2.8.0"],
    "an id of other tools": ["status", "github:owner/repo@1.0:7"],
    "an id with what is no folder": ["status", "ecs-svc/./a/../b//c"],
    "the trail of an id": ["verify", "ecs-svc/123"],
    "a report": ["record", "--id", "ecs-svc/1", "--status", "failed", "--notes", "größe\n🚀 \"x\" \x7f"],
    "an empty report": ["record", "--id", "a", "--status", "pending"],
}

BROWSED = {
    "the front page": "/",
    "a name with a slash": "/services/a%2Fb%23c",
    "a name from right to left": "/services/%D7%A9%D7%9C%D7%95%D7%9D",
    "an id of other tools": "/deployments/github:owner/repo@1.0;x,!$&'()*",
    "an id with what is no folder": "/deployments/a%20b/%2E%2E/c%2520+",
    "parameters of a form": "/live?filter=a+b%20c&only=wrong&asOf=2026-03-01T12:00:00Z",
    "parameters in no order": "/compare?to=b&from=%D7%A9/%2B&to=a&&wall",
}

Sent = namedtuple("Sent", "method path headers body")


class Gateway(ThreadingHTTPServer):
    """Keeps what it is sent, as it came, and lets nobody through."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.sent = []
        self.answers = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.sent.append(Sent(self.command, self.path, dict(self.headers), body))
        status, tag, text = self.server.answers.pop(0) if self.server.answers else (403, None, '{"message":"Forbidden"}')
        self.send_response(status)
        if tag:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def gateway():
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def signed(command_line, gateway, keys, *words):
    """Calls it with these keys and words; returns what it sent, which the gateway refuses."""
    variables = {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key, "AWS_REGION": REGION}
    if keys.token:
        variables["AWS_SESSION_TOKEN"] = keys.token
    called = command_line(*words, "--auth", "iam", "--url", gateway.url, **variables)
    assert (called.code, called.stdout) == (4, ""), called
    assert keys.access_key in called.stderr and keys.secret_key not in called.stderr, called
    return gateway.sent


def signature(sent, keys, **changed):
    """How botocore signs the same request, with the same headers at the same time."""
    sent = sent._replace(**changed)
    headers = {name.lower(): value for name, value in sent.headers.items()}
    named = AUTHORIZATION.fullmatch(headers["authorization"])["headers"].split(";")
    request = AWSRequest(
        sent.method,
        f"http://{headers['host']}{sent.path}",
        headers={name: headers[name] for name in named},
        data=sent.body,
    )
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(keys, "execute-api", REGION)
    assert signer.signed_headers(signer.headers_to_sign(request)) == ";".join(named)
    return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("words", CALLS.values(), ids=CALLS)
def test_botocore_signs_the_same(command_line, gateway, keys, words):
    [sent] = signed(command_line, gateway, keys, *words)
    found = AUTHORIZATION.fullmatch(sent.headers["authorization"])
    assert found["key"] == keys.access_key
    assert found["scope"] == f"{sent.headers['x-amz-date'][:8]}/{REGION}/execute-api/aws4_request"
    signed_at = datetime.strptime(sent.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - signed_at) < timedelta(minutes=5), "AWS takes no other"
    # Who could put another host, time or role under a signature could use it for something else.
    required = {"host", "x-amz-date"} | ({"x-amz-security-token"} if keys.token else set())
    assert required <= set(found["headers"].split(";"))
    assert sent.headers.get("x-amz-security-token") == keys.token
    assert found["signature"] == signature(sent, keys)

    # What is signed is all of that: whatever is changed in it, the signature is another.
    assert found["signature"] != signature(sent, Credentials(keys.access_key, "another secret", keys.token))
    assert found["signature"] != signature(sent, keys, path=sent.path + "x")
    assert found["signature"] != signature(sent, keys, body=sent.body + b" ")
    assert found["signature"] != signature(sent, keys, method="PUT")


def test_a_question_asked_again_is_signed_with_its_entity_tag(command_line, gateway):
    deployment = {
        **{"deploymentId": "a", "service": "s", "environment": "e", "status": "IN_PROGRESS", "attempt": 1},
        **{"createdAt": "2026-03-01T12:00:00.000Z", "startedAt": "2026-03-01T12:00:00.000Z"},
        **{"updatedAt": "2026-03-01T12:00:00.000Z"},
        **{"links": {}, "stages": [], "eventCount": 1, "flags": []},
    }
    gateway.answers.append((200, '"a tag"', json.dumps(deployment)))
    keys = KEYS["a role's"]
    command_line(
        *("watch", "a", "--interval", "100ms", "--auth", "iam", "--url", gateway.url, "--output", "json"),
        AWS_ACCESS_KEY_ID=keys.access_key,
        AWS_SECRET_ACCESS_KEY=keys.secret_key,
        AWS_SESSION_TOKEN=keys.token,
        AWS_REGION=REGION,
    )
    tagged = [sent for sent in gateway.sent if sent.headers.get("if-none-match") == '"a tag"']
    assert tagged, gateway.sent
    for sent in gateway.sent:
        assert AUTHORIZATION.fullmatch(sent.headers["authorization"])["signature"] == signature(sent, keys)


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("target", BROWSED.values(), ids=BROWSED)
def test_botocore_signs_what_a_browser_asks_for_just_so(command_line, gateway, keys, target):
    variables = {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key, "AWS_REGION": REGION}
    if keys.token:
        variables["AWS_SESSION_TOKEN"] = keys.token
    gateway.answers.append((200, None, "{}"))
    browser = {
        **{"Accept": "text/html,  */*;q=0.8", "Accept-Encoding": "gzip", "Accept-Language": "de"},
        **{"If-None-Match": '"a", "b"', "Authorization": "Bearer of-another", "X-Amz-Date": "20200101T000000Z"},
    }
    form = "service=größe+x&notes=%0D%0A".encode()
    with command_line.opened("--auth", "iam", "--url", gateway.url, **variables) as ask:
        ask("GET", target, browser)
        ask("POST", target, {"Content-Type": "application/x-www-form-urlencoded"}, form)
    healthy, read, wrote = gateway.sent
    assert healthy.path == "/healthz"
    assert (read.method, wrote.method, wrote.body) == ("GET", "POST", form)
    for sent in (read, wrote):
        # The path is as the browser wrote it; parameters have the form that a signature knows.
        assert sent.path.split("?")[0] == target.split("?")[0]
        asked, passed = (parse_qsl(of.partition("?")[2], keep_blank_values=True) for of in (target, sent.path))
        assert asked == passed
        found = AUTHORIZATION.fullmatch(sent.headers["authorization"])
        assert found["key"] == keys.access_key
        assert found["signature"] == signature(sent, keys)
        assert found["signature"] != signature(sent, keys, path=sent.path + "x")
        assert found["signature"] != signature(sent, keys, body=sent.body + b" ")
        assert not {"cookie", "accept-language"} & {name.lower() for name in sent.headers}

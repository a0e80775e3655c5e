"""Calling the API through its address, signed or not."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulation import REGION

OWNER = Credentials("test", "test")


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict
    text: str

    @property
    def body(self):
        return json.loads(self.text)


def call(installation, method, path, body=None, signed_by=OWNER, headers=None):
    """One request, signed as `signed_by` unless that is None."""
    host = urlsplit(installation.outputs["ApiUrl"]).netloc
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Host": host} | ({"Content-Type": "application/json"} if data else {}) | (headers or {})
    if signed_by:
        request = AWSRequest(method, f"http://{host}{path}", headers=sent, data=data)
        SigV4Auth(signed_by, "execute-api", REGION).add_auth(request)
        sent = dict(request.headers)
    # The name of the API's host leads nowhere here; it only says which API is meant.
    connection = http.client.HTTPConnection("127.0.0.1", installation.emulator.port, timeout=30)
    try:
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read().decode())
    finally:
        connection.close()

"""Proves an export of Deployment Status against anchors: python3 verify.py EXPORT.jsonl FOLDER [PUBLIC-KEY.pem]

With a key, each anchor must be signed by it. Ends with 0 where everything is proven, and with 5 where something is
wrong. docs/anchors.md explains the format.
"""
import base64, hashlib, json, pathlib, sys
from datetime import datetime, timedelta

text = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
sha256 = lambda data: hashlib.sha256(data).digest()
moment = lambda time: datetime.fromisoformat(time.replace("Z", "+00:00"))
wrong = []


def check(is_right, day, what):
    if not is_right:
        wrong.append((day[:10], what))


def root(hashes):  # RFC 6962
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"")
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\1" + root(hashes[:left]) + root(hashes[left:]))


P, N = 2**256 - 2**224 + 2**192 + 2**96 - 1, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # P-256
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def plus(one, other):  # Of two points of the curve; None is the one at infinity.
    if not one or not other:
        return one or other
    (x, y), (u, v) = one, other
    if x == u and (y + v) % P == 0:
        return None
    slope = (3 * (x * x - 1) * pow(2 * y, -1, P) if one == other else (v - y) * pow(u - x, -1, P)) % P
    return ((w := (slope * slope - x - u) % P), (slope * (x - w) - y) % P)


def times(count, point):
    sum = None
    for bit in bin(count)[2:]:
        sum = plus(plus(sum, sum), point if bit == "1" else None)
    return sum


def signed(signature, message, key):  # ECDSA with SHA-256; the signature is DER: a sequence of two numbers.
    try:
        der = base64.b64decode(signature, validate=True)
        r, s = (int.from_bytes(number, "big") for number in (der[4:4 + der[3]], der[6 + der[3]:]))
        is_der = der[:3] == bytes([0x30, len(der) - 2, 2]) and der[4 + der[3]] == 2 and der[5 + der[3]] == len(der) - 6 - der[3]
    except (ValueError, IndexError, TypeError):
        return False
    if not is_der or not 0 < r < N or not 0 < s < N:
        return False
    w, digest = pow(s, -1, N), int.from_bytes(sha256(message), "big")
    found = plus(times(digest * w % N, G), times(r * w % N, key))
    return found is not None and found[0] % N == r


def public_keys(pem):  # Each is 26 bytes that say what it is, then 4, x and y.
    for part in pem.replace("-----BEGIN PUBLIC KEY-----", "").split("-----END PUBLIC KEY-----"):
        if part.strip():
            point = base64.b64decode("".join(part.split()))[-64:]
            key = tuple(int.from_bytes(half, "big") for half in (point[:32], point[32:]))
            assert (key[1] ** 2 - key[0] ** 3 + 3 * key[0] - 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B) % P == 0, "it is no key on P-256"
            yield key


header, *lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
header, chains, anchors, day = header["export"], {}, [], ""
keys = list(public_keys(pathlib.Path(sys.argv[3]).read_text())) if len(sys.argv) > 3 else []
since, until, made = (moment(header[name]) for name in ("since", "completeUntil", "madeAt"))
over = lambda time: header["retentionDays"] and moment(time) + timedelta(days=header["retentionDays"]) <= made
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
    try:
        anchors.append(json.loads(path.read_text(encoding="utf-8")))
        number, day = f"{anchors[-1]['record']['number']:06}", anchors[-1]["record"]["day"]
        check(path.stem in (number, f"{number}-{day}"), day, f"{path.name} has another anchor")
    except (ValueError, KeyError, TypeError):
        check(False, path.name[7:17] if len(path.stem) > 16 else day, f"{path.name} is no anchor")
anchors.sort(key=lambda anchor: anchor["record"]["number"])
before = {"record": {"number": 0, "root": "", "closedUntil": "1969-01-01T00:00:00Z"}, "hash": ""}
for anchor in anchors:
    record, leaves = anchor["record"], anchor["leaves"]
    hashes = [sha256(b"\0" + text(dict(zip(("subject", "sequence", "head"), leaf)))) for leaf in leaves]
    check(sha256(text(record)).hex() == anchor["hash"] and root(hashes).hex() == record["root"]
          and len(leaves) == record["size"] and leaves == sorted(leaves) and record["closedUntil"][:10] == record["day"]
          and record["number"] == before["record"]["number"] + 1 and record["previousHash"] == before["hash"]
          and record["previousRoot"] == before["record"]["root"]
          and moment(record["closedUntil"]) > moment(before["record"]["closedUntil"]),
          record["day"], f"anchor {record['number']} was altered, or does not follow the one before")
    check(not keys or any(signed(anchor.get("signature", ""), text(record), key) for key in keys), record["day"],
          f"anchor {record['number']} is not signed by the key")
    before = anchor
for line in lines:
    line["number"] = line.get("sequence", line.get("number"))
    chains.setdefault(line["subject"], []).append(line)
for subject, chain in chains.items():
    chain.sort(key=lambda line: line["number"])
    last = {"number": 0, "hash": "", "recordedAt": None}
    for line in chain:
        if "payload" in line:
            link = {name: line[name] for name in ("previousHash", "previousRecordedAt", "payloadHash", "sequence", "deploymentId", "eventKey", "occurredAt", "recordedAt", "producer")}
            check(sha256(line["payload"].encode()).hex() == line["payloadHash"], line["recordedAt"], f"event {line['number']} of {subject} was altered")
        else:
            link = {name: line[name] for name in ("previousHash", "recordedAt", "recordedBy")}
            link.update(number=line["number"], documentHash=sha256(line["document"].encode()).hex())
        check(sha256(text(link)).hex() == line["hash"], line["recordedAt"], f"event {line['number']} of {subject} was altered")
        follows = line["number"] == last["number"] + 1 and line["previousHash"] == last["hash"]
        gone = "document" in line and last["number"] == 0 and since > moment("1970-01-01T00:00:00Z") or line.get("previousRecordedAt") and (over(line["previousRecordedAt"]) or last["number"] == 0 and moment(line["previousRecordedAt"]) < since)
        check(follows or line["number"] > last["number"] + 1 and gone, line["recordedAt"], f"event {line['number']} of {subject} does not follow the one before")
        last = line
leaves = {}  # Of each subject what anchors say: position, sequence, head.
for at, anchor in enumerate(anchors):
    for subject, sequence, head in anchor["leaves"]:
        leaves.setdefault(subject, []).append((at, sequence, head))
times, lacking = [[] for _ in anchors], set()
for subject in chains.keys() | leaves.keys():
    found, first = {line["number"]: line for line in chains.get(subject, [])}, 1
    for at, sequence, head in leaves.get(subject, []):
        record = anchors[at]["record"]
        asked = moment(record["firstRecordedAt"]) >= since and moment(record["lastRecordedAt"]) <= until and (subject in chains or not header["environment"])
        is_right = found[sequence]["hash"] == head if sequence in found else not asked or over(record["firstRecordedAt"])
        check(is_right, record["day"], f"event {sequence} of {subject} is not what anchor {record['number']} says, or is missing")
        lacking.update([at] if any(number not in found for number in range(first, sequence + 1)) else [])
        first = sequence + 1
    for number, line in found.items():
        by = next((at for at, sequence, _ in leaves.get(subject, []) if sequence >= number), len(anchors))
        check(by == 0 or moment(line["recordedAt"]) > moment(anchors[by - 1]["record"]["closedUntil"]), line["recordedAt"], f"event {number} of {subject} was put in later")
        times[by:by + 1] = [times[by] + [line["recordedAt"]]] if by < len(anchors) else []
for at, anchor in enumerate(anchors):
    record, found = anchor["record"], sorted(times[at], key=moment)
    said = [time for time in (record["firstRecordedAt"], record["lastRecordedAt"]) if time]
    inside = not said or moment(said[0]) >= since and moment(said[-1]) <= until
    if inside and not header["environment"] and at not in lacking:
        check(said == found[:1] + found[-1:], record["day"], f"anchor {record['number']} says other times")
for day, what in sorted(wrong):
    print(f"wrong: {day}: {what}")
if wrong:
    print(f"The first day that is wrong: {min(wrong)[0]}.")
else:
    print(f"{len(lines)} lines are proven by {len(anchors)} anchors.")
sys.exit(5 if wrong else 0)

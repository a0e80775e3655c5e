"""Proves an export of Deployment Status against anchors: python3 verify.py EXPORT.jsonl FOLDER

Ends with 0 where everything is proven, and with 5 where something is wrong. docs/anchors.md explains the format.
"""
import hashlib, json, pathlib, sys
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


header, *lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
header, chains, anchors = header["export"], {}, []
since, until, made = (moment(header[name]) for name in ("since", "completeUntil", "madeAt"))
over = lambda time: header["retentionDays"] and moment(time) + timedelta(days=header["retentionDays"]) <= made
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
    try:
        anchors.append(json.loads(path.read_text(encoding="utf-8")))
        check(path.stem == f"{anchors[-1]['record']['number']:06}-{anchors[-1]['record']['day']}", anchors[-1]["record"]["day"], f"{path.name} has another anchor")
    except (ValueError, KeyError, TypeError):
        check(False, path.name[7:17], f"{path.name} is no anchor")
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

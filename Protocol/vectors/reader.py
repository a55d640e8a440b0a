"""Reads the vectors as chapter 6 describes them, and holds what it reads against their `content`.

Written from the chapter, not from the Swift sources: what a stranger's first day looks like. Needs
cbor2. Reads only; a real implementation also refuses what 6.1 to 6.3 forbid.
"""
import hashlib, json, pathlib, sys
import cbor2
from cbor2 import dumps

ENVELOPED = {"exchange-request", "exchange-reply", "enrolment-request", "enrolment-reply"}


def item(data):
    return cbor2.loads(data)


def cut(data, size):
    return [data[i:i + size].hex() for i in range(0, len(data), size)]


def groups(flat, size):
    assert len(flat) % size == 0
    return [flat[i:i + size] for i in range(0, len(flat), size)]


def envelope(body):  # 6.2
    assert body[:4] == b"CAF1" and int.from_bytes(body[4:8], "big") == len(body) - 24
    assert hashlib.sha256(body[24:]).digest()[:16] == body[8:24]
    return body[24:]


def vector(flat):  # 6.5
    return [[actor.hex(), n] for actor, n in groups(flat, 2)]


def encoded(value):
    """Deterministic enough for the values of the vectors: cbor2 keeps the order of map keys."""
    return dumps(value, canonical=False) if not has_float(value) else dumps(value, canonical=True)


def has_float(value):
    if isinstance(value, (list, tuple)):
        return any(map(has_float, value))
    return isinstance(value, float)


def change(rest, names, before_context, before_ms, actors, authors, records):  # 6.7
    rest = list(rest)
    take = lambda: rest.pop(0)
    own, n, flags = take(), take(), take()
    dot = [actors[own], n]
    others = [[actors[a], c] for a, c in groups(take(), 2)] if flags & 1 else before_context
    own_count = take() if flags & 2 else n - 1
    claimed = take() if flags & 4 else 0
    logical = take() if flags & 8 else 0
    dependencies = cut(take(), 16) if flags & 16 else []
    origin = [actors[take()], take()] if flags & 32 else dot
    alias = [actors[take()], take()] if flags & 64 else None
    schema = take() if flags & 256 else 1
    ms = before_ms + take()
    author = take()
    policy_seen = take()
    writes = []
    for record, group, value in groups(rest, 3):
        identifier, kind = records[record]
        writes.append({"record": identifier.hex(), "kind": names[kind], "group": names[group],
                       "value": encoded(value).hex()})
    context = sorted(others + ([[dot[0], own_count]] if own_count else []))
    return {"dot": dot, "origin": origin, "aliasOf": alias, "isVoid": bool(flags & 128),
            "context": context, "policySeen": policy_seen, "policyDependencies": dependencies,
            "writes": writes, "time": {"milliseconds": ms, "logical": logical},
            "claimedMilliseconds": ms + claimed,
            "author": None if author is None else authors[author], "schema": schema}, others, ms


def stored_change(parts):  # 6.7.4
    actors, authors, names, records, *rest = parts
    return change(rest, names, [], 0, cut(actors, 8), cut(authors, 16), groups(records, 2))[0]


def content(parts):  # 6.10
    actors, authors, names, *records = parts
    actors, authors = cut(actors, 8), cut(authors, 16)
    result, stamp = {}, None
    for identifier, kind, *siblings in records:
        registers = {}
        for group, told, value in groups(siblings, 3):
            if told != 0:
                actor, n, author, delta, *more = told
                ms = delta + (stamp["time"]["milliseconds"] if stamp else 0)
                logical = more[0] if more else 0
                claimed = ms + (more[1] if len(more) > 1 else 0)
                dots = [[actors[actor], n]] + [[actors[a], c] for a, c in groups(more[2:], 2)]
                stamp = {"dots": dots, "time": {"milliseconds": ms, "logical": logical},
                         "claimedMilliseconds": claimed,
                         "author": None if author is None else authors[author]}
            written = {key: stamp[key] for key in ("author", "time", "claimedMilliseconds")}
            written["value"] = encoded(value).hex()
            registers.setdefault(names[group], {"siblings": []})["siblings"].append(
                {"dots": stamp["dots"], "value": written})
        result[identifier.hex()] = {"kind": names[kind], "groups": registers}
    return {"records": result}


def page(fields):  # 6.6
    parties, known = cut(fields.get(1, b""), 16), cut(fields.get(3, b""), 16)
    actors, authors = cut(fields.get(4, b""), 8), cut(fields.get(7, b""), 16)
    records, names = groups(fields.get(5, []), 2), fields.get(6, [])
    described = [{"id": i.hex(), "category": category, "custodian": parties[custodian],
                  "child": None if child is None else parties[child]}
                 for i, category, custodian, child in groups(fields.get(2, []), 4)]
    items, contexts, ms = [], {}, 0
    for reference, *rest in fields.get(8, []):
        compartment = described[reference]["id"] if reference >= 0 else known[-1 - reference]
        if isinstance(rest[0], int):
            key = (compartment, rest[0])
            read, contexts[key], ms = change(
                rest, names, contexts.get(key, []), ms, actors, authors, records)
            items.append({"change": {"0": compartment, "1": read}})
        elif isinstance(rest[0], list):
            items.append({"snapshot": {
                "0": compartment, "vector": vector(rest[0]), "content": content(item(rest[1]))}})
        else:
            digest, offset, total, part = rest
            items.append({"snapshotPart": {
                "0": compartment, "digest": digest.hex(), "offset": offset, "totalBytes": total,
                "bytes": part.hex()}})
    return {"compartments": described, "items": items}


def numbers(bits):
    return [n for n in range(64) if bits >> n & 1]


def scope(purposes, categories, recipients):
    named = "everyone" if recipients is None else {"agencies": cut(recipients, 16)}
    return {"purposes": numbers(purposes), "categories": numbers(categories), "recipients": named}


def policy(entry):  # 6.8
    identifier, kind, made, agency, author, child, *rest = entry
    evidence = ("givenBy", "relationship", "capacityBasis", "capacityAssessedBy",
                "agreementVersion", "note")
    if kind == 1:
        says = {"grant": {
            "scope": scope(*rest[:3]), "excluded": cut(rest[3], 16),
            "supersedes": cut(rest[4], 16), "expiresAtMilliseconds": rest[5],
            "evidence": rest[6] and dict(zip(evidence, rest[6]))}}
    elif kind in (2, 3):
        says = {{2: "refusal", 3: "withdrawal"}[kind]: scope(*rest)}
    elif kind == 4:
        names = ("reason", "decidedBy", "untilMilliseconds", "significantHarm", "authorisedRole")
        says = {"override": {"categories": numbers(rest[0]), "recipients": cut(rest[1], 16),
                             **dict(zip(names, rest[2:]))}}
    elif kind == 5:
        says = {"shield": {"allowed": cut(rest[0], 16), "reviewOnMilliseconds": rest[1]}}
    elif kind == 7:
        says = {"erase": rest[0]}
    elif kind == 11:
        says = {"agreementSigned": {"0": rest[0].hex(), "lifts": cut(rest[1], 16),
                                    "version": rest[2]}}
    else:
        says = {{6: "unshield", 8: "alias", 9: "unalias", 10: "agreementLock"}[kind]: rest[0].hex()}
    return {"id": identifier.hex(), "kind": says, "madeAtMilliseconds": made,
            "authorAgency": agency.hex(), "author": author and author.hex(),
            "child": child and child.hex()}


def token(parts):
    return parts and {"count": parts[0], "mac": parts[1].hex()}


def revocations(data):
    return [{"compartment": r[:32], "certificate": r[32:]} for r in cut(data, 32)]


def holdings(flat):
    return [{"compartment": i.hex(), "vector": vector(v)} for i, v in groups(flat, 2)]


def request(f):  # 6.4
    return {
        "protocolVersion": f[1], "schema": f.get(2, 1), "epoch": f.get(3, 0),
        "incarnation": f[4].hex(), "forkOf": f[5].hex() if 5 in f else None,
        "token": token(f.get(6)), "digest": f.get(7, bytes(16)).hex(),
        "policySeen": f.get(8, 0), "policy": [policy(entry) for entry in f.get(9, [])],
        "purgeReceipts": [{"compartment": r[:32], "certificate": r[32:64], "proof": r[64:]}
                          for r in cut(f.get(10, b""), 64)],
        "certificates": revocations(f.get(11, b"")), "page": page(f.get(12, {})),
        "holdings": holdings(f[13]) if 13 in f else None,
        "staged": [{"compartment": i.hex(), "digest": d.hex(), "receivedBytes": n}
                   for i, d, n in groups(f.get(14, []), 3)],
        "pageBytes": f.get(15, 262144), "waitMilliseconds": f.get(16, 0),
        "isLocked": f.get(17, False), "unsentCount": f.get(18, 0),
        "wallMilliseconds": f.get(19, 0), "rescued": [r.hex() for r in f.get(20, [])],
        "askReceived": cut(f.get(21, b""), 16), "isGivingBack": f.get(22, False)}


def refusal(f):
    return {"refused": {"0": f[20], "sentence": f.get(21, ""), "whatToDo": f.get(22, "")}}


def reply(f):  # 6.11.1
    outcome = f.get(1, 1)
    epoch = {"epoch": f.get(2, 0)}
    if outcome == 5:
        return refusal(f)
    if outcome == 4:
        return {"recovering": {**epoch, "wanted": cut(f.get(14, b""), 16)}}
    if outcome != 1:
        return {{2: "reseed", 3: "needHoldings"}[outcome]: epoch["epoch"]}
    dot = lambda i, actor, n: {"compartment": i.hex(), "dot": [actor.hex(), n]}
    return {"answer": {
        **epoch, "token": token(f.get(3)), "hubMilliseconds": f.get(4, 0),
        "leaseDays": f.get(5, 0),
        "quarantined": [{**dot(i, a, n), "reason": r} for i, a, n, r in groups(f.get(6, []), 4)],
        "deferred": [dot(*entry) for entry in groups(f.get(7, []), 3)],
        "aliases": [{**dot(i, a, n), "aliasOf": [b.hex(), m]}
                    for i, a, n, b, m in groups(f.get(8, []), 5)],
        "policyRefused": [{"id": i.hex(), "conflictsWith": cut(c, 16), "sentence": s}
                          for i, c, s in groups(f.get(9, []), 3)],
        "revocations": revocations(f.get(10, b"")),
        "policy": [{"position": p, "entry": policy(entry)}
                   for p, entry in groups(f.get(11, []), 2)],
        "page": page(f.get(12, {})), "isCaughtUp": f.get(13, False),
        "received": holdings(f.get(15, []))}}


def enrolment_request(f):  # 6.11.2
    assert f[1] == 1
    return {"code": f[2], "device": f[3].hex(), "deviceName": f[4], "secret": f[5].hex()}


def enrolment_reply(f):  # 6.11.3
    if f.get(1) == 5:
        return refusal(f)
    return {"enrolled": {"agency": f[2].hex(), "agencyName": f[3], "epoch": f.get(4, 0),
                         "leaseDays": f.get(5, 0), "hubPublicKey": f[6].hex(),
                         "isSensitive": f.get(7, False)}}


READERS = {
    "exchange-request": request, "exchange-reply": reply, "page": page, "policy-entry": policy,
    "enrolment-request": enrolment_request, "enrolment-reply": enrolment_reply,
    "version-vector": vector, "change": stored_change, "compartment-content": content}

if __name__ == "__main__":
    failures = count = 0
    for kind, read in READERS.items():
        file = pathlib.Path(__file__).with_name(kind + ".json")
        for sample in json.loads(file.read_text()):
            data = bytes.fromhex(sample["bytes"])
            found = read(item(envelope(data) if kind in ENVELOPED else data))
            count += 1
            if found != sample["content"]:
                failures += 1
                print(f"{kind}, {sample['name']}: read {found}, not {sample['content']}")
    print(f"{count} vectors read, {failures} differ")
    sys.exit(1 if failures else 0)

"""The bytes of the protocol, written from chapters 3 and 6 alone: envelope, pages, registers."""
import hashlib
from dataclasses import dataclass, field

from cbor import Malformed, decode, encode


def cut(data, size):
    return [data[i:i + size] for i in range(0, len(data), size)]


def groups(flat, size):
    if len(flat) % size:
        raise Malformed("a flat list that does not come out even")
    return [flat[i:i + size] for i in range(0, len(flat), size)]


# ---- 6.2 Envelope -------------------------------------------------------------------------------


def seal(fields):
    payload = encode(fields)
    digest = hashlib.sha256(payload).digest()[:16]
    return b"CAF1" + len(payload).to_bytes(4, "big") + digest + payload


def unseal(body):
    payload = body[24:]
    fits = body[:4] == b"CAF1" and int.from_bytes(body[4:8], "big") == len(payload)
    if not fits or hashlib.sha256(payload).digest()[:16] != body[8:24]:
        raise Malformed("cut, extended or altered on the way")
    return decode(payload)


# ---- 6.5 Vectors, and the words of chapter 3 ----------------------------------------------------


def flat_vector(vector):
    return [part for actor in sorted(vector) for part in (actor, vector[actor])]


def read_vector(flat):
    return dict(map(tuple, groups(flat, 2)))


def covers(vector, other):
    return all(vector.get(actor, 0) >= n for actor, n in other.items())


@dataclass
class Change:
    dot: tuple
    context: dict
    writes: list  # (record, kind, group, value)
    ms: int
    author: bytes = None
    policy_seen: int = 0
    origin: tuple = None
    alias: tuple = None
    void: bool = False
    depends: list = field(default_factory=list)
    logical: int = 0
    claimed: int = None
    schema: int = 1

    def __post_init__(self):
        self.origin = self.origin or self.dot
        self.claimed = self.ms if self.claimed is None else self.claimed


@dataclass
class Sibling:
    dots: set
    value: object
    author: bytes
    ms: int
    logical: int
    claimed: int


@dataclass
class Description:
    id: bytes
    category: int
    custodian: bytes
    child: bytes


# ---- 6.3, 6.6 Pages -----------------------------------------------------------------------------


class Book(list):
    """A dictionary numbered by first use (6.3)."""

    def number(self, entry):
        if entry not in self:
            self.append(entry)
        return self.index(entry)


class PageWriter:
    def __init__(self):
        self.described, self.known, self.items = [], Book(), []
        self.actors, self.authors, self.names, self.records = Book(), Book(), Book(), Book()
        self.ms, self.contexts = 0, {}

    def reference(self, description, is_known):
        if is_known:
            return -1 - self.known.number(description.id)
        if description not in self.described:
            self.described.append(description)
        return self.described.index(description)

    def change(self, description, is_known, change):
        reference = self.reference(description, is_known)
        (actor, n), number = change.dot, self.actors.number
        own, flags, fields = number(actor), 0, []
        others = {a: c for a, c in change.context.items() if a != actor}

        def option(bit, is_set, make):
            nonlocal flags
            if is_set:
                flags |= bit
                fields.extend(make())

        key = (description.id, actor)
        option(1, others != self.contexts.get(key, {}), lambda: [[
            part for a in sorted(others) for part in (number(a), others[a])]])
        self.contexts[key] = others
        own_count = change.context.get(actor, 0)
        option(2, own_count != n - 1, lambda: [own_count])
        option(4, change.claimed != change.ms, lambda: [change.claimed - change.ms])
        option(8, change.logical, lambda: [change.logical])
        option(16, change.depends, lambda: [b"".join(change.depends)])
        option(32, change.origin != change.dot,
               lambda: [number(change.origin[0]), change.origin[1]])
        option(64, change.alias, lambda: [number(change.alias[0]), change.alias[1]])
        option(128, change.void, list)
        option(256, change.schema != 1, lambda: [change.schema])
        author = None if change.author is None else self.authors.number(change.author)
        item = [reference, own, n, flags, *fields, change.ms - self.ms, author, change.policy_seen]
        self.ms = change.ms
        for record, kind, group, value in change.writes:
            if (record, self.names.number(kind)) not in self.records:
                self.records.append((record, self.names.number(kind)))
            at = self.records.index((record, self.names.number(kind)))
            item += [at, self.names.number(group), value]
        self.items.append(item)

    def state(self, description, is_known, state):
        self.items.append([self.reference(description, is_known), flat_vector(state.vector),
                           encode(state.content())])

    def fields(self):
        parties, described = Book(), []
        for one in self.described:
            described += [one.id, one.category, parties.number(one.custodian),
                          None if one.child is None else parties.number(one.child)]
        found = {1: b"".join(parties), 2: described, 3: b"".join(self.known),
                 4: b"".join(self.actors), 5: [part for entry in self.records for part in entry],
                 6: list(self.names), 7: b"".join(self.authors), 8: self.items}
        return {key: value for key, value in found.items() if value}


def read_page(fields):
    """Descriptions, and items: pairs of a compartment and a Change, a State or a part."""
    parties, known = cut(fields.get(1, b""), 16), cut(fields.get(3, b""), 16)
    actors, authors = cut(fields.get(4, b""), 8), cut(fields.get(7, b""), 16)
    records, names = groups(fields.get(5, []), 2), fields.get(6, [])
    described = [
        Description(id, category, parties[custodian], None if child is None else parties[child])
        for id, category, custodian, child in groups(fields.get(2, []), 4)]
    items, contexts, ms = [], {}, 0
    for reference, *rest in fields.get(8, []):
        compartment = described[reference].id if reference >= 0 else known[-1 - reference]
        if isinstance(rest[0], int):
            actor = actors[rest[0]]
            change, others = read_change(
                rest, contexts.get((compartment, actor), {}), ms, actors, authors, records, names)
            contexts[compartment, actor], ms = others, change.ms
            items.append((compartment, change))
        elif isinstance(rest[0], list):
            items.append((compartment, State.read(rest)))
        else:
            items.append((compartment, tuple(rest)))
    return described, items


def read_change(rest, before, before_ms, actors, authors, records, names):  # 6.7
    take = iter(rest).__next__
    actor, n, flags = actors[take()], take(), take()
    others = {actors[a]: c for a, c in groups(take(), 2)} if flags & 1 else before
    own = take() if flags & 2 else n - 1
    claimed = take() if flags & 4 else 0
    logical = take() if flags & 8 else 0
    depends = cut(take(), 16) if flags & 16 else []
    origin = (actors[take()], take()) if flags & 32 else (actor, n)
    alias = (actors[take()], take()) if flags & 64 else None
    schema = take() if flags & 256 else 1
    ms, author, seen = before_ms + take(), take(), take()
    optional = sum(bool(flags & bit) for bit in (1, 2, 4, 8, 16, 256))
    writes = []
    for record, group, value in groups(rest[6 + optional + 2 * bin(flags & 96).count("1"):], 3):
        identifier, kind = records[record]
        writes.append((identifier, names[kind], names[group], value))
    context = {**others, actor: own} if own else dict(others)
    author = None if author is None else authors[author]
    return Change((actor, n), context, writes, ms, author, seen, origin, alias, bool(flags & 128),
                  depends, logical, ms + claimed, schema), others


# ---- 3.2 to 3.5 Registers and the merge; 6.10 their bytes ---------------------------------------


class State:
    def __init__(self):
        self.vector, self.kinds = {}, {}
        self.registers = {}  # by (record, group): siblings

    def apply(self, change):
        """Whole, once, and only when it is the next of its actor, its context covered (3.2)."""
        actor, n = change.dot
        if n != self.vector.get(actor, 0) + 1 or not covers(self.vector, change.context):
            return False
        for record, kind, group, value in change.writes:
            siblings = self.registers.setdefault((record, group), [])
            self.kinds.setdefault(record, kind)
            if change.alias:  # 3.4
                for sibling in siblings:
                    if change.alias in sibling.dots:
                        sibling.dots.add(change.dot)
                continue
            siblings[:] = [sibling for sibling in siblings if not any(
                change.context.get(a, 0) >= m for a, m in sibling.dots)]
            siblings.append(Sibling({change.dot}, value, change.author, change.ms, change.logical,
                                    change.claimed))
        self.vector[actor] = n
        return True

    def join(self, other):  # 3.5
        for key in {*self.registers, *other.registers}:
            mine, theirs = self.registers.get(key, []), other.registers.get(key, [])
            kept = []
            for sibling in mine:
                twin = next((t for t in theirs if t.dots & sibling.dots), None)
                if twin:
                    sibling.dots |= twin.dots
                if twin or not any(other.vector.get(a, 0) >= n for a, n in sibling.dots):
                    kept.append(sibling)
            for sibling in theirs:
                if not any(sibling.dots & m.dots for m in mine) and not any(
                        self.vector.get(a, 0) >= n for a, n in sibling.dots):
                    kept.append(sibling)
            self.registers[key] = kept
        self.kinds = {**other.kinds, **self.kinds}
        for actor, n in other.vector.items():
            self.vector[actor] = max(n, self.vector.get(actor, 0))

    def values(self, record, group):
        return [sibling.value for sibling in self.registers.get((record, group), [])]

    @staticmethod
    def read(parts):  # [vector, content]
        state = State()
        state.vector = read_vector(parts[0])
        actors, authors, names, *records = decode(parts[1])
        actors, authors = cut(actors, 8), cut(authors, 16)
        dots, told = set(), [None, 0, 0, 0]  # author, ms, logical, claimed
        for identifier, kind, *siblings in records:
            state.kinds[identifier] = names[kind]
            for group, stamp, value in groups(siblings, 3):
                if stamp != 0:  # 6.10.3
                    actor, n, author, delta, *more = stamp
                    ms = told[1] + delta
                    told = [None if author is None else authors[author], ms,
                            more[0] if more else 0, ms + (more[1] if len(more) > 1 else 0)]
                    dots = {(actors[a], c) for a, c in [(actor, n), *groups(more[2:], 2)]}
                state.registers.setdefault((identifier, names[group]), []).append(
                    Sibling(set(dots), value, *told))
        return state

    def content(self):  # 6.10
        actors, authors, names, records = Book(), Book(), Book(), []
        before, before_ms = None, 0
        filled = sorted((key, siblings) for key, siblings in self.registers.items() if siblings)
        for (identifier, group), siblings in filled:
            if not records or records[-1][0] != identifier:
                records.append([identifier, names.number(self.kinds[identifier])])
            for one in sorted(siblings, key=lambda sibling: min(sibling.dots)):
                dots = sorted(one.dots)
                stamp = 0
                group_number = names.number(group)
                if (dots, one.author, one.ms, one.logical, one.claimed) != before:
                    numbered = [part for a, n in dots for part in (actors.number(a), n)]
                    author = None if one.author is None else authors.number(one.author)
                    tail = [one.logical, one.claimed - one.ms, *numbered[2:]]
                    while len(tail) in (1, 2) and tail[-1] == 0:
                        tail.pop()
                    stamp = [*numbered[:2], author, one.ms - before_ms, *tail]
                    before, before_ms = (dots, one.author, one.ms, one.logical, one.claimed), one.ms
                records[-1] += [group_number, stamp, one.value]
        return [b"".join(actors), b"".join(authors), list(names), *records]

"""A device of an agency, written from chapters 1 to 9 alone."""
import copy
import hashlib
import hmac
import http.client
import os
import pickle
import secrets
import time
from urllib.parse import urlsplit

from cbor import Malformed, decode, encode
from wire import (Change, Description, PageWriter, State, covers, cut, flat_vector, groups,
                  read_page, read_vector, seal, unseal)

HUB = bytes(16)
ANSWER, RESEED, NEED_HOLDINGS, RECOVERING, REFUSED = 1, 2, 3, 4, 5
NOT_HELD, ERASED = 2, 7


class Refused(Exception):
    def __init__(self, fields):
        super().__init__(f"{fields[20]}: {fields.get(21, '')} {fields.get(22, '')}")
        self.number = fields[20]


class LostReply(Exception):
    pass


def post(url, path, fields, credential=None, timeout=30):
    """2.1, 2.4, 2.6. What counts is the envelope, whatever the status says."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("plain http only to loopback")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname, parts.port, timeout=timeout)
    headers = {"Content-Type": "application/cbor"}
    if credential:
        headers["Authorization"] = "CAFSync " + credential
    try:
        line.request("POST", path, seal(fields), headers)
        return unseal(line.getresponse().read())
    finally:
        line.close()


class Compartment:
    def __init__(self, description, is_known):
        self.description, self.is_known = description, is_known
        self.base = State()  # what the hub has delivered and committed
        self.acknowledged = {}  # its vector, as the digest tells it (5.3)
        self.starts_anew = False  # the next state replaces the base instead of joining it
        self.unsent, self.actor = [], None
        self.is_reseeding = self.is_locked = False

    def view(self):
        """What a person sees: the base with what is not sent yet."""
        if not self.unsent:
            return self.base
        state = copy.deepcopy(self.base)
        for change in self.unsent:
            state.apply(change)
        return state

    def acknowledge(self):
        if not self.starts_anew:
            self.acknowledged = dict(self.base.vector)

    def take_state(self, state):
        if self.starts_anew:
            self.base, self.starts_anew = state, False
        else:
            self.base.join(state)
        self.unsent = [c for c in self.unsent if self.is_reseeding
                       or c.dot[1] > self.base.vector.get(c.dot[0], 0)]
        self.acknowledge()

    def take_change(self, change):
        if self.base.apply(change):
            self.unsent = [c for c in self.unsent if self.is_reseeding or c.dot != change.dot]
            self.acknowledge()
            return True
        return self.base.vector.get(change.dot[0], 0) >= change.dot[1]

    def mint_again(self):
        """8.2: what was never acknowledged, in order, under a new actor."""
        old, again = self.unsent, []
        self.unsent, self.is_reseeding, self.starts_anew = [], False, False
        self.actor = secrets.token_bytes(8) if old else None
        for change in old:
            actor, n = change.dot
            cap = old[0].dot[1] - 1
            seen = change.context.get(actor, 0)
            context = {**change.context, actor: min(cap, seen), self.actor: max(0, seen - cap)}
            fresh = copy.copy(change)
            fresh.dot = (self.actor, len(again) + 1)
            fresh.context = {a: c for a, c in context.items() if c}
            again.append(fresh)
        self.unsent = again


class Device:
    def __init__(self, url, code, name):
        self.url, self.id, self.secret = url, secrets.token_bytes(16), secrets.token_bytes(32)
        reply = post(url, "/v1/enrol", {1: 1, 2: code, 3: self.id, 4: name, 5: self.secret})
        if reply.get(1) == REFUSED:
            raise Refused(reply)
        self.agency, self.agency_name = reply[2], reply[3]
        self.epoch, self.lease_days, self.hub_key = reply.get(4, 0), reply.get(5, 0), reply[6]
        self.incarnation, self.fork_of, self.token = secrets.token_bytes(16), None, None
        self.compartments, self.feed, self.own_policy = {}, {}, []
        self.policy_queue, self.policy_refused, self.receipts = [], [], []
        self.leaving = {}  # vectors of what is purged, until the hub has taken the receipt
        self.certificates, self.quarantined, self.set_apart = {}, [], []
        self.in_flight = None  # dots of the changes in a request of unknown outcome (5.2.4)
        self.staged, self.received, self.purged = {}, {}, []
        self.wanted, self.is_caught_up, self.hub_ahead = [], False, 0

    # -- what a person does --

    def now(self):
        return int(time.time() * 1000)

    def create(self, category, child=None):
        id = secrets.token_bytes(16)
        self.compartments[id] = Compartment(Description(id, category, self.agency, child), False)
        return id

    def find(self, category, child=None, custodian=None):
        return [id for id, c in self.compartments.items()
                if c.description.category == category and child in (None, c.description.child)
                and custodian in (None, c.description.custodian)]

    def show(self, compartment):
        held = self.compartments.get(compartment)
        return None if held is None or held.is_locked else held.view()

    def write(self, compartment, writes, author=None, seen=None, depends=()):
        """One save. `seen` is the vector of the form as it was shown (3.1)."""
        held = self.compartments[compartment]
        if held.is_locked:
            self.set_apart.append((compartment, writes))  # 7.3
            return None
        vector = held.view().vector
        held.actor = held.actor or secrets.token_bytes(8)
        dot = (held.actor, vector.get(held.actor, 0) + 1)
        ms = max([self.now()] + [change.ms for change in held.unsent])
        change = Change(dot, dict(vector if seen is None else seen), writes, ms, author,
                        max(self.feed, default=0), depends=list(depends))
        held.unsent.append(change)
        return change

    def decide(self, kind, child, *items, author=None):
        """A policy entry (6.8); its identifier."""
        id = secrets.token_bytes(16)
        self.policy_queue.append([id, kind, self.now(), self.agency, author, child, *items])
        return id

    # -- the exchange --

    def holdings(self):
        held = {id: held.acknowledged for id, held in self.compartments.items()}
        return {**self.leaving, **held}

    def digest(self):
        total = 0
        for id, vector in self.holdings().items():
            if vector:
                digest = hashlib.sha256(id + encode(flat_vector(vector))).digest()
                total += int.from_bytes(digest[:16], "big")
        return (total % (1 << 128)).to_bytes(16, "big")

    def changes_to_send(self):
        everything = [(held, change) for held in self.compartments.values()
                      if not held.is_reseeding for change in held.unsent]
        if self.in_flight is not None:
            return [pair for pair in everything if pair[1].dot in self.in_flight]
        return everything[:500]

    def request(self, wait=0, ask=(), outcome=None):
        self.purge_drained()
        sent = self.changes_to_send()
        page = PageWriter()
        if outcome == RECOVERING:
            for id in self.wanted:
                held = self.compartments.get(id)
                if held:
                    page.state(held.description, False, held.base)
        else:
            for held, change in sent:
                page.change(held.description, held.is_known, change)
        fields = {
            1: 1, 3: self.epoch, 4: self.incarnation, 5: self.fork_of, 6: self.token,
            7: self.digest(), 8: max(self.feed, default=0), 9: self.policy_queue,
            10: b"".join(self.receipts), 12: page.fields(),
            14: [part for id, (digest, got) in self.staged.items()
                 for part in (id, digest, len(got))],
            15: self.page_bytes, 16: wait, 19: self.now(), 21: b"".join(ask),
            18: sum(len(held.unsent) for held in self.compartments.values())}
        if outcome == RECOVERING:
            fields[9] = self.own_policy + self.policy_queue
            fields[11] = b"".join(id + mark for id, mark in self.certificates.items())
            fields[22] = True  # 8.3.4
        if fields[7] == bytes(16):
            fields[7] = None
        fields = {key: value for key, value in fields.items() if value or key == 1}
        is_new_run = self.fork_of is not None and self.token is None  # 8.2.1
        if outcome in (NEED_HOLDINGS, RECOVERING) or is_new_run:
            fields[13] = [part for id, vector in self.holdings().items()
                          for part in (id, flat_vector(vector))]
        return fields, sent

    def exchange(self, wait=0, ask=(), lose_reply=False):
        """One exchange with whatever it takes: holdings, reseed, recovery. Returns the outcomes."""
        outcomes, outcome = [], None
        for _ in range(20):
            fields, sent = self.request(wait, ask, outcome)
            self.in_flight = [change.dot for _, change in sent]
            self.save()
            reply = self.ask(fields, wait)
            if lose_reply:
                raise LostReply()
            outcome = reply.get(1, ANSWER)
            outcomes.append(outcome)
            if outcome == RESEED:
                self.reseed(reply.get(2, 0))
            elif outcome == RECOVERING:
                self.wanted = cut(reply.get(14, b""), 16)
            elif outcome == ANSWER:
                self.take(reply, sent, fields)
                self.save()
                return outcomes
        raise Malformed(f"no answer in sight: {outcomes}")

    def ask(self, fields, wait=0):
        reply = post(self.url, "/v1/exchange", fields, f"{self.id.hex()}.{self.secret.hex()}",
                     wait / 1000 + 30)
        if reply.get(1) == REFUSED:
            raise Refused(reply)
        return reply

    def sync(self):
        """Exchanges until the hub says that there is no more, and nothing waits here."""
        outcomes = []
        for _ in range(50):
            outcomes += self.exchange()
            waits = any(held.unsent or held.is_locked for held in self.compartments.values())
            if self.is_caught_up and not waits and not self.receipts and not self.policy_queue:
                return outcomes
        raise Malformed("no end in sight")

    def reseed(self, epoch):
        if self.token is not None:  # a run that was never answered is unknown to the hub
            self.fork_of = self.incarnation
        self.incarnation = secrets.token_bytes(16)
        self.token, self.in_flight, self.epoch = None, None, epoch
        self.staged, self.is_caught_up = {}, False
        for held in self.compartments.values():
            if held.unsent:
                held.acknowledged, held.starts_anew, held.is_reseeding = {}, True, True
            else:
                held.actor = None

    def take(self, reply, sent, fields):
        self.in_flight = None
        self.epoch, self.lease_days = reply.get(2, 0), reply.get(5, 0)
        self.token = reply.get(3, self.token)
        self.hub_ahead = reply.get(4, 0) - self.now()
        self.receipts = self.receipts[len(fields.get(10, b"")) // 64:]
        ordered = {order[:16] for order in cut(reply.get(10, b""), 32)}
        for receipt in cut(fields.get(10, b""), 64):
            if receipt[:16] not in ordered:
                self.leaving.pop(receipt[:16], None)
        self.take_policy(reply, fields)
        committed = self.take_outcomes(reply, sent)
        described, items = read_page(reply.get(12, {}))
        for one in described:
            self.compartments.setdefault(one.id, Compartment(one, True)).is_known = True
        self.apply(committed, items)
        self.is_caught_up = reply.get(13, False)
        if self.is_caught_up:
            for held in self.compartments.values():
                if held.is_reseeding:
                    held.mint_again()
        self.received.update((id, read_vector(v)) for id, v in groups(reply.get(15, []), 2))
        for order in cut(reply.get(10, b""), 32):
            id, certificate = order[:16], order[16:]
            self.certificates[id] = certificate
            if id in self.compartments:
                self.compartments[id].is_locked = True
            else:
                self.acknowledge_purge(id)

    def take_policy(self, reply, fields):
        refused = {id: (conflicts, sentence)
                   for id, conflicts, sentence in groups(reply.get(9, []), 3)}
        for entry in fields.get(9, []):
            if entry in self.policy_queue:
                self.policy_queue.remove(entry)
                if entry[0] in refused:
                    self.policy_refused.append((entry, *refused[entry[0]]))
                else:
                    self.own_policy.append(entry)
        self.feed.update(map(tuple, groups(reply.get(11, []), 2)))

    def take_outcomes(self, reply, sent):
        """5.5, 5.6: what was sent and is neither deferred nor quarantined is committed."""
        deferred = {(id, (a, n)) for id, a, n in groups(reply.get(7, []), 3)}
        apart = {(id, (a, n)): reason for id, a, n, reason in groups(reply.get(6, []), 4)}
        aliases = {(id, (a, n)): (b, m) for id, a, n, b, m in groups(reply.get(8, []), 5)}
        committed = []
        for held, change in sent:
            key = (held.description.id, change.dot)
            if key in apart:
                held.unsent.remove(change)
                self.quarantined.append((held.description.id, change, apart[key]))
                if apart[key] not in (NOT_HELD, ERASED):  # then the dot is void, the state follows
                    held.acknowledged, held.starts_anew = {}, True
            elif key not in deferred:
                change.alias = aliases.get(key)
                held.is_known = True
                committed.append((held.description.id, change))
        return committed

    def apply(self, committed, items):
        """Whatever can be applied, until nothing more can: own changes may need what comes now."""
        waiting = committed + items
        while waiting:
            left = []
            for id, item in waiting:
                held = self.compartments[id]
                if isinstance(item, State):
                    held.take_state(item)
                elif isinstance(item, tuple):
                    self.take_part(held, *item)
                elif item.alias and not covers(held.base.vector, dict([item.alias])):
                    left.append((id, item))
                elif not held.take_change(item) and not held.starts_anew:
                    left.append((id, item))
            if len(left) == len(waiting):
                raise Malformed(f"{len(left)} changes that do not fit")
            waiting = left

    def take_part(self, held, digest, offset, total, piece):  # 6.6.6
        id = held.description.id
        known, got = self.staged.get(id, (None, b""))
        got = got if known == digest else b""
        if offset == len(got):
            got += piece
        self.staged[id] = (digest, got)
        if len(got) == total:
            del self.staged[id]
            if hashlib.sha256(got).digest() != digest:
                raise Malformed("the parts do not make the whole")
            held.take_state(State.read(decode(got)))

    # -- chapter 7 --

    def purge_drained(self):
        for id, held in list(self.compartments.items()):
            if held.is_locked and not held.unsent and not self.in_flight:
                self.leaving[id] = self.compartments.pop(id).acknowledged
                self.staged.pop(id, None)
                self.purged.append(id)
                self.save()  # the bytes are gone before it is acknowledged
                self.acknowledge_purge(id)

    def acknowledge_purge(self, id):
        told = id + self.certificates[id]
        receipt = told + hmac.new(self.secret, told, hashlib.sha256).digest()
        if receipt not in self.receipts:
            self.receipts.append(receipt)

    # -- what must survive a power cut --

    path = None
    page_bytes = None

    def save(self):
        if self.path is None:
            return
        with open(self.path + ".new", "wb") as file:
            pickle.dump(self, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.path + ".new", self.path)

    @staticmethod
    def load(path):
        with open(path, "rb") as file:
            return pickle.load(file)

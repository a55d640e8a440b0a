"""Plays a stranger's device beside real daemons: python3 play.py CAFSYNC [FOLDER].

The hub and the other agency (a school) are processes of the executable; the Moor Lane Centre is
device.py. Everything the school is asked, it is asked through its command line.
"""
import json
import os
import secrets
import shutil
import sys
import tempfile

from device import (ANSWER, HUB, NEED_HOLDINGS, RECOVERING, RESEED, Device, LostReply,
                    Refused)
from vectors import vectors_written_again
from wire import State
from world import World, check, until

INDEX, DEVELOPMENT, PLAN, DIRECTORY, PRACTITIONERS = 1, 4, 7, 17, 20
STORE, INDEX_PURPOSE, SHARE = 1 << 1, 1 << 2, 1 << 4
GRANT, WITHDRAWAL = 1, 3
EVIDENCE = ["Mrs Ashby", "mother", "parentalResponsibility", None, "1", ""]


def texts(device, compartment, record, group="needs"):
    state = device.show(compartment)
    return state and sorted(value[group] for value in state.values(record, group))


class Story:
    """One scene after another; each claim is checked as it is shown."""

    def __init__(self, world):
        self.world = world

    def enrols(self):
        try:
            Device(self.world.url, "AAAA-AAAA-AAAA-AAAA", "front desk")
            raise AssertionError("a wrong code was taken")
        except Refused as refused:
            check(refused.number == 4, "a wrong code is refused", refused)
        self.device = device = Device(self.world.url, self.world.code("Moor Lane Centre"), "desk")
        device.path = self.world.path("stranger")
        device.sync()
        directory = device.show(device.find(DIRECTORY)[0])
        names = {siblings[0].value["name"]: record for (record, group), siblings
                 in directory.registers.items() if group == "name"}
        self.school = names["Dewsbury High"]
        check(names["Moor Lane Centre"] == device.agency, "the directory names both agencies")

    def receives_a_child(self):
        world, device = self.world, self.device
        self.rosie = child = bytes.fromhex(world.school(
            "child", "add", "--given", "Rosie", "--family", "Thornfield",
            "--date-of-birth", "2015-03-04")["child"])
        world.school("caf", "start", child.hex())
        world.school("caf", "write", child.hex(), "behaviouralDevelopment", "--needs", "bites")
        world.school("consent", "give", child.hex(), "--agencies", "Moor Lane Centre",
                     "--categories", "index,development", "--by", "Mrs Thornfield", "--agreement",
                     "1", "--relationship", "mother", "--capacity", "parentalResponsibility")
        until(lambda: device.sync() and device.find(DEVELOPMENT, child),
              "a child of the school arrives with consent")
        self.theirs = device.find(DEVELOPMENT, child)[0]
        self.element = next(record for record, group in device.show(self.theirs).registers
                            if group == "needs")
        check(texts(device, self.theirs, self.element) == ["bites"], "and what was written")

    def writes(self, text, **more):
        return self.device.write(self.theirs, [
            (self.element, "element", "needs", {"needs": text})], author=self.author, **more)

    def employs(self):
        device, self.author = self.device, secrets.token_bytes(16)
        list_ = device.create(PRACTITIONERS)
        device.write(list_, [
            (self.author, "practitioner", "name", {"name": "Sam Stranger"}),
            (self.author, "practitioner", "agency", {"agency": device.agency}),
            (self.author, "practitioner", "employed", {"from": "2026-01-01"})], self.author)
        device.sync()

    def edits(self):
        self.writes("bites when tired")
        self.device.sync()
        until(lambda: self.world.needs(self.rosie) == ["bites when tired"],
              "an edit arrives at the school")

    def conflicts(self):
        world, device = self.world, self.device
        seen = device.show(self.theirs).vector
        world.school("caf", "write", self.rosie.hex(), "behaviouralDevelopment", "--needs", "B")
        world.reached_hub()
        self.writes("A", seen=seen)
        device.sync()
        check(texts(device, self.theirs, self.element) == ["A", "B"], "a conflict here")
        until(lambda: world.needs(self.rosie) == ["A", "B"], "the same conflict at the school")
        conflict = json.loads(world.run("conflicts", "list", "--json"))["conflicts"][0]["conflict"]
        world.school("conflicts", "resolve", conflict, "--text", "A and B")
        until(lambda: device.exchange(wait=5000) and texts(
            device, self.theirs, self.element) == ["A and B"], "their choice arrives here")

    def waits(self):
        device, world = self.device, self.world
        world.reached_hub()
        device.sync()
        with_news = [1]
        world.school("caf", "write", self.rosie.hex(), "behaviouralDevelopment", "--needs", "C")
        until(lambda: with_news == device.exchange(wait=20000) and texts(
            device, self.theirs, self.element) == ["C"], "a long poll is answered with news")

    def gives(self):
        """A child of this agency: index entry, CAF content, and the family's decision."""
        device, world = self.device, self.world
        self.tom = child = secrets.token_bytes(16)
        index, caf = device.create(INDEX, child), secrets.token_bytes(16)
        device.write(index, [
            (child, "child", "name", {"given": "Tom", "family": "Ashby"}),
            (child, "child", "birth", {"dateOfBirth": "2016-01-02"})], self.author)
        self.grant = device.decide(
            GRANT, child, STORE | INDEX_PURPOSE | SHARE, 1 << INDEX | 1 << DEVELOPMENT,
            HUB + self.school, b"", b"", None, EVIDENCE, author=self.author)
        self.ours = device.create(DEVELOPMENT, child)
        self.our_element = caf[:15] + bytes([caf[15] ^ 5])
        device.write(self.ours, [
            (caf, "assessment", "state", {"on": "2026-11-25", "state": "draft"}),
            (caf, "assessment", "version", {"version": 1}),
            (self.our_element, "element", "about",
             {"element": "behaviouralDevelopment", "assessment": caf}),
            (self.our_element, "element", "needs", {"needs": "shy"})],
            self.author, depends=[self.grant])
        device.sync()
        world.reached_hub()
        check(world.needs(child) == ["shy"], "a child created here arrives at the school")
        world.school("caf", "write", child.hex(), "behaviouralDevelopment", "--needs", "less shy")
        until(lambda: device.sync() and texts(device, self.ours, self.our_element) == ["less shy"],
              "and the school's edit arrives here")
        until(lambda: device.exchange(ask=[self.ours]) and device.received.get(self.ours),
              "which others have confirmed is told")

    def loses_a_reply(self):
        device, world = self.device, self.world
        self.writes("D")
        try:
            device.exchange(lose_reply=True)
        except LostReply:
            pass
        world.reached_hub()
        check(world.needs(self.rosie) == ["D"], "the request whose reply was lost had arrived")
        world.school("caf", "write", self.rosie.hex(), "behaviouralDevelopment", "--needs", "E")
        world.reached_hub()
        self.writes_strengths("reads well")
        token = device.token
        device.exchange()
        check(device.token[0] == token[0] + 1, "the retry is answered with the same token")
        device.sync()
        check(texts(device, self.theirs, self.element) == ["E"]
              and texts(device, self.theirs, self.element, "strengths") == ["reads well"]
              and not device.quarantined, "a lost reply loses nothing and doubles nothing")

    def writes_strengths(self, text):
        self.device.write(self.theirs, [
            (self.element, "element", "strengths", {"strengths": text})], author=self.author)

    def is_restored(self):
        device, world = self.device, self.world
        old = device.path + ".old"
        device.save()
        shutil.copy(device.path, old)
        self.writes_strengths("climbs")
        device.sync()
        copy = Device.load(old)
        self.device = device = copy
        check(texts(device, self.theirs, self.element, "strengths") == ["reads well"],
              "an old copy shows what it had")
        self.writes("written by the copy")
        outcomes = device.sync()
        check(RESEED in outcomes, "an old copy is reseeded", outcomes)
        check(texts(device, self.theirs, self.element) == ["written by the copy"]
              and texts(device, self.theirs, self.element, "strengths") == ["climbs"],
              "what it had lost came back, what it had written was minted again")
        until(lambda: world.needs(self.rosie) == ["written by the copy"], "and arrives")

    def is_restored_with_unsent(self):
        """The copy has unsent what the original has sent meanwhile: one write, two dots."""
        device = self.device
        self.writes("once")
        old = device.path + ".old"
        device.save()
        shutil.copy(device.path, old)
        device.sync()
        self.writes_strengths("swims")
        device.sync()
        self.device = device = Device.load(old)
        outcomes = device.sync()
        check(RESEED in outcomes and texts(device, self.theirs, self.element) == ["once"],
              "a write that had arrived already stays one", outcomes)
        world = self.world
        until(lambda: world.needs(self.rosie) == ["once"], "at the school too")
        siblings = device.show(self.theirs).registers[self.element, "needs"]
        check(len(siblings[0].dots) == 2, "it has both dots", siblings)

    def lists_its_holdings(self):
        device = self.device
        device.compartments[self.theirs].acknowledged = {}
        device.compartments[self.theirs].base = State()
        outcomes = device.sync()
        check(NEED_HOLDINGS in outcomes, "a digest that differs is asked about", outcomes)
        check(texts(device, self.theirs, self.element) == ["once"], "and the hub sends it again")

    def is_withdrawn(self):
        device, world = self.device, self.world
        world.school("consent", "withdraw", self.rosie.hex(), "--categories", "development",
                     "--agencies", "Moor Lane Centre")
        world.reached_hub()
        self.writes("written without knowing")
        device.exchange()
        check(device.show(self.theirs) is None, "a withdrawn compartment is not shown")
        device.sync()
        with open(device.path, "rb") as file:
            check(b"written without knowing" not in file.read(), "it is drained and purged")
        until(lambda: world.needs(self.rosie) == ["written without knowing"],
              "what was written without knowing is not lost")

    def defers(self):
        device = self.device
        grant = device.decide(GRANT, self.tom, STORE | SHARE, 1 << PLAN, HUB + self.school, b"",
                              b"", None, EVIDENCE, author=self.author)
        entry = device.policy_queue.pop()
        device.write(self.ours, [(self.our_element, "element", "needs", {"needs": "quiet"})],
                     self.author, depends=[grant])
        device.exchange()
        check(device.compartments[self.ours].unsent, "a change waits for its decision")
        device.policy_queue.append(entry)
        device.sync()
        check(not device.compartments[self.ours].unsent and not device.quarantined,
              "and is then committed")

    def is_refused(self):
        """Compare and set (4.7)."""
        device = self.device
        withdrawal = device.decide(WITHDRAWAL, self.tom, SHARE, 1 << PLAN, self.school,
                                   author=self.author)
        device.sync()
        grant = [GRANT, self.tom, SHARE, 1 << PLAN, self.school, b""]
        device.decide(*grant, b"", None, EVIDENCE, author=self.author)
        device.sync()
        check(device.policy_refused and device.policy_refused[0][1] == withdrawal,
              "a grant made without knowing of a withdrawal is refused")
        device.decide(*grant, withdrawal, None, EVIDENCE, author=self.author)
        device.sync()
        check(len(device.policy_refused) == 1, "knowing it, it stands")

    def is_given_in_parts(self):
        device, world = self.device, self.world
        long = "a long story. " * 1000
        device.write(self.ours, [(self.our_element, "element", "needs", {"needs": long})],
                     self.author)
        device.sync()
        other = Device(world.url, world.code("Moor Lane Centre"), "laptop")
        other.page_bytes = 512
        exchanges = len(other.sync())
        check(texts(other, self.ours, self.our_element) == [long] and exchanges > 20,
              f"a large state comes in parts, in {exchanges} exchanges")

    def lies(self):
        """10.3, from outside: a liar's requests are refused, set apart, or change nothing."""
        device, world = self.device, self.world

        def outcome(writes, author, category=DEVELOPMENT, child=self.tom, custodian=None):
            id = device.create(category, child)
            if custodian:
                device.compartments[id].description.custodian = custodian
            device.write(id, writes, author, depends=[])
            before = len(device.quarantined)
            device.exchange()
            del device.compartments[id]
            return [reason for _, _, reason in device.quarantined[before:]]

        note = [(secrets.token_bytes(16), "comment", "comment", {"text": "a lie"})]
        check(outcome(note, self.author, custodian=self.school) == [2], "another's custody")
        check(outcome(note, self.author, category=9) == [2], "private notes stay at home")
        check(outcome(note, self.author, category=16, child=None) == [2], "the hub's agreement")
        check(outcome(note, None) == [5], "words without an author")
        named = [(self.school, "agency", "name", {"name": "Police"})]
        check(outcome(named, self.author, category=17, child=None) == [5], "another's name")
        device.sync()
        device.decide(WITHDRAWAL, self.rosie, SHARE, 1 << INDEX, self.school)
        device.policy_queue[-1][3] = self.school
        device.exchange()
        check(len(device.policy_refused) == 2, "an entry in another agency's name is refused")
        fields, _ = device.request()
        for changed, expected in (
                ({16: 1 << 63}, "refusal 1"), ({11: b"x" * 32}, ANSWER),
                ({20: [b"rescued garbage"]}, ANSWER), ({21: secrets.token_bytes(16)}, ANSWER),
                ({6: [1 << 40, bytes(16)]}, RESEED)):
            try:
                found = device.ask({**fields, **changed}).get(1, ANSWER)
            except Refused as refused:
                found = f"refusal {refused.number}"
            check(found == expected, f"{list(changed)} of a lie", found)
        check(world.needs(self.tom), "and the hub serves on")

    def hub_is_restored(self):
        device, world = self.device, self.world
        world.stop("hub")
        shutil.copytree(world.path("hub"), world.path("hub.old"))
        world.serve_hub()
        device.write(self.ours, [(self.our_element, "element", "strengths", {"strengths": "kept"})],
                     self.author)
        device.sync()
        world.stop("hub")
        for name in os.listdir(world.path("hub.old")):
            if name.startswith(("replica.sqlite", "keys.sqlite")):
                shutil.copy(os.path.join(world.path("hub.old"), name), world.path("hub"))
        world.serve_hub()
        outcomes = device.sync()
        check(RECOVERING in outcomes and device.epoch == 2, "a restored hub asks", outcomes)
        check(texts(device, self.ours, self.our_element, "strengths") == ["kept"],
              "nothing is lost")
        fresh = Device(world.url, world.code("Moor Lane Centre"), "tablet")
        fresh.sync()
        check(texts(fresh, self.ours, self.our_element, "strengths") == ["kept"],
              "the hub has it again")


def play(executable, folder):
    for name, is_same in vectors_written_again():
        check(is_same, f"{name}: read, and written as the same bytes")
    world = World(executable, folder)
    try:
        story = Story(world)
        for scene in (story.enrols, story.employs, story.receives_a_child, story.edits,
                      story.conflicts, story.waits, story.gives, story.loses_a_reply,
                      story.is_restored, story.is_restored_with_unsent, story.lists_its_holdings,
                      story.is_withdrawn, story.defers, story.is_refused, story.is_given_in_parts,
                      story.lies, story.hub_is_restored):
            scene()
    finally:
        world.stop_all()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        play(sys.argv[1], sys.argv[2])
    else:
        with tempfile.TemporaryDirectory() as folder:
            play(sys.argv[1], folder)

"""The hub and another agency as processes, in one folder."""
import json
import os
import signal
import subprocess
import time

PATIENCE = 60


def check(is_so, claim, found=None):
    if not is_so:
        raise AssertionError(f"{claim}: {found}")
    print("ok", claim, flush=True)


def until(probe, claim):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = probe()
        if found:
            print("ok", claim, flush=True)
            return found
        time.sleep(0.1)
    raise AssertionError(f"{claim}: not in {PATIENCE} s")


class World:
    """The hub and the school, in one folder."""

    def __init__(self, executable, folder):
        self.executable, self.folder, self.processes, self.port = executable, folder, {}, 0
        self.run("hub", "init")
        self.serve_hub()
        for name, sector in (("Moor Lane Centre", "earlyYears"), ("Dewsbury High", "school")):
            self.run("hub", "agency", "add", name, "--sector", sector, "--locality", "dewsbury")
        self.run("agency", "join", "--hub", self.url, "--code", self.code("Dewsbury High"))
        self.serve("school", "agency", "serve")
        until(lambda: self.run("agency", "status", fails=True) is not None, "the school serves")
        self.run("agency", "practitioner", "add", "--name", "Ada Example", "--role", "teacher")

    def path(self, name):
        return os.path.join(self.folder, name)

    def environment(self):
        return {**os.environ, "CAFSYNC_HUB": self.path("hub"),
                "CAFSYNC_AGENCY": self.path("school")}

    def run(self, *arguments, fails=False):
        if arguments[0] == "agency" and arguments[1] == "join":
            arguments += ("--folder", self.path("school"))
        done = subprocess.run([self.executable, *arguments], capture_output=True, text=True,
                              env=self.environment(), timeout=PATIENCE)
        if done.returncode and not fails:
            raise AssertionError(f"{arguments}: {done.returncode} {done.stdout} {done.stderr}")
        return None if done.returncode else done.stdout

    def school(self, *arguments):
        """A command of the school's practitioner, as JSON."""
        return json.loads(self.run(*arguments, "--as", "Ada Example", "--json"))

    def serve(self, name, *arguments):
        with open(self.path(name + ".log"), "ab") as log:
            self.processes[name] = subprocess.Popen(
                [self.executable, *arguments], stderr=log, env=self.environment())

    def serve_hub(self):
        self.remove("port")
        self.serve("hub", "hub", "serve", "--port", str(self.port), "--port-file",
                   self.path("port"))
        until(lambda: os.path.exists(self.path("port")) and os.path.getsize(self.path("port")),
              "the hub serves")
        with open(self.path("port")) as file:
            self.port = int(file.read())
        self.url = f"http://127.0.0.1:{self.port}"

    def remove(self, name):
        if os.path.exists(self.path(name)):
            os.remove(self.path(name))

    def stop(self, name, sign=signal.SIGTERM):
        self.processes[name].send_signal(sign)
        self.processes.pop(name).wait(PATIENCE)

    def stop_all(self):
        for name in list(self.processes):
            self.stop(name, signal.SIGKILL)

    def code(self, agency):
        return json.loads(self.run("hub", "enrol", agency, "--json"))["code"]

    def reached_hub(self):
        """All that the school has for the hub is there, and all that is for it is here."""
        until(lambda: json.loads(self.run("agency", "sync", "--json"))["isAllSynced"],
              "the school has synchronised")

    def needs(self, child):
        """What the school holds as needs of the child's one element: a list of texts."""
        elements = json.loads(self.run("caf", "show", child.hex(), "--json"))["cafs"][0]["elements"]
        return sorted(sibling["value"]["needs"] for element in elements
                      for sibling in element["groups"].get("needs", []))

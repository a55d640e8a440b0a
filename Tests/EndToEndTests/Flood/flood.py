"""Somebody who means ill, before a hub's TLS proxy: python3 flood.py MODE PORT CA COUNT STATE [SOURCE].

What came of it so far stands in the file STATE as one JSON object: `ready` once COUNT connections or requests have been
made, how many are `open`, how many the proxy `closed`, and the `statuses` that were answered. It goes on until killed, but
for the modes that end by themselves.
"""

import collections
import json
import os
import resource
import select
import socket
import ssl
import sys
import time

mode, port, authority, count, state = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]
source = sys.argv[6] if len(sys.argv) > 6 else "127.0.0.1"
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
context = ssl.create_default_context(cafile=authority)
statuses = collections.Counter()
closed = 0


def tell(open_now, ready=False):
    with open(state + ".tmp", "w") as file:
        json.dump({"ready": ready, "open": open_now, "closed": closed, "statuses": statuses}, file)
    os.replace(state + ".tmp", state)


def plain():
    return socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(source, 0))


def tls():
    return context.wrap_socket(plain(), server_hostname="localhost")


def credential(number):
    return f"CAFSync 00000000-0000-4000-8000-{number:012x}.{number:064x}"


def head(path, headers):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/cbor"]
    return "\r\n".join(lines + headers + ["", ""]).encode()


def status_of(connection):
    """Reads one answer whole; 0 when the connection has ended instead."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return 0
        data += more
    top, rest = data.split(b"\r\n\r\n", 1)
    lengths = [line.split(b":")[1] for line in top.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(rest) < int(lengths[0]):
        more = connection.recv(65536)
        if not more:
            return 0
        rest += more
    return int(top.split()[1])


def drip(begin, byte):
    """Keeps connections that send one byte a second, and opens a new one for each that is closed."""
    global closed
    held = []
    while True:
        # Not all at once, or nothing would have been sent on the first when the last one stands.
        for _ in range(min(count - len(held), 100)):
            try:
                held.append(begin(len(held)))
            except OSError:
                statuses["refused"] += 1
        tell(len(held), len(held) == count)
        time.sleep(0.5)
        poller = select.poll()
        for one in held:
            poller.register(one, select.POLLIN | select.POLLHUP)
        ended = {descriptor for descriptor, _ in poller.poll(0)}
        alive = []
        for one in held:
            try:
                if one.fileno() in ended and heard(one):
                    raise OSError
                one.send(byte)
                alive.append(one)
            except OSError:
                closed += 1
                one.close()
        held = alive


def heard(connection):
    """Whether what has come says that it is over; a ticket or the like does not."""
    connection.setblocking(False)
    try:
        data = connection.recv(4096)
        if data.startswith(b"HTTP/1.1 "):
            statuses[data[9:12].decode()] += 1
        return True
    except ssl.SSLWantReadError:
        return False
    finally:
        connection.settimeout(60)


def heads():
    def begin(number):
        if number % 3 == 0:  # It does not even finish its handshake.
            connection = plain()
            connection.send(b"\x16\x03\x01\x02\x00\x01")
            return connection
        connection = tls()
        connection.send(head("/v1/exchange", ["X-Slow: "])[:-4])
        return connection

    drip(begin, b"a")


def bodies():
    def begin(number):
        connection = tls()
        connection.send(
            head("/v1/exchange", ["Content-Length: 1000000", "Authorization: " + credential(number)])
        )
        return connection

    drip(begin, b"\0")


def idle():
    held = []
    while len(held) < count:
        connection = tls()
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        statuses[status_of(connection)] += 1
        held.append(connection)
        if len(held) % 200 == 0:
            tell(len(held))
    while True:
        poller = select.poll()
        for one in held:
            poller.register(one, select.POLLIN | select.POLLHUP)
        ended = {descriptor for descriptor, _ in poller.poll(0)}
        global closed
        closed += len(ended)
        for one in held:
            if one.fileno() in ended:
                one.close()
        held = [one for one in held if one.fileno() >= 0]
        tell(len(held), True)
        time.sleep(0.5)


def large():
    """Bodies that are announced too large, and bodies without end; each in turn, for ever."""
    block = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    number = 0
    while True:
        number += 1
        connection = tls()
        announces = ["Content-Length: 16777217"] if number % 2 else ["Transfer-Encoding: chunked"]
        try:
            connection.send(head("/v1/exchange", announces + ["Authorization: " + credential(number)]))
            sent = 0
            while number % 2 == 0 and sent < 64:
                connection.sendall(block)
                sent += 1
            statuses[status_of(connection)] += 1
        except OSError:
            statuses["closed"] += 1
        connection.close()
        tell(0, number >= count)


def requests(path, devices):
    """So many requests as fast as they are answered, of so many devices; then it ends."""
    connection = tls()
    for number in range(count):
        connection.send(
            head(path, ["Content-Length: 0", "Authorization: " + credential(number % devices)])
        )
        status = status_of(connection)
        statuses[status] += 1
        if status == 0:
            connection = tls()
    tell(0, True)


def poll_at_once():
    """A fleet that comes back at once: each on a connection of its own, all asking before any is answered."""
    connections = [tls() for _ in range(count)]
    for number, connection in enumerate(connections):
        connection.send(head("/v1/exchange", ["Content-Length: 0", "Authorization: " + credential(number)]))
    for connection in connections:
        statuses[status_of(connection)] += 1
    tell(0, True)


def events():
    """Whether an event of the console arrives while its answer goes on."""
    connection = context.wrap_socket(plain(), server_hostname="console.localhost")
    connection.send(f"GET /events HTTP/1.1\r\nHost: console.localhost:{port}\r\n\r\n".encode())
    data = b""
    while b"data: first" not in data:
        more = connection.recv(65536)
        if not more:
            return tell(0, True)
        data += more
    statuses["first"] += 1
    tell(1, True)


modes = {
    "events": events,
    "heads": heads,
    "bodies": bodies,
    "idle": idle,
    "large": large,
    "enrol": lambda: requests("/v1/enrol", 1),
    "runaway": lambda: requests("/v1/exchange", 1),
    "fleet": poll_at_once,
}
modes[mode]()

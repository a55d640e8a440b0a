"""CBOR in its core deterministic encoding (6.1), with what Python has no type for."""
import math
import struct
from dataclasses import dataclass


class Pairs(list):
    """A map with other keys than numbers or texts: kept as it came, since values are passed on."""


@dataclass(frozen=True)
class Tag:
    number: int
    item: object


@dataclass(frozen=True)
class Simple:
    number: int


class Malformed(Exception):
    pass


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | extra]) + n.to_bytes(size, "big")
    raise Malformed("a number beyond 64 bits")


def encode(item):
    if item is None or isinstance(item, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[item]
    if isinstance(item, int):
        return head(0, item) if item >= 0 else head(1, -1 - item)
    if isinstance(item, float):
        return encode_float(item)
    if isinstance(item, (bytes, bytearray)):
        return head(2, len(item)) + bytes(item)
    if isinstance(item, str):
        text = item.encode()
        return head(3, len(text)) + text
    if isinstance(item, (dict, Pairs)):
        pairs = item.items() if isinstance(item, dict) else item
        ready = sorted((encode(key), encode(value)) for key, value in pairs)
        if len({key for key, _ in ready}) < len(ready):
            raise Malformed("a key twice")
        return head(5, len(ready)) + b"".join(key + value for key, value in ready)
    if isinstance(item, (list, tuple)):
        return head(4, len(item)) + b"".join(map(encode, item))
    if isinstance(item, Tag):
        return head(6, item.number) + encode(item.item)
    if isinstance(item, Simple):
        n = item.number
        return bytes([0xE0 | n]) if n < 24 else bytes([0xF8, n])
    raise Malformed(f"{type(item)} has no encoding")


def encode_float(number):
    if math.isnan(number):
        return b"\xf9\x7e\x00"
    for first, form in ((0xF9, ">e"), (0xFA, ">f"), (0xFB, ">d")):
        try:
            packed = struct.pack(form, number)
        except OverflowError:
            continue
        if struct.unpack(form, packed)[0] == number:
            return bytes([first]) + packed
    raise Malformed("no float")


def decode(data):
    """One item, and nothing after it. Writing it again must give the same bytes (6.1.1)."""
    try:
        item, end = read(data, 0, 0)
        again = encode(item)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    if end != len(data) or again != data:
        raise Malformed("not the deterministic encoding of one item")
    return item


def read(data, at, depth):
    if depth > 64:
        raise Malformed("nested too deep")
    first = data[at]
    major, short, at = first >> 5, first & 31, at + 1
    if short > 27:
        raise Malformed("indefinite length, or a reserved spelling")
    size = 1 << short - 24 if short > 23 else 0
    raw, at = data[at:at + size], at + size
    n = int.from_bytes(raw, "big") if size else short
    if len(raw) < size or major in (2, 3, 4, 5) and n > len(data) - at:
        raise Malformed("cut short")
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if major < 4:
        piece = data[at:at + n]
        return (bytes(piece) if major == 2 else piece.decode()), at + n
    if major == 6:
        item, at = read(data, at, depth + 1)
        return Tag(n, item), at
    if major == 7:
        if size > 1:
            return struct.unpack({2: ">e", 4: ">f", 8: ">d"}[size], raw)[0], at
        return ({20: False, 21: True, 22: None}[n] if 20 <= n <= 22 else Simple(n)), at
    items = []
    for _ in range(n if major == 4 else 2 * n):
        item, at = read(data, at, depth + 1)
        items.append(item)
    if major == 4:
        return items, at
    keys = items[::2]
    plain = all(type(key) in (int, str) for key in keys)
    pairs = zip(keys, items[1::2])
    return (dict(pairs) if plain else Pairs(pairs)), at

"""The vectors of Protocol/vectors, through this reader and writer."""
import json
import os

from cbor import decode, encode
from wire import Change, Description, PageWriter, State, read_page, seal, unseal


def vectors_written_again():
    """Names of vectors, and whether what was read is written as the same bytes (6.12)."""
    folder = os.path.join(os.path.dirname(__file__), "../../../Protocol/vectors")

    def again(fields):
        described, items = read_page(fields)
        writer, named = PageWriter(), {one.id: one for one in described}
        for id, item in items:
            one = named.get(id, Description(id, 0, b"", None))
            if isinstance(item, Change):
                writer.change(one, id not in named, item)
            elif isinstance(item, State):
                writer.state(one, id not in named, item)
            else:
                writer.items.append([writer.reference(one, id not in named), *item])
        return writer.fields()

    def rewritten(kind, data):
        if kind == "compartment-content":
            return encode(State.read([[], data]).content())
        if kind == "page":
            return encode(again(decode(data)))
        fields = unseal(data)
        return seal({**fields, 12: again(fields[12])} if 12 in fields else fields)

    for kind in ("page", "compartment-content", "exchange-request", "exchange-reply"):
        with open(os.path.join(folder, kind + ".json"), encoding="utf-8") as file:
            for vector in json.load(file):
                data = bytes.fromhex(vector["bytes"])
                yield f"{kind}, {vector['name']}", rewritten(kind, data) == data

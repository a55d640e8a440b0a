"""Lays out a corpus for the fuzzer: the vectors of the protocol, without their envelopes, and seeds/."""
import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent.parent / "Protocol/vectors"
NAMES = {"version-vector": "vector", "compartment-content": "content"}
ENVELOPED = {"exchange-request", "exchange-reply", "enrolment-request", "enrolment-reply"}

corpus = pathlib.Path(sys.argv[1])
for file in sorted(VECTORS.glob("*.json")):
    folder = corpus / NAMES.get(file.stem, file.stem)
    folder.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(json.loads(file.read_text())):
        data = bytes.fromhex(sample["bytes"])
        (folder / f"vector-{number}").write_bytes(data[24:] if file.stem in ENVELOPED else data)
for folder in sorted((HERE / "seeds").iterdir()):
    shutil.copytree(folder, corpus / folder.name, dirs_exist_ok=True)

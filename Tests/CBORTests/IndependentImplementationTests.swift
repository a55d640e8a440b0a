import CBOR
import Foundation
import TestSupport
import Testing

/// Python's cbor2 as the second opinion. One process checks all values: each line holds a value
/// described in JSON and our encoding of it; Python answers with its own encoding of the
/// description.
///
/// cbor2's `canonical=True` sorts map keys length-first (RFC 7049), so `sorted_maps` below lets
/// cbor2 encode keys and values one by one and puts them in the order of RFC 8949 itself.
@Suite struct IndependentImplementationTests {
  @Test func cbor2ReadsWhatWeWriteAndWritesWhatWeRead() throws {
    var generator = SeededGenerator(state: 2026)
    let values = (0..<250).map { _ in randomValue(depth: 3, using: &generator) }
    let lines = try values.map { value in
      let description = try JSONSerialization.data(withJSONObject: describe(value))
      return "\(hex(value.encoded))\t\(String(decoding: description, as: UTF8.self))\n"
    }
    let answers = try Python.run(
      try Python.with("cbor2"), ["-c", Self.script], input: lines.joined()
    ).split(separator: "\n")
    #expect(answers.count == values.count)
    for (value, answer) in zip(values, answers) {
      let fields = answer.split(separator: " ")
      #expect(fields.first == "equal", "cbor2 read another value from \(hex(value.encoded))")
      let theirs = bytes(String(fields.last ?? ""))
      #expect(theirs == value.encoded)
      #expect(try CBOR(decoding: theirs) == value)
    }
  }

  /// Tagged pairs that JSON can carry without loss.
  private func describe(_ value: CBOR) -> [Any] {
    switch value {
    case .unsigned(let number): ["unsigned", String(number)]
    case .negative(let number): ["negative", String(number)]
    case .bytes(let content): ["bytes", hex(content)]
    case .text(let content): ["text", content]
    case .array(let items): ["array", items.map(describe)]
    case .map(let entries): ["map", entries.map { [describe($0.key), describe($0.value)] }]
    case .tagged(let tag, let item): ["tagged", String(tag), describe(item)]
    case .bool(let truth): ["bool", truth]
    case .null: ["null"]
    case .undefined: ["undefined"]
    case .simple(let number): ["simple", Int(number)]
    case .float(let number): ["float", String(number.bitPattern)]
    }
  }

  private static let script = """
    import cbor2, json, struct, sys
    def build(d):
        kind = d[0]
        if kind == 'unsigned': return int(d[1])
        if kind == 'negative': return -1 - int(d[1])
        if kind == 'bytes': return bytes.fromhex(d[1])
        if kind == 'text': return d[1]
        if kind == 'array': return [build(i) for i in d[1]]
        if kind == 'map': return {build(k): build(v) for k, v in d[1]}
        if kind == 'tagged': return cbor2.CBORTag(int(d[1]), build(d[2]))
        if kind == 'bool': return d[1]
        if kind == 'null': return None
        if kind == 'undefined': return cbor2.undefined
        if kind == 'simple': return cbor2.CBORSimpleValue(d[1])
        return struct.unpack('>d', struct.pack('>Q', int(d[1])))[0]
    def plain(v):  # inside tags, cbor2 reads tuples and frozen dictionaries
        if isinstance(v, cbor2.CBORTag): return ('tag', v.tag, plain(v.value))
        if isinstance(v, (list, tuple)): return [plain(i) for i in v]
        if hasattr(v, 'items'): return {k: plain(i) for k, i in v.items()}
        return v
    def head(major, n):
        plain = bytearray(cbor2.dumps(n))
        plain[0] |= major << 5
        return bytes(plain)
    def sorted_maps(v):
        if isinstance(v, dict):
            pairs = sorted((cbor2.dumps(k, canonical=True), sorted_maps(i)) for k, i in v.items())
            return head(5, len(v)) + b''.join(k + i for k, i in pairs)
        if isinstance(v, list):
            return head(4, len(v)) + b''.join(map(sorted_maps, v))
        if isinstance(v, cbor2.CBORTag):
            return head(6, v.tag) + sorted_maps(v.value)
        return cbor2.dumps(v, canonical=True)
    for line in sys.stdin.buffer:
        ours, described = line.decode().split('\\t')
        value = build(json.loads(described))
        same = plain(cbor2.loads(bytes.fromhex(ours))) == plain(value)
        print('equal' if same else 'different', sorted_maps(value).hex())
    """
}

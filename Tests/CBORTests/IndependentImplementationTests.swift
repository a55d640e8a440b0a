import CBOR
import Foundation
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
    let answers = try run(
      try pythonWithCBOR2(), ["-c", Self.script], input: lines.joined()
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

  /// A Python that imports cbor2: the system's, or a virtual environment made once for it.
  private func pythonWithCBOR2() throws -> String {
    let probe = ["-c", "import cbor2"]
    if (try? run("python3", probe)) != nil { return "python3" }
    // A failed probe is the expected answer of a machine without cbor2, hence `try?`.
    let folder = NSTemporaryDirectory() + "cafsync-cbor2-venv"
    let python = folder + "/bin/python3"
    if (try? run(python, probe)) != nil { return python }
    try run("python3", ["-m", "venv", folder])
    try run(python, ["-m", "pip", "install", "--quiet", "cbor2"])
    try run(python, probe)
    return python
  }

  private struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  @discardableResult
  private func run(_ program: String, _ arguments: [String], input: String = "") throws -> String {
    // Input and output go through files: a pipe would fill up while the other side waits.
    let files = try (0..<3).map { _ in
      let path = NSTemporaryDirectory() + "cafsync-cbor-" + UUID().uuidString
      try Data(input.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }
    defer { for file in files { unlink(file) } }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = FileHandle(forReadingAtPath: files[0])
    for file in files.dropFirst() { truncate(file, 0) }
    process.standardOutput = FileHandle(forWritingAtPath: files[1])
    process.standardError = FileHandle(forWritingAtPath: files[2])
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let complaint = try String(contentsOfFile: files[2], encoding: .utf8)
      throw Failed(description: "\(program) \(arguments.first ?? ""): \(complaint)")
    }
    return try String(contentsOfFile: files[1], encoding: .utf8)
  }
}

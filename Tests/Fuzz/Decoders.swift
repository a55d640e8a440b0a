import CBOR
import CaseRecords
import Causality
import HTTPWire
import Operations
import SyncEngine
import SyncProtocol

@testable import AgencyService
@testable import HubService

/// Whatever is read that somebody else has written. Each takes any bytes without a trap, and holds
/// to one property: what was accepted means the same once it is written and read again. A refusal
/// is an answer like any other, hence each `try?`. Unsafe in name only: never written, and the
/// fuzzer has one thread.
nonisolated(unsafe) let decoders: [String: ([UInt8]) -> Void] = [
  // Deterministic: there is one encoding of a value, so what is accepted is that one.
  "cbor": same({ try CBOR(decoding: $0) }, { $0.encoded }),
  "vector": same({ try VersionVector(encoded: $0) }, { $0.encoded() }),
  "content": { bytes in
    same({ try CompartmentContent(encoded: $0) }, { $0.encoded() })(bytes)
    // The two readers of it agree.
    let isWhole = (try? CompartmentContent(encoded: bytes)) != nil
    precondition(isWhole == ((try? CheckedContent(encoded: bytes)) != nil))
  },
  "change": again({ try Change(encoded: $0) }, { $0.encoded() }),
  "page": again({ try Page(encoded: $0) }, { $0.encoded().bytes }),
  "policy-entry": again({ try PolicyEntry(encoded: $0) }, { $0.encoded() }),
  "group-value": again({ try GroupValue(encoded: $0) }, { $0.encoded() }),
  "envelope": same({ try Envelope.opened($0) }, { Envelope.sealed($0) }),
  "exchange-request": enveloped(again({ try ExchangeRequest(encoded: $0) }, { $0.encoded() })),
  "exchange-reply": enveloped(again({ try ExchangeReply(encoded: $0) }, { $0.encoded() })),
  "enrolment-request": enveloped(again({ try EnrolmentRequest(encoded: $0) }, { $0.encoded() })),
  "enrolment-reply": enveloped(again({ try EnrolmentReply(encoded: $0) }, { $0.encoded() })),
  "journal": again(
    { bytes in
      var decoder = CBORDecoder(bytes)
      return try JournalLine(from: &decoder)
    },
    { line in
      var encoder = CBOREncoder()
      line.encode(into: &encoder)
      return encoder.bytes
    }),
  "http-request": { bytes in
    precondition(requests(bytes, piece: bytes.count) == requests(bytes, piece: 1))
    precondition(requests(bytes, piece: bytes.count) == requests(bytes, piece: 7))
  },
  "http-response": { bytes in
    precondition(responses(bytes, piece: bytes.count) == responses(bytes, piece: 1))
    precondition(responses(bytes, piece: bytes.count) == responses(bytes, piece: 7))
  },
  "form": { bytes in
    guard let form = URLEncodedForm(bytes) else { return }
    precondition(form.fields.count <= URLEncodedForm.fieldsMax)
    // Who asks for a field by its name gets the first of them.
    for field in form.fields { precondition(form[field.name] != nil) }
  },
  "json": again({ try JSON.parse($0) }, { Array($0.text().utf8) }),
  "configuration": { bytes in
    guard let file = try? ConfigurationReader(bytes: bytes, file: "hub.json5") else { return }
    _ = try? HubConfiguration(file)
  },
  "command-line": { bytes in
    let words = bytes.split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard case .run(let invocation)? = try? Arguments.parse(words, root: commands) else { return }
    _ = invocation.given
    if invocation.command.name == "write" { _ = try? invocation.integer("count", in: 0...9) }
  },
  "csv": { _ = try? CSV.rows(String(decoding: $0, as: UTF8.self)) },
]

/// Accepted bytes are the encoding of what they mean.
private func same<Value>(
  _ read: @escaping ([UInt8]) throws -> Value, _ written: @escaping (Value) -> [UInt8]
) -> ([UInt8]) -> Void {
  { bytes in
    guard let value = try? read(bytes) else { return }
    precondition(written(value) == bytes)
  }
}

/// What was accepted is the same once it is written and read again.
private func again<Value: Equatable>(
  _ read: @escaping ([UInt8]) throws -> Value, _ written: @escaping (Value) -> [UInt8]
) -> ([UInt8]) -> Void {
  { bytes in
    guard let value = try? read(bytes) else { return }
    guard let second = try? read(written(value)) else { preconditionFailure("not read again") }
    precondition(second == value)
  }
}

/// The digest of the envelope would hide what lies behind it.
private func enveloped(_ decode: @escaping ([UInt8]) -> Void) -> ([UInt8]) -> Void {
  { payload in decode(Envelope.sealed(payload)) }
}

/// What a stream means, however it is cut.
private struct Meaning<Event: Equatable>: Equatable {
  var events: [Event] = []
  var error: HTTPWireError?
}

private func requests(_ bytes: [UInt8], piece: Int) -> Meaning<HTTPRequestParser.Event> {
  var parser = HTTPRequestParser(limits: HTTPLimits(bodyBytesMax: 1_024))
  return meaning(bytes, piece) { rest throws(HTTPWireError) in try parser.consume(&rest) }
}

private func responses(_ bytes: [UInt8], piece: Int) -> Meaning<HTTPResponseParser.Event> {
  var parser = HTTPResponseParser(limits: HTTPLimits(bodyBytesMax: 1_024))
  return meaning(bytes, piece) { rest throws(HTTPWireError) in try parser.consume(&rest) }
}

private func meaning<Event>(
  _ bytes: [UInt8], _ piece: Int,
  _ consume: (inout ArraySlice<UInt8>) throws(HTTPWireError) -> Event?
) -> Meaning<Event> {
  var result = Meaning<Event>()
  var start = 0
  while start < bytes.count {
    let end = min(start + max(piece, 1), bytes.count)
    var rest = bytes[start..<end]
    start = end
    do throws(HTTPWireError) {
      while !rest.isEmpty, let event = try consume(&rest) { result.events.append(event) }
    } catch {
      result.error = error
      return result
    }
  }
  return result
}

private let commands = Command(
  "cafsync", "a tree of every shape",
  subcommands: [
    Command(
      "write", "what takes all kinds of words",
      [
        .flag("all", "A flag."), .option("count", "N", "A number.", standard: "3"),
        .option("name", "NAME", "A text."), .argument("FILE", "What must be there."),
      ]
    ) { _ in .success },
    Command("group", "others", subcommands: [Command("list", "nothing more") { _ in .success }]),
  ])

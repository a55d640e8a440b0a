import CaseRecords
import Causality
import SyncProtocol
import Testing

/// Whatever is written reads as the same, and is written the same again.
@Suite struct RoundTripTests {
  private func check<Value: Equatable>(
    _ count: Int, seed: UInt64, make: (inout SeededGenerator) -> Value,
    encode: (Value) -> [UInt8], decode: ([UInt8]) throws -> Value
  ) throws {
    var generator = SeededGenerator(seed)
    for index in 0..<count {
      let value = make(&generator)
      let bytes = encode(value)
      let again = try decode(bytes)
      #expect(again == value, "seed \(seed), message \(index)")
      #expect(encode(again) == bytes, "seed \(seed), message \(index)")
    }
  }

  @Test func vectors() throws {
    try check(500, seed: 1) {
      $0.vector()
    } encode: {
      $0.encoded()
    } decode: {
      try VersionVector(encoded: $0)
    }
  }

  @Test func changes() throws {
    try check(1_000, seed: 2) {
      $0.change()
    } encode: {
      $0.encoded()
    } decode: {
      try Change(encoded: $0)
    }
  }

  @Test func contents() throws {
    try check(1_000, seed: 3) {
      $0.content()
    } encode: {
      $0.encoded()
    } decode: {
      try CompartmentContent(encoded: $0)
    }
  }

  @Test func policyEntries() throws {
    try check(1_000, seed: 4) {
      $0.policyEntry()
    } encode: {
      $0.encoded()
    } decode: {
      try PolicyEntry(encoded: $0)
    }
  }

  @Test func pages() throws {
    try check(500, seed: 5) {
      $0.page()
    } encode: {
      $0.encoded().bytes
    } decode: {
      try Page(encoded: $0)
    }
  }

  @Test func requests() throws {
    try check(500, seed: 6) {
      $0.request()
    } encode: {
      $0.encoded()
    } decode: {
      try ExchangeRequest(encoded: $0)
    }
  }

  @Test func replies() throws {
    try check(500, seed: 7) {
      $0.reply()
    } encode: {
      $0.encoded()
    } decode: {
      try ExchangeReply(encoded: $0)
    }
  }

  @Test func enrolments() throws {
    try check(500, seed: 8) {
      $0.enrolmentRequest()
    } encode: {
      $0.encoded()
    } decode: {
      try EnrolmentRequest(encoded: $0)
    }
    try check(500, seed: 9) {
      $0.enrolmentReply()
    } encode: {
      $0.encoded()
    } decode: {
      try EnrolmentReply(encoded: $0)
    }
  }

  @Test func snapshotsAreOneEncodingWhole() throws {
    var generator = SeededGenerator(10)
    for _ in 0..<300 {
      let (vector, content) = (generator.vector(), generator.content())
      let snapshot = EncodedSnapshot(vector: vector, contentBytes: content.encoded())
      let again = try EncodedSnapshot(bytes: snapshot.bytes).decoded()
      #expect(again.vector == vector)
      #expect(try again.content.opened() == content)
    }
  }
}

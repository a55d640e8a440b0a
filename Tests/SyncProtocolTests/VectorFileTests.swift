import Foundation
import CaseRecords
import Causality
import SyncProtocol
import TestSupport
import Testing

/// `Protocol/vectors`: bytes and what they say, for whoever writes another implementation. Written
/// by this test when the environment has `CAFSYNC_WRITE_VECTORS=1`, otherwise read and held against
/// encoder and decoder: a change of the encoding cannot go unnoticed.
@Suite struct VectorFileTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Protocol/vectors").standardized

  private func check<Message: Equatable>(
    _ kind: String, _ samples: [(String, Message)], encode: (Message) -> [UInt8],
    decode: ([UInt8]) throws -> Message
  ) throws {
    let file = Self.folder.appendingPathComponent(kind + ".json")
    if ProcessInfo.processInfo.environment["CAFSYNC_WRITE_VECTORS"] == "1" {
      let vectors = samples.map {
        ["name": $0.0, "bytes": hexadecimal(encode($0.1)), "content": describe($0.1)]
      }
      try Data((try jsonText(vectors) + "\n").utf8).write(to: file)
    }
    let stored = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [[String: Any]])
    #expect(stored.map { $0["name"] as? String } == samples.map(\.0))
    for (vector, sample) in zip(stored, samples) {
      let name: Comment = "\(kind): \(sample.0)"
      let stored = try #require(vector["bytes"] as? String)
      #expect(hexadecimal(encode(sample.1)) == stored, name)
      let read = try decode(bytes(hexadecimal: stored))
      let isSame = read == sample.1
      #expect(isSame, name)
      #expect(hexadecimal(encode(read)) == stored, name)
      let content = try #require(vector["content"])
      #expect(try jsonText(describe(read)) == jsonText(content), name)
    }
  }

  @Test func messages() throws {
    try check("exchange-request", VectorSamples.requests) {
      $0.encoded()
    } decode: {
      try ExchangeRequest(encoded: $0)
    }
    try check("exchange-reply", VectorSamples.replies) {
      $0.encoded()
    } decode: {
      try ExchangeReply(encoded: $0)
    }
    try check("enrolment-request", VectorSamples.enrolmentRequests) {
      $0.encoded()
    } decode: {
      try EnrolmentRequest(encoded: $0)
    }
    try check("enrolment-reply", VectorSamples.enrolmentReplies) {
      $0.encoded()
    } decode: {
      try EnrolmentReply(encoded: $0)
    }
  }

  @Test func partsOfMessages() throws {
    try check("page", VectorSamples.pages) {
      $0.encoded().bytes
    } decode: {
      try Page(encoded: $0)
    }
    try check("policy-entry", VectorSamples.policies) {
      $0.encoded()
    } decode: {
      try PolicyEntry(encoded: $0)
    }
    try check("version-vector", VectorSamples.vectors) {
      $0.encoded()
    } decode: {
      try VersionVector(encoded: $0)
    }
  }

  @Test func whatIsStored() throws {
    try check("change", VectorSamples.changes) {
      $0.encoded()
    } decode: {
      try Change(encoded: $0)
    }
    try check("compartment-content", VectorSamples.contents) {
      $0.encoded()
    } decode: {
      try CompartmentContent(encoded: $0)
    }
  }

  /// A reader in another language, written from chapter 6 and on another CBOR library.
  @Test func aReaderWrittenFromTheSpecificationAgrees() throws {
    let script = Self.folder.appendingPathComponent("reader.py").path
    let said = try Python.run(try Python.with("cbor2"), [script])
    #expect(said.hasSuffix(" vectors read, 0 differ\n"))
  }
}

import CaseRecords
import Causality
import SyncProtocol

/// One kind of message as a pair of functions on bytes, for tests that do not care which.
struct Codec: Sendable {
  let name: String
  /// Bytes of a random message, without envelope.
  let make: @Sendable (inout SeededGenerator) -> [UInt8]
  /// Decodes and encodes again, without envelope.
  let again: @Sendable ([UInt8]) throws -> [UInt8]

  /// Those whose every accepted encoding is the only one.
  static let canonical: [Codec] = [
    Codec(name: "vector") {
      $0.vector().encoded()
    } again: {
      try VersionVector(encoded: $0).encoded()
    },
    Codec(name: "change") {
      $0.change().encoded()
    } again: {
      try Change(encoded: $0).encoded()
    },
    Codec(name: "content") {
      $0.content().encoded()
    } again: {
      try CompartmentContent(encoded: $0).encoded()
    },
    Codec(name: "policy entry") {
      $0.policyEntry().encoded()
    } again: {
      try PolicyEntry(encoded: $0).encoded()
    },
    Codec(name: "page") {
      $0.page().encoded().bytes
    } again: {
      try Page(encoded: $0).encoded().bytes
    },
  ]

  /// Those in which unknown keys are passed over.
  static let enveloped: [Codec] = [
    Codec(name: "exchange request") {
      payload($0.request().encoded())
    } again: {
      payload(try ExchangeRequest(encoded: Envelope.sealed($0)).encoded())
    },
    Codec(name: "exchange reply") {
      payload($0.reply().encoded())
    } again: {
      payload(try ExchangeReply(encoded: Envelope.sealed($0)).encoded())
    },
    Codec(name: "enrolment request") {
      payload($0.enrolmentRequest().encoded())
    } again: {
      payload(try EnrolmentRequest(encoded: Envelope.sealed($0)).encoded())
    },
    Codec(name: "enrolment reply") {
      payload($0.enrolmentReply().encoded())
    } again: {
      payload(try EnrolmentReply(encoded: Envelope.sealed($0)).encoded())
    },
  ]

  static func payload(_ body: [UInt8]) -> [UInt8] { Array(body.dropFirst(Envelope.headBytes)) }
}

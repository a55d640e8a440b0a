import CBOR
import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// A line of the policy journal as CBOR: an array whose first item says what it is.
extension JournalLine {
  private enum Kind {
    static let policy: UInt64 = 1
    static let agency: UInt64 = 2
    static let device: UInt64 = 3
    static let deviceRevoked: UInt64 = 4
  }

  func encode(into encoder: inout CBOREncoder) {
    switch self {
    case .policy(let entry, let agency, let at):
      encoder.arrayHeader(count: 4)
      encoder.unsigned(Kind.policy)
      encoder.bytes(agency.bytes)
      encoder.unsigned(at)
      encoder.bytes(entry.encoded())
    case .agency(let agency):
      encoder.arrayHeader(count: 6)
      encoder.unsigned(Kind.agency)
      encoder.bytes(agency.id.bytes)
      encoder.text(agency.name)
      encoder.text(agency.sector)
      encoder.text(agency.locality)
      encoder.bool(agency.isSensitive)
    case .device(let id, let agency, let name, let secretDigest, let at):
      encoder.arrayHeader(count: 6)
      encoder.unsigned(Kind.device)
      encoder.bytes(id.bytes)
      encoder.bytes(agency.bytes)
      encoder.text(name)
      encoder.bytes(secretDigest)
      encoder.unsigned(at)
    case .deviceRevoked(let id, let at):
      encoder.arrayHeader(count: 3)
      encoder.unsigned(Kind.deviceRevoked)
      encoder.bytes(id.bytes)
      encoder.unsigned(at)
    }
  }

  init(from decoder: inout CBORDecoder) throws {
    let count = try decoder.arrayHeader()
    switch (try decoder.unsigned(), count) {
    case (Kind.policy, 4):
      let agency: AgencyID = try decoder.identifier()
      let at = try decoder.unsigned()
      self = .policy(
        try PolicyEntry(encoded: try decoder.bytes()), from: agency, atMilliseconds: at)
    case (Kind.agency, 6):
      self = .agency(
        HubAgency(
          number: 0, id: try decoder.identifier(), name: try decoder.text(),
          sector: try decoder.text(), locality: try decoder.text(),
          isSensitive: try decoder.bool()))
    case (Kind.device, 6):
      self = .device(
        id: try decoder.identifier(), agency: try decoder.identifier(),
        name: try decoder.text(), secretDigest: try decoder.bytes(),
        atMilliseconds: try decoder.unsigned())
    case (Kind.deviceRevoked, 3):
      self = .deviceRevoked(
        try decoder.identifier(), atMilliseconds: try decoder.unsigned())
    default: throw JournalFrameError.unknownLine
    }
  }
}

/// Why a whole, authentic frame still cannot be read.
enum JournalFrameError: Error, CustomStringConvertible {
  case unknownLine
  case wrongIdentifier

  var description: String {
    switch self {
    case .unknownLine: "it was written by a newer cafsync; upgrade this program"
    case .wrongIdentifier: "an identifier does not have 16 bytes"
    }
  }
}

extension CBORDecoder {
  fileprivate mutating func identifier<Tag>() throws -> Identifier<Tag> {
    guard let value = Identifier<Tag>(bytes: try byteSlice()) else {
      throw JournalFrameError.wrongIdentifier
    }
    return value
  }
}

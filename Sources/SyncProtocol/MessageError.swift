package import CBOR

/// Why bytes are not the message they should be, and where. Never holds any of the data.
package struct MessageError: Error, Hashable, Sendable {
  package let message: MessageKind
  /// The field of the specification (`Protocol/06-encoding.md`) that was being read.
  package let field: String
  /// Bytes from the beginning of the payload.
  package let offset: Int
  package let reason: Reason

  package init(_ message: MessageKind, field: String, offset: Int, _ reason: Reason) {
    self.message = message
    self.field = field
    self.offset = offset
    self.reason = reason
  }

  package enum Reason: Hashable, Sendable {
    /// The bytes around the payload: cut, padded or altered on the way.
    case envelope(EnvelopeError)
    /// Not deterministic CBOR, or an item of another type than the field has.
    case encoding(CBORError)
    /// The peer speaks a protocol version that this one does not: answer with that refusal.
    case newerProtocol(version: UInt64)
    case missing
    case unknownKey
    /// An enumeration's number that is not assigned.
    case unassignedNumber
    case outOfRange(min: UInt64, max: UInt64)
    case tooMany(max: Int)
    case tooManyBytes(max: Int)
    case wrongByteCount(expected: Int)
    case wrongItemCount
    /// An index beyond its dictionary, or one that is met before the entries in front of it.
    case badIndex
    /// A dictionary entry that nothing refers to.
    case unusedEntry
    case duplicate
    /// Entries that have one canonical order, in another.
    case notAscending
    /// A field that says what its absence says.
    case redundant
    /// A name that is not 1 to `SyncLimits.nameBytesMax` visible ASCII characters.
    case badName
  }
}

/// What was being read.
package enum MessageKind: String, Hashable, Sendable {
  case exchangeRequest = "exchange request"
  case exchangeReply = "exchange reply"
  case enrolmentRequest = "enrolment request"
  case enrolmentReply = "enrolment reply"
  case page
  case change
  case snapshot
  case compartmentContent = "compartment content"
  case versionVector = "version vector"
  case policyEntry = "policy entry"
}

extension MessageError: CustomStringConvertible {
  /// One sentence that says what to do.
  package var description: String {
    switch reason {
    case .envelope(let error): "The \(message.rawValue) did not arrive whole: \(error)"
    default: "In the \(message.rawValue), field \(field), byte \(offset): \(reason.sentence)"
    }
  }
}

extension MessageError.Reason {
  var sentence: String {
    switch self {
    case .envelope(let error): error.description
    case .encoding(let error): error.reason.sentence
    case .newerProtocol(let version):
      "protocol version \(version) is newer than \(SyncLimits.protocolVersion); upgrade this side."
    case .missing: "the field must be there; send it."
    case .unknownKey: "the key is not assigned in this version; send only what 06-encoding lists."
    case .unassignedNumber: "the number is not assigned in this version; upgrade the older side."
    case .outOfRange(let min, let max): "must lie between \(min) and \(max)."
    case .tooMany(let max): "more than \(max) entries; send fewer at once."
    case .tooManyBytes(let max): "more than \(max) bytes; make it shorter."
    case .wrongByteCount(let expected):
      "must be \(expected) bytes, or a multiple where a list stands."
    case .wrongItemCount: "an array has too many or too few items; send those of 06-encoding."
    case .badIndex: "an index skips or passes the entries of its dictionary; number by first use."
    case .unusedEntry: "a dictionary holds an entry that nothing uses; leave it out."
    case .duplicate: "an entry stands twice; send it once."
    case .notAscending: "entries are not in canonical order; sort them."
    case .redundant: "the field repeats what its absence means; leave it out."
    case .badName: "must be 1 to \(SyncLimits.nameBytesMax) visible ASCII characters."
    }
  }
}

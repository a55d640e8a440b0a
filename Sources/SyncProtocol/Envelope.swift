import Cryptography

/// What every body is wrapped in, so that half a body under a status 200 is an error and not news:
/// `CAF1`, the payload's length (4 bytes, big-endian), the first 16 bytes of its SHA-256, the
/// payload. Against accidents only: who sent it is the transport's business.
package enum Envelope {
  package static let headBytes = 24
  static let magic = Array("CAF1".utf8)

  /// The payload with its head. A payload beyond `SyncLimits.bodyBytesMax` is a programmer error.
  package static func sealed(_ payload: [UInt8]) -> [UInt8] {
    precondition(payload.count <= SyncLimits.bodyBytesMax - headBytes, "a body beyond its limit")
    var body: [UInt8] = []
    body.reserveCapacity(headBytes + payload.count)
    body += magic
    let length = UInt32(payload.count)
    for shift in [24, 16, 8, 0] as [UInt32] {
      body.append(UInt8(truncatingIfNeeded: length >> shift))
    }
    body += sha256(payload).prefix(16)
    body += payload
    return body
  }

  /// The payload, once it is certain that it is the one that was sent.
  package static func opened(_ body: [UInt8]) throws(EnvelopeError) -> [UInt8] {
    guard body.count <= SyncLimits.bodyBytesMax else { throw .tooLarge }
    guard body.starts(with: magic.prefix(body.count)) else { throw .notAnEnvelope }
    guard body.count >= headBytes else { throw .truncated(missingBytes: headBytes - body.count) }
    let length = body[4..<8].reduce(0) { $0 << 8 | Int($1) }
    let present = body.count - headBytes
    guard present >= length else { throw .truncated(missingBytes: length - present) }
    guard present == length else { throw .extended(extraBytes: present - length) }
    let payload = Array(body[headBytes...])
    guard sha256(payload).prefix(16) == body[8..<headBytes] else { throw .altered }
    return payload
  }
}

/// Why a body is not what was sent. In each case: send or fetch it again.
package enum EnvelopeError: Error, Hashable, Sendable {
  case tooLarge
  /// It does not begin like one: another service, or another protocol, answered.
  case notAnEnvelope
  /// At least so many bytes did not arrive.
  case truncated(missingBytes: Int)
  case extended(extraBytes: Int)
  case altered
}

extension EnvelopeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLarge: "the body is over \(SyncLimits.bodyBytesMax) bytes; ask for smaller pages."
    case .notAnEnvelope: "the body does not begin with CAF1; check that the address is the hub's."
    case .truncated(let missing): "the body lacks \(missing) bytes or more; send it again."
    case .extended(let extra):
      "\(extra) bytes follow the body; send it again, and nothing after it."
    case .altered: "the body's digest does not match; send it again, and look at what is between."
    }
  }
}

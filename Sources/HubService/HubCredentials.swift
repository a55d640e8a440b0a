package import CaseRecords
import Causality
import Cryptography
package import HTTPWire
import Operations

/// What a device shows at every exchange: `Authorization: CAFSync <device>.<secret>`, both in
/// hexadecimal digits. The secret is reduced to its digest at once.
package struct HubCredentials: Sendable {
  package let device: DeviceID
  /// SHA-256 of the secret.
  let secretDigest: [UInt8]

  static let scheme = "CAFSync "

  /// Nil when the header is not there once, or not of that form.
  package init?(_ headers: HTTPHeaders) {
    let values = headers.values("Authorization")
    guard values.count == 1, let value = values.first, value.hasPrefix(Self.scheme) else {
      return nil
    }
    let parts = value.dropFirst(Self.scheme.count).split(
      separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let device = DeviceID(text: parts[0]),
      let secret = Hex.bytes(parts[1]), secret.count == 32
    else { return nil }
    self.device = device
    secretDigest = sha256(secret)
  }

  /// The header's value for a device's secret.
  package static func header(device: DeviceID, secret: [UInt8]) -> String {
    scheme + device.text + "." + Hex.text(secret)
  }

  /// An unknown device takes as long as a wrong secret, and gets the same answer.
  func matches(_ digest: [UInt8]?) -> Bool {
    let isRight = constantTimeEquals(secretDigest, digest ?? [UInt8](repeating: 0, count: 32))
    return isRight && digest != nil
  }
}

import CaseRecords
import Causality
import Cryptography
import Operations

/// The key under a practitioner's own passphrase.
///
/// Whose it is says the identifier. While the keys are locked no name can be read, so whoever gives
/// theirs is found by its digest, salted with the slot's own salt.
struct PractitionerKeySlot: Hashable {
  let practitioner: PractitionerID
  let wrapped: PassphraseWrappedKey
  private let nameDigest: [UInt8]

  /// Blocks the thread for a tenth of a second.
  init(
    practitioner: PractitionerID, name: String, wrapping key: SymmetricKey, passphrase: String,
    cost: PassphraseKey.Cost = .standard
  ) throws(CryptographyError) {
    self.practitioner = practitioner
    wrapped = try PassphraseWrappedKey(
      wrapping: key, passphrase: Array(passphrase.utf8), cost: cost)
    nameDigest = Self.digest(name, salt: wrapped.salt)
  }

  /// Nil for anything but what `json` gives.
  init?(json: JSON) {
    guard
      let practitioner = json["practitioner"]?.stringValue.flatMap({ PractitionerID(text: $0) }),
      let nameDigest = json["name"]?.stringValue.flatMap({ bytes(hexadecimal: $0) }),
      nameDigest.count == 32, let wrapped = PassphraseWrappedKey(json: json)
    else { return nil }
    self.practitioner = practitioner
    self.nameDigest = nameDigest
    self.wrapped = wrapped
  }

  var json: JSON {
    var slot = JSON.Object()
    slot["practitioner"] = .string(practitioner.text)
    slot["name"] = .string(Hex.text(nameDigest))
    wrapped.write(to: &slot)
    return .object(slot)
  }

  /// Whether it is that of the practitioner with this name or identifier.
  func belongs(to text: String) -> Bool {
    practitioner.text == text || nameDigest == Self.digest(text, salt: wrapped.salt)
  }

  private static func digest(_ name: String, salt: [UInt8]) -> [UInt8] {
    sha256(salt + Array(NameFolding.folded(name).utf8))
  }
}

/// A passphrase may open the keys here: the agency's (nobody's own), a practitioner's, or none.
struct WayIn {
  let wrapped: PassphraseWrappedKey
  let practitioner: PractitionerID?

  static func agency(_ wrapped: PassphraseWrappedKey) -> WayIn {
    WayIn(wrapped: wrapped, practitioner: nil)
  }

  /// Never empty: for whoever has none there is one that nothing opens, so that a try costs the
  /// same, and its time does not tell who has a passphrase.
  static func own(of text: String, among slots: [PractitionerKeySlot]) throws -> [WayIn] {
    let own = slots.filter { $0.belongs(to: text) }
    if own.isEmpty { return [WayIn(wrapped: try .unopenable(), practitioner: nil)] }
    return own.map { WayIn(wrapped: $0.wrapped, practitioner: $0.practitioner) }
  }
}

extension PassphraseWrappedKey {
  /// Random bytes: that they are a key under any passphrase has a chance of 2⁻¹²⁸.
  static func unopenable() throws(CryptographyError) -> PassphraseWrappedKey {
    var random = SecureRandom()
    return try PassphraseWrappedKey(
      cost: .standard, salt: random.bytes(saltBytes),
      sealed: random.bytes(SymmetricKey.byteCount + Sealing.overheadBytes))
  }
}

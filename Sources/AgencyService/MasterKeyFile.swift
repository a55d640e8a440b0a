import Causality
import Cryptography
import Operations

/// What `master.key` holds: the key that opens the key file, or that key under passphrases.
///
/// In the open it is 64 hexadecimal digits. Under a passphrase it is one JSON object: the salt, the
/// cost of scrypt (n, r, p) and the sealed key; and once practitioners have passphrases of their
/// own, the same again for each of them. The one file is replaced by the other in one step, so
/// there is no moment at which no way in stands, nor one at which it is unclear which counts.
enum MasterKeyFile {
  case open(SymmetricKey)
  /// Under the agency's passphrase, and besides under those of practitioners.
  case wrapped(PassphraseWrappedKey, practitioners: [PractitionerKeySlot] = [])

  /// 2 has practitioners; without any, 1 is written.
  private static let formats: ClosedRange<Int64> = 1...2
  static let practitionersMax = 64
  /// What so many practitioners take, and more.
  static let bytesMax = 65_536

  /// Nil when it is damaged.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let bytes = AgencyService.bytes(hexadecimal: text.filter { !$0.isWhitespace }),
      let key = SymmetricKey(bytes: bytes)
    {
      self = .open(key)
      return
    }
    // Whatever is wrong with it, there is one thing to do: put back the copy.
    guard let file = try? JSON.parse(bytes), let format = file["format"]?.integerValue,
      Self.formats.contains(format), let agency = PassphraseWrappedKey(json: file)
    else { return nil }
    guard format == 2 else {
      self = .wrapped(agency)
      return
    }
    guard let listed = file["practitioners"]?.arrayValue,
      (1...Self.practitionersMax).contains(listed.count)
    else { return nil }
    let slots = listed.compactMap(PractitionerKeySlot.init(json:))
    guard Set(slots.map(\.practitioner)).count == listed.count else { return nil }
    self = .wrapped(agency, practitioners: slots)
  }

  var bytes: [UInt8] {
    switch self {
    case .open(let key): return Array((Hex.text(key.bytes) + "\n").utf8)
    case .wrapped(let agency, let practitioners):
      var file = JSON.Object()
      file["format"] = .integer(practitioners.isEmpty ? 1 : 2)
      agency.write(to: &file)
      if !practitioners.isEmpty { file["practitioners"] = .array(practitioners.map(\.json)) }
      return Array((JSON.object(file).text(.pretty) + "\n").utf8)
    }
  }
}

extension PassphraseWrappedKey {
  /// Nil for anything but what `write` writes.
  init?(json: JSON) {
    guard json["kdf"]?.stringValue == "scrypt",
      let cost = try? PassphraseKey.Cost(
        iterations: Self.number(json["n"]), blockSize: Self.number(json["r"]),
        parallelism: Self.number(json["p"])),
      let salt = json["salt"]?.stringValue.flatMap({ bytes(hexadecimal: $0) }),
      let sealed = json["sealed"]?.stringValue.flatMap({ bytes(hexadecimal: $0) }),
      let key = try? PassphraseWrappedKey(cost: cost, salt: salt, sealed: sealed)
    else { return nil }  // Damaged, whichever of them it is.
    self = key
  }

  func write(to object: inout JSON.Object) {
    object["kdf"] = "scrypt"
    object["n"] = .count(cost.iterations)
    object["r"] = .count(cost.blockSize)
    object["p"] = .count(cost.parallelism)
    object["salt"] = .string(Hex.text(salt))
    object["sealed"] = .string(Hex.text(sealed))
  }

  /// No cost allows 0, so what is missing is refused with what is wrong.
  private static func number(_ value: JSON?) -> Int { Int(clamping: value?.integerValue ?? 0) }
}

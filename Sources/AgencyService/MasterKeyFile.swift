import Cryptography
import Operations

/// What `master.key` holds: the key that opens the key file, or that key under a passphrase.
///
/// In the open it is 64 hexadecimal digits. Under a passphrase it is one JSON object: the salt, the
/// cost of scrypt (n, r, p) and the sealed key. The one file is replaced by the other in one step,
/// so there is no moment at which neither stands, nor one at which it is unclear which counts.
enum MasterKeyFile {
  case open(SymmetricKey)
  case wrapped(PassphraseWrappedKey)

  private static let format: Int64 = 1
  static let bytesMax = 4_096

  /// Nil when it is damaged.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let bytes = AgencyService.bytes(hexadecimal: text.filter { !$0.isWhitespace }),
      let key = SymmetricKey(bytes: bytes)
    {
      self = .open(key)
    } else if let wrapped = Self.wrapped(in: bytes) {
      self = .wrapped(wrapped)
    } else {
      return nil
    }
  }

  var bytes: [UInt8] {
    switch self {
    case .open(let key): return Array((hexadecimal(key.bytes) + "\n").utf8)
    case .wrapped(let key):
      let file: JSON = [
        "format": .integer(Self.format), "kdf": "scrypt", "n": .count(key.cost.iterations),
        "r": .count(key.cost.blockSize), "p": .count(key.cost.parallelism),
        "salt": .string(hexadecimal(key.salt)), "sealed": .string(hexadecimal(key.sealed)),
      ]
      return Array((file.text(.pretty) + "\n").utf8)
    }
  }

  private static func wrapped(in bytes: [UInt8]) -> PassphraseWrappedKey? {
    // Whatever is wrong with it, there is one thing to do: put back the copy.
    guard let file = try? JSON.parse(bytes), file["format"]?.integerValue == format,
      file["kdf"]?.stringValue == "scrypt",
      let cost = try? PassphraseKey.Cost(
        iterations: number(file["n"]), blockSize: number(file["r"]),
        parallelism: number(file["p"])),
      let salt = file["salt"]?.stringValue.flatMap({ AgencyService.bytes(hexadecimal: $0) }),
      let sealed = file["sealed"]?.stringValue.flatMap({ AgencyService.bytes(hexadecimal: $0) })
    else { return nil }
    return try? PassphraseWrappedKey(cost: cost, salt: salt, sealed: sealed)
  }

  /// No cost allows 0, so what is missing is refused with what is wrong.
  private static func number(_ value: JSON?) -> Int { Int(clamping: value?.integerValue ?? 0) }
}

import CCrypto

/// Why a cryptographic operation was refused. Never says which byte was wrong, and holds no
/// secrets.
package enum CryptographyError: Error, Hashable, Sendable {
  /// The content is not what was sealed under this key with this associated data.
  case notAuthentic
  /// The sealed content is shorter than its own framing.
  case truncated
  /// The content is longer than the limit, in bytes.
  case tooLong(limitBytes: Int)
  /// A key does not have its length, or is a point X25519 refuses.
  case invalidKey
  /// The cost parameters of a passphrase are outside the limits of `PassphraseKey`.
  case invalidCost
  /// libcrypto failed where it should not: out of memory, or an algorithm is not installed.
  case libraryFailure(operation: String)

  /// Takes what libcrypto left in the thread's error queue, so that it is not mistaken for a later
  /// failure.
  static func library(_ operation: String) -> CryptographyError {
    ERR_clear_error()
    return .libraryFailure(operation: operation)
  }
}

extension CryptographyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAuthentic:
      "The content was changed, or the key or its context is another: fetch it again, or check "
        + "the passphrase or key file."
    case .truncated:
      "The sealed content is cut off: fetch it again."
    case .tooLong(let limitBytes):
      "The content is longer than \(limitBytes) bytes: split it."
    case .invalidKey:
      "The key is damaged or of another kind: check the configured key."
    case .invalidCost:
      "The cost parameters of the passphrase are outside the limits: restore the key file."
    case .libraryFailure(let operation):
      "libcrypto failed in \(operation): check memory and that OpenSSL 3 is installed whole."
    }
  }
}

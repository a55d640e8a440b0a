import CCrypto

/// A key of 256 bits. Overwritten in memory when the last copy goes.
package struct SymmetricKey: Sendable {
  package static let byteCount = 32

  private let secret: SecretBytes

  /// `nil` unless there are exactly 32 bytes.
  package init?(bytes: [UInt8]) {
    guard bytes.count == SymmetricKey.byteCount else { return nil }
    self.init { target in target.copyBytes(from: bytes) }
  }

  init(fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    secret = try SecretBytes(count: SymmetricKey.byteCount, fill: fill)
  }

  /// A new key. With any generator but `SecureRandom` it is no secret: for repeatable tests only.
  package static func random(using random: inout some RandomNumberGenerator) -> SymmetricKey {
    SymmetricKey { target in
      for offset in stride(from: 0, to: byteCount, by: 8) {
        target.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
      }
    }
  }

  package static func random() -> SymmetricKey {
    var random = SecureRandom()
    return SymmetricKey.random(using: &random)
  }

  /// The key's bytes, to be wrapped and stored. The array is the caller's and is not overwritten.
  package var bytes: [UInt8] { withBytes { [UInt8]($0) } }

  /// Reads the key in place.
  package func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    try secret.withBytes(body)
  }
}

extension SymmetricKey: Hashable {
  /// In constant time.
  package static func == (left: SymmetricKey, right: SymmetricKey) -> Bool {
    left.withBytes { a in
      right.withBytes { b in CRYPTO_memcmp(a.baseAddress, b.baseAddress, byteCount) == 0 }
    }
  }

  package func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: $0) }
  }
}

extension SymmetricKey: CustomStringConvertible, CustomReflectable {
  /// Keeps keys out of logs and test failures.
  package var description: String { "SymmetricKey(hidden)" }

  package var customMirror: Mirror { Mirror(self, children: []) }
}

import CCrypto

/// A key from a passphrase a person remembers, by scrypt (RFC 7914).
///
/// The default cost takes a tenth of a second and 32 MiB for every guess, also for a thief's.
package enum PassphraseKey {
  /// How much work a guess is: memory is 128·N·r bytes, time grows with N·r·p.
  package struct Cost: Hashable, Sendable {
    /// N, a power of two from 2 to `iterationsMax`.
    package let iterations: Int
    /// r, 1 to `blockSizeMax`.
    package let blockSize: Int
    /// p, 1 to `parallelismMax`.
    package let parallelism: Int

    /// Limits for costs read from a file, so that a damaged one cannot claim all memory: 1 GiB.
    package static let iterationsMax = 1 << 20
    package static let blockSizeMax = 8
    package static let parallelismMax = 16

    package static let standard = Cost(unchecked: 1 << 15, 8, 1)

    package init(iterations: Int, blockSize: Int, parallelism: Int) throws(CryptographyError) {
      guard (2...Cost.iterationsMax).contains(iterations), iterations.nonzeroBitCount == 1,
        (1...Cost.blockSizeMax).contains(blockSize),
        (1...Cost.parallelismMax).contains(parallelism)
      else { throw .invalidCost }
      self.init(unchecked: iterations, blockSize, parallelism)
    }

    private init(unchecked iterations: Int, _ blockSize: Int, _ parallelism: Int) {
      self.iterations = iterations
      self.blockSize = blockSize
      self.parallelism = parallelism
    }

    /// What libcrypto needs: V, B and one block more (RFC 7914, section 2), with some slack.
    fileprivate var memoryBytes: Int {
      128 * blockSize * (iterations + parallelism + 2) + 4_096
    }
  }

  /// Blocks the thread for as long as `cost` says.
  ///
  /// - Parameter salt: At least 16 random bytes, stored beside what the key protects.
  package static func derive(
    passphrase: [UInt8], salt: [UInt8], cost: Cost = .standard
  ) throws(CryptographyError) -> SymmetricKey {
    var code: Int32 = 0
    let key = SymmetricKey { target in
      code = passphrase.withUnsafeBytes { passphrase in
        EVP_PBE_scrypt(
          passphrase.baseAddress?.assumingMemoryBound(to: CChar.self), passphrase.count,
          salt, salt.count, UInt64(cost.iterations), UInt64(cost.blockSize),
          UInt64(cost.parallelism), UInt64(cost.memoryBytes),
          target.baseAddress?.assumingMemoryBound(to: UInt8.self), target.count)
      }
    }
    guard code == 1 else { throw .library("scrypt") }
    return key
  }
}

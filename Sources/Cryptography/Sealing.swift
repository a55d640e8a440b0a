/// Single calls of `Sealer`, and the limits of the sealed form.
package enum Sealing {
  package static let nonceBytes = 12
  package static let tagBytes = 16
  /// How much longer the sealed form is.
  package static let overheadBytes = nonceBytes + tagBytes
  /// The longest value: far beyond a record, and safe for libcrypto's 32-bit lengths.
  package static let plaintextBytesMax = 64 << 20
  package static let associatedDataBytesMax = 1 << 20

  /// See `Sealer.seal`.
  package static func seal(
    _ plaintext: [UInt8], key: SymmetricKey, associatedData: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    try Sealer().seal(plaintext, key: key, associatedData: associatedData)
  }

  /// See `Sealer.open`.
  package static func open(
    _ sealed: [UInt8], key: SymmetricKey, associatedData: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    try Sealer().open(sealed, key: key, associatedData: associatedData)
  }

  static func checkLengths(plaintext: Int, associatedData: Int) throws(CryptographyError) {
    guard plaintext <= plaintextBytesMax else { throw .tooLong(limitBytes: plaintextBytesMax) }
    guard associatedData <= associatedDataBytesMax else {
      throw .tooLong(limitBytes: associatedDataBytesMax)
    }
  }
}

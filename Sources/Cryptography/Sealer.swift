import CCrypto

/// Seals and opens values with AES-256-GCM (NIST SP 800-38D).
///
/// This is the module's centre: a value is sealed under a key and bound to its place by associated
/// data, so that a sealed value moved to another place, or changed by one bit, does not open. The
/// sealed form is nonce (12 bytes) || ciphertext || tag (16 bytes).
///
/// Nonces are random. By SP 800-38D, section 8.3, one key may so seal 2^32 values; a key here
/// belongs to one compartment, which has some thousands in its life.
///
/// Reuses one libcrypto context, so it belongs to one thread; see `Sealing` for single calls.
package final class Sealer {
  private let context: OpaquePointer
  /// Whose schedule is in the context: made anew it costs more than sealing a short value.
  private var scheduled: SymmetricKey?
  private var random = SecureRandom()

  package init() {
    // libcrypto fails here only without memory, where Swift stops as well.
    guard let context = EVP_CIPHER_CTX_new() else {
      fatalError("libcrypto cannot make a cipher context: out of memory")
    }
    self.context = context
  }

  deinit {
    // Clears the key schedule.
    EVP_CIPHER_CTX_free(context)
  }

  /// Leaves nothing of the last key in memory.
  package func forget() {
    scheduled = nil
    // Clears the key schedule, and does not fail.
    EVP_CIPHER_CTX_reset(context)
  }

  /// - Throws: `tooLong` beyond `Sealing.plaintextBytesMax` or `associatedDataBytesMax`.
  package func seal(
    _ plaintext: [UInt8], key: SymmetricKey, associatedData: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    try plaintext.withUnsafeBufferPointer { plaintext throws(CryptographyError) in
      try seal(plaintext, key: key, associatedData: associatedData)
    }
  }

  /// Seals a key under another, without a copy of it that would stay in memory.
  package func wrap(
    _ wrapped: SymmetricKey, key: SymmetricKey, associatedData: [UInt8]
  ) throws -> [UInt8] {
    try wrapped.withBytes {
      try seal($0.bindMemory(to: UInt8.self), key: key, associatedData: associatedData)
    }
  }

  /// Opens what `wrap` made.
  ///
  /// - Throws: `notAuthentic` for anything else.
  package func unwrap(
    _ wrapped: [UInt8], key: SymmetricKey, associatedData: [UInt8]
  ) throws -> SymmetricKey {
    guard wrapped.count == SymmetricKey.byteCount + Sealing.overheadBytes else {
      throw CryptographyError.notAuthentic
    }
    return try SymmetricKey { target in
      try open(
        wrapped, key: key, associatedData: associatedData, into: target.bindMemory(to: UInt8.self))
    }
  }

  private func seal(
    _ plaintext: UnsafeBufferPointer<UInt8>, key: SymmetricKey, associatedData: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    try Sealing.checkLengths(plaintext: plaintext.count, associatedData: associatedData.count)
    let count = plaintext.count
    var isDone = false
    let sealed = [UInt8](unsafeUninitializedCapacity: count + Sealing.overheadBytes) {
      target, filled in
      let whole = UnsafeMutableBufferPointer(rebasing: target[0..<(count + Sealing.overheadBytes)])
      let nonce = UnsafeMutableBufferPointer(rebasing: whole[0..<Sealing.nonceBytes])
      random.fill(UnsafeMutableRawBufferPointer(nonce))
      isDone = encrypt(plaintext, key: key, associatedData: associatedData, into: whole)
      filled = isDone ? whole.count : 0
    }
    guard isDone else { throw .library("AES-256-GCM") }
    return sealed
  }

  /// - Throws: `truncated`, `tooLong`, and `notAuthentic` for anything that was not sealed under
  ///   this key with this associated data.
  package func open(
    _ sealed: [UInt8], key: SymmetricKey, associatedData: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    guard sealed.count >= Sealing.overheadBytes else { throw .truncated }
    let count = sealed.count - Sealing.overheadBytes
    try Sealing.checkLengths(plaintext: count, associatedData: associatedData.count)
    var failure: CryptographyError?
    let plaintext = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      let target = UnsafeMutableBufferPointer(rebasing: target[0..<count])
      do throws(CryptographyError) {
        try open(sealed, key: key, associatedData: associatedData, into: target)
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return plaintext
  }

  /// `target` has room for exactly the plaintext. Nothing is left there of what does not open.
  private func open(
    _ sealed: [UInt8], key: SymmetricKey, associatedData: [UInt8],
    into target: UnsafeMutableBufferPointer<UInt8>
  ) throws(CryptographyError) {
    let isAuthentic = sealed.withUnsafeBufferPointer {
      decrypt($0, key: key, associatedData: associatedData, into: target)
    }
    guard isAuthentic else {
      OPENSSL_cleanse(target.baseAddress, target.count)
      ERR_clear_error()
      throw .notAuthentic
    }
  }

  /// `whole` begins with the nonce; fills in the rest.
  private func encrypt(
    _ plaintext: UnsafeBufferPointer<UInt8>, key: SymmetricKey, associatedData: [UInt8],
    into whole: UnsafeMutableBufferPointer<UInt8>
  ) -> Bool {
    guard let start = whole.baseAddress else { return false }
    let tag = start + Sealing.nonceBytes + plaintext.count
    var written: Int32 = 0
    return begin(key: key, nonce: start, associatedData: associatedData, isSealing: true)
      && (plaintext.isEmpty
        || EVP_EncryptUpdate(
          context, start + Sealing.nonceBytes, &written, plaintext.baseAddress,
          Int32(plaintext.count)) == 1)
      // Writes nothing in this mode, but computes the tag.
      && EVP_EncryptFinal_ex(context, tag, &written) == 1
      && EVP_CIPHER_CTX_ctrl(
        context, EVP_CTRL_AEAD_GET_TAG, Int32(Sealing.tagBytes), tag) == 1
  }

  private func decrypt(
    _ sealed: UnsafeBufferPointer<UInt8>, key: SymmetricKey, associatedData: [UInt8],
    into target: UnsafeMutableBufferPointer<UInt8>
  ) -> Bool {
    guard let start = sealed.baseAddress else { return false }
    let count = sealed.count - Sealing.overheadBytes
    // libcrypto only reads the tag, though it asks for a mutable address.
    let tag = UnsafeMutableRawPointer(mutating: start + Sealing.nonceBytes + count)
    var written: Int32 = 0
    var nothing: UInt8 = 0
    return begin(key: key, nonce: start, associatedData: associatedData, isSealing: false)
      && (count == 0
        || EVP_DecryptUpdate(
          context, target.baseAddress, &written, start + Sealing.nonceBytes, Int32(count)) == 1)
      && EVP_CIPHER_CTX_ctrl(
        context, EVP_CTRL_AEAD_SET_TAG, Int32(Sealing.tagBytes), tag) == 1
      // Compares the tag in constant time.
      && EVP_DecryptFinal_ex(context, &nothing, &written) == 1
  }

  private func begin(
    key: SymmetricKey, nonce: UnsafePointer<UInt8>, associatedData: [UInt8], isSealing: Bool
  ) -> Bool {
    guard schedule(key),
      EVP_CipherInit_ex2(context, nil, nil, nonce, isSealing ? 1 : 0, nil) == 1
    else { return false }
    var written: Int32 = 0
    return associatedData.isEmpty
      || EVP_CipherUpdate(
        context, nil, &written, associatedData, Int32(associatedData.count)) == 1
  }

  private func schedule(_ key: SymmetricKey) -> Bool {
    if key == scheduled { return true }
    scheduled = nil
    let isReady = key.withBytes {
      EVP_CipherInit_ex2(
        context, Algorithms.shared.aes256GCM, $0.baseAddress?.assumingMemoryBound(to: UInt8.self),
        nil, 1, nil)
    }
    if isReady == 1 { scheduled = key }
    return isReady == 1
  }
}

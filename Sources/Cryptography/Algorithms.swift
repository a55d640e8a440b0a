import CCrypto

/// The algorithms, fetched once: a fetch by name costs more than sealing a small value.
///
/// Proof for `@unchecked Sendable`: libcrypto's fetched algorithm objects are immutable and counted
/// by atomic references, made to be shared by threads (crypto(7), "Explicit fetching";
/// openssl-threads(7)). They live as long as the process and are never freed.
struct Algorithms: @unchecked Sendable {
  static let shared = Algorithms()

  let aes256GCM: OpaquePointer
  let sha256: OpaquePointer
  let hmac: OpaquePointer
  let hkdf: OpaquePointer

  private init() {
    guard let aes256GCM = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil),
      let sha256 = EVP_MD_fetch(nil, "SHA256", nil),
      let hmac = EVP_MAC_fetch(nil, "HMAC", nil),
      let hkdf = EVP_KDF_fetch(nil, "HKDF", nil)
    else {
      // Without them nothing can be read, written or proved: there is no way to go on.
      fatalError("libcrypto lacks AES-256-GCM, SHA-256, HMAC or HKDF: install OpenSSL 3 whole")
    }
    self.aes256GCM = aes256GCM
    self.sha256 = sha256
    self.hmac = hmac
    self.hkdf = hkdf
  }
}

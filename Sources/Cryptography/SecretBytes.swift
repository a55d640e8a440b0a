import CCrypto

/// Bytes that are overwritten when nobody holds them any more.
///
/// An array would leave copies behind in freed memory. Proof for `@unchecked Sendable`: the bytes
/// are written in `init` only, before anyone else can hold the object, and afterwards only read
/// until `deinit`.
final class SecretBytes: @unchecked Sendable {
  private let storage: UnsafeMutableRawBufferPointer

  /// - Parameter fill: Receives `count` zero bytes to fill.
  init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    storage = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    storage.initializeMemory(as: UInt8.self, repeating: 0)
    try fill(storage)
  }

  deinit {
    OPENSSL_cleanse(storage.baseAddress, storage.count)
    storage.deallocate()
  }

  func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    try body(UnsafeRawBufferPointer(storage))
  }
}

import Cryptography
import Foundation
import Glibc
import ReplicaStore
import Testing

/// A file without its key is noise, and so is a locked replica, only if no key is left in memory.
@Suite("Keys in memory")
struct KeysInMemoryTests {
  @Test("a key is found there while it is used, and not once it is destroyed")
  func destroyed() throws {
    let store = try StoreFolder().open()
    let needle = try Needle(of: store.vault.create(5))
    _ = try store.seal([1, 2, 3], in: 5)
    #expect(try needle.isInMemory())
    try store.vault.destroy([5])
    #expect(try !needle.isInMemory())
  }

  @Test("the replica's own key is there no more once it is locked")
  func locked() throws {
    let store = try StoreFolder().open()
    let needle = try Needle(of: store.vault.key(KeyVault.ownNumber))
    _ = try store.seal([1, 2, 3], in: KeyVault.ownNumber)
    #expect(try needle.isInMemory())
    store.lock()
    #expect(try !needle.isInMemory())
  }
}

/// Where a key's bytes stand in this process's memory is found without a copy of them: each is
/// looked for turned over.
private struct Needle {
  private let turned: [UInt64]

  init(of key: SymmetricKey) {
    turned = key.withBytes { key in
      stride(from: 0, to: key.count, by: 8).map {
        ~key.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
      }
    }
  }

  func isInMemory() throws -> Bool {
    let memory = open("/proc/self/mem", O_RDONLY)
    try #require(memory >= 0)
    defer { close(memory) }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer {
      // Else the next look would find what this one has found.
      chunk.baseAddress.map { explicit_bzero($0, chunk.count) }
      chunk.deallocate()
    }
    for region in try Self.regions() {
      var place = region.lowerBound
      while place < region.upperBound {
        let wanted = min(chunk.count, Int(region.upperBound - place))
        let count = pread(memory, chunk.baseAddress, wanted, off_t(place))
        // What another thread has given back meanwhile is not there.
        if count <= 0 { break }
        if isIn(UnsafeRawBufferPointer(rebasing: chunk[0..<count])) { return true }
        place += UInt(count)
      }
    }
    return false
  }

  /// Keys and key schedules begin at multiples of four.
  private func isIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 32 else { return false }
    for place in stride(from: 0, through: bytes.count - 32, by: 4)
    where ~bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) == turned[0] {
      let isWhole = (1..<4).allSatisfy {
        ~bytes.loadUnaligned(fromByteOffset: place + 8 * $0, as: UInt64.self) == turned[$0]
      }
      if isWhole { return true }
    }
    return false
  }

  /// What can be written to, but for what belongs to devices.
  private static func regions() throws -> [Range<UInt>] {
    try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n").compactMap
    { line in
      let parts = line.split(separator: " ", maxSplits: 2)
      guard parts.count > 1, parts[1].hasPrefix("rw") else { return nil }
      let ends = parts[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      return ends.count == 2 ? ends[0]..<ends[1] : nil
    }
  }
}

import CBOR
import CaseRecords
import Causality
import Cryptography
import Testing

@testable import SyncEngine

/// A key that costs no time to open.
func cheapBackupKey(_ passphrase: String = "three quiet herons") throws -> PrivateBackupKey {
  try PrivateBackupKey(
    passphrase: passphrase, cost: PassphraseKey.Cost(iterations: 2, blockSize: 1, parallelism: 1))
}

@Suite("A backup file of private notes")
struct PrivateBackupFileTests {
  private static let words = "three quiet herons"
  private static let head = Result {
    PrivateBackupHead(
      agency: AgencyID(high: 7, low: 7), mark: 0x0102_0304_0506_0708, key: try cheapBackupKey())
  }

  private func part(_ number: UInt64, _ text: String) -> PrivateBackupBody.Part {
    PrivateBackupBody.Part(
      id: CompartmentID(high: 1, low: number), child: number == 1 ? nil : ChildID(high: 2, low: 2),
      vector: VersionVector([Actor(rawValue: number): 3]), content: Array(text.utf8))
  }

  @Test("what was sealed opens under the passphrase, and under no other")
  func opens() throws {
    let body = PrivateBackupBody(
      writtenMilliseconds: 1_764_000_000_000, parts: [part(1, "Heronword"), part(2, "Otterword")])
    let head = try Self.head.get()
    let bytes = try PrivateBackupFile.sealed(body.encoded, head: head)
    let file = try PrivateBackupFile(bytes)
    #expect(file.head == head)
    #expect(try PrivateBackupBody(encoded: file.opened(passphrase: Self.words)) == body)
    #expect(PrivateBackupFile.mark(beginning: Array(bytes.prefix(1_024))) == head.mark)
    for wrong in ["", "three quiet heron", "Three quiet herons"] {
      #expect(throws: PrivateBackupError.wrongPassphrase) { try file.opened(passphrase: wrong) }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(!text.contains("Heronword") && !text.contains("Otterword"))
  }

  @Test("its length does not tell one word from another, or a word from none")
  func length() throws {
    let texts = ["", "x", String(repeating: "x", count: 3_000)]
    let lengths = texts.map {
      PrivateBackupBody(writtenMilliseconds: 1, parts: [part(2, $0)]).encoded.count
    }
    #expect(lengths == [4_096, 4_096, 4_096])
    for count in stride(from: 5_000, to: 3_000_000, by: 123_457) {
      let body = PrivateBackupBody(
        writtenMilliseconds: 1, parts: [part(2, String(repeating: "x", count: count))])
      #expect(body.encoded.count >= count && body.encoded.count <= count + max(4_096, count / 7))
      #expect(try PrivateBackupBody(encoded: body.encoded) == body)
    }
  }

  @Test("a byte changed, cut or added anywhere is found, and said for what it is")
  func damage() throws {
    let body = PrivateBackupBody(writtenMilliseconds: 1, parts: [part(1, "Heronword")]).encoded
    let bytes = try PrivateBackupFile.sealed(body, head: Self.head.get())
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      let isInTitle = 1..<24 ~= index
      #expect(
        throws: isInTitle ? PrivateBackupError.notABackup : .damaged, "byte \(index)",
        performing: { try PrivateBackupFile(changed) })
    }
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: PrivateBackupError.self) { try PrivateBackupFile(Array(bytes.prefix(count))) }
    }
    #expect(throws: PrivateBackupError.damaged) { try PrivateBackupFile(bytes + [0]) }
    for other in [[], Array("a letter to the school".utf8), [UInt8](repeating: 0, count: 100)] {
      #expect(throws: PrivateBackupError.notABackup) { try PrivateBackupFile(other) }
      #expect(PrivateBackupFile.mark(beginning: other) == nil)
    }
  }

  /// Whoever can compute a digest can change what stands in the open, and nothing of it opens.
  @Test("a head or a chunk of another file, with its digest made right, does not open")
  func forged() throws {
    let head = try Self.head.get()
    // Several chunks, each of them another.
    let long = (0..<9 as Range<UInt8>).flatMap { [UInt8](repeating: $0, count: 1 << 20) }
    let bytes = try PrivateBackupFile.sealed(long, head: head)
    #expect(try PrivateBackupFile(bytes).opened(passphrase: Self.words) == long)
    var decoder = CBORDecoder(bytes, range: 0..<bytes.count - 32)
    guard case .array(let items) = try decoder.value(), case .bytes(let headBytes) = items[2],
      case .array(let chunks) = items[3]
    else { throw PrivateBackupError.damaged }
    #expect(chunks.count == 3)
    func forged(
      format: UInt64 = 1, head: [UInt8] = headBytes, chunks: [CBOR] = chunks
    ) throws -> PrivateBackupFile {
      let items: [CBOR] = [items[0], .unsigned(format), .bytes(head), .array(chunks)]
      let payload = CBOR.array(items).encoded
      return try PrivateBackupFile(payload + sha256(payload))
    }
    #expect(try forged().opened(passphrase: Self.words) == long)
    var otherMark = headBytes
    otherMark[20] ^= 1
    let forgeries = [
      try forged(head: otherMark), try forged(chunks: [chunks[1], chunks[0], chunks[2]]),
      try forged(chunks: Array(chunks.dropLast())), try forged(chunks: chunks + [chunks[0]]),
    ]
    for forgery in forgeries {
      #expect(throws: PrivateBackupError.damaged) { try forgery.opened(passphrase: Self.words) }
    }
    #expect(throws: PrivateBackupError.newer(format: 2)) { try forged(format: 2) }
    #expect(throws: PrivateBackupError.damaged) { try forged(format: 0) }
    #expect(throws: PrivateBackupError.damaged) { try forged(head: Array(headBytes.dropLast())) }
  }

  @Test("up to its limit it is written, and one byte beyond it is refused")
  func limit() throws {
    let head = try Self.head.get()
    let body = [UInt8](repeating: 0, count: 100 << 10)
    let fits = body.count + 1_024 + body.count / 1_024
    #expect(try PrivateBackupFile.sealed(body, head: head, bytesMax: fits).count <= fits)
    #expect(throws: PrivateBackupError.tooLarge(limitBytes: fits - 1)) {
      try PrivateBackupFile.sealed(body, head: head, bytesMax: fits - 1)
    }
  }

  @Test("each reason says what to do")
  func sentences() {
    let cases: [(PrivateBackupError, String)] = [
      (.notABackup, "cafsync agency status"), (.damaged, "another copy"),
      (.newer(format: 2), "Upgrade"), (.wrongPassphrase, "try again"),
      (.otherAgency, "a device of that agency"), (.tooLarge(limitBytes: 256 << 20), "256 MB"),
      (.tooManyRuns(max: 4_096), "a new folder"),
    ]
    for (error, words) in cases { #expect("\(error)".contains(words)) }
  }
}

/// A backup as bytes: who may open it in the open, everything else sealed.
///
///     file  = [title, format, head, [chunk …]] digest
///     head  = [agency, mark, public key, n, r, p, salt, wrapped private key], as a byte string
///     chunk = a part of the body, sealed to the public key
///     digest = SHA-256 of all that stands before it, 32 bytes, in every format
///
/// The digest tells an accident from a wrong passphrase. Against intent there is the sealing: each
/// chunk is bound to the head, its place and the number of chunks, so none can be exchanged,
/// dropped or moved to another file. See `Protocol/12-backup.md`.
import CBOR
package import CaseRecords
import Causality
import Cryptography

/// What stands in the open.
package struct PrivateBackupHead: Hashable, Sendable {
  package let agency: AgencyID
  /// Random, another with each file: by it a replica knows what it has written itself.
  package let mark: UInt64
  package let key: PrivateBackupKey

  package init(agency: AgencyID, mark: UInt64, key: PrivateBackupKey) {
    self.agency = agency
    self.mark = mark
    self.key = key
  }

  fileprivate var encoded: [UInt8] {
    var encoder = CBOREncoder(reservingBytes: 256)
    encoder.arrayHeader(count: 2 + PrivateBackupKey.itemCount)
    encoder.bytes(agency.bytes)
    encoder.bytes(bigEndian: mark)
    key.write(to: &encoder)
    return encoder.bytes
  }

  fileprivate init(encoded bytes: [UInt8]) throws {
    var decoder = CBORDecoder(bytes)
    guard try decoder.arrayHeader() == 2 + PrivateBackupKey.itemCount,
      let agency = AgencyID(bytes: try decoder.bytes())
    else { throw PrivateBackupError.damaged }
    let mark = try decoder.bytes()
    guard mark.count == 8 else { throw PrivateBackupError.damaged }
    self.agency = agency
    self.mark = mark.reduce(0) { $0 << 8 | UInt64($1) }
    key = try PrivateBackupKey(from: &decoder)
    try decoder.finish()
  }
}

/// A file that was read and is whole, and not yet opened.
package struct PrivateBackupFile: Hashable, Sendable {
  /// The only format written, and the newest that is read.
  package static let format: UInt64 = 1
  private static let title = "cafsync private backup"
  /// A whole file.
  package static let bytesMax = 256 << 20
  /// More than is needed to read everything up to the first chunk.
  package static let beginningBytes = 1_024
  private static let chunkBytes = 4 << 20
  private static let digestBytes = 32

  package let head: PrivateBackupHead
  private let headBytes: [UInt8]
  private let chunks: [[UInt8]]

  // MARK: Writing

  /// - Throws: `PrivateBackupError.tooLarge`; `CryptographyError` for a public key that is none.
  package static func sealed(
    _ body: [UInt8], head: PrivateBackupHead, bytesMax: Int = bytesMax
  ) throws -> [UInt8] {
    guard body.count <= bytesMax - 1_024 - body.count / 1_024 else {
      throw PrivateBackupError.tooLarge(limitBytes: bytesMax)
    }
    let headBytes = head.encoded
    var encoder = CBOREncoder(reservingBytes: body.count + 4_096)
    write(headBytes, to: &encoder)
    let starts = Array(stride(from: 0, to: body.count, by: chunkBytes))
    encoder.arrayHeader(count: starts.count)
    for (index, start) in starts.enumerated() {
      encoder.bytes(
        try SealingKeyPair.seal(
          Array(body[start..<min(start + chunkBytes, body.count)]), to: head.key.publicKey,
          associatedData: place(headBytes, index, of: starts.count)))
    }
    return encoder.bytes + sha256(encoder.bytes)
  }

  private static func write(_ headBytes: [UInt8], to encoder: inout CBOREncoder) {
    encoder.arrayHeader(count: 4)
    encoder.text(title)
    encoder.unsigned(format)
    encoder.bytes(headBytes)
  }

  private static func place(_ headBytes: [UInt8], _ index: Int, of count: Int) -> [UInt8] {
    var encoder = CBOREncoder(reservingBytes: headBytes.count + 32)
    encoder.arrayHeader(count: 3)
    encoder.bytes(headBytes)
    encoder.unsigned(UInt64(index))
    encoder.unsigned(UInt64(count))
    return encoder.bytes
  }

  // MARK: Reading

  /// Reads a whole file. Throws `PrivateBackupError`.
  package init(_ file: [UInt8]) throws {
    guard file.count > Self.digestBytes, Self.isTitled(file) else {
      throw PrivateBackupError.notABackup
    }
    let end = file.count - Self.digestBytes
    guard sha256(Array(file[..<end])) == Array(file[end...]) else {
      throw PrivateBackupError.damaged
    }
    do {
      var decoder = CBORDecoder(file, range: 0..<end)
      headBytes = try Self.headBytes(&decoder)
      head = try PrivateBackupHead(encoded: headBytes)
      let count = try decoder.arrayHeader()
      chunks = try (0..<count).map { _ in try decoder.bytes() }
      try decoder.finish()
    } catch let error as PrivateBackupError {
      throw error
    } catch {
      // Its digest is right, so it was written like this: by no program of this kind.
      throw PrivateBackupError.damaged
    }
  }

  /// The mark of the file that begins so; nil where no backup of this kind begins.
  package static func mark(beginning: [UInt8]) -> UInt64? {
    var decoder = CBORDecoder(beginning)
    // Whatever else it is, it is not what this replica wrote.
    return try? PrivateBackupHead(encoded: headBytes(&decoder)).mark
  }

  /// The body. Blocks for the passphrase's scrypt. Throws `PrivateBackupError`.
  package func opened(passphrase: String) throws -> [UInt8] {
    let pair: SealingKeyPair
    do throws(CryptographyError) {
      pair = try head.key.pair(passphrase: passphrase)
    } catch {
      throw error == .notAuthentic ? PrivateBackupError.wrongPassphrase : error as any Error
    }
    do throws(CryptographyError) {
      var body: [UInt8] = []
      for (index, chunk) in chunks.enumerated() {
        body += try pair.open(
          chunk, associatedData: Self.place(headBytes, index, of: chunks.count))
      }
      return body
    } catch {
      throw PrivateBackupError.damaged
    }
  }

  private static func isTitled(_ file: [UInt8]) -> Bool {
    var decoder = CBORDecoder(file)
    // An array that does not begin with the title is something else, whatever it is.
    return (try? decoder.arrayHeader()) != nil && (try? decoder.text()) == title
  }

  private static func headBytes(_ decoder: inout CBORDecoder) throws -> [UInt8] {
    let count = try decoder.arrayHeader()
    guard try decoder.text() == title else { throw PrivateBackupError.notABackup }
    let format = try decoder.unsigned()
    guard format == Self.format else {
      throw format > Self.format ? PrivateBackupError.newer(format: format) : .damaged
    }
    guard count == 4 else { throw PrivateBackupError.damaged }
    return try decoder.bytes()
  }
}

package import Causality
import CBOR

/// `[actor, counter, …]`, by actor ascending: canonical, so that digests of vectors can be
/// compared.
extension VersionVector {
  package func encoded() -> [UInt8] {
    var encoder = CBOREncoder(reservingBytes: 16 + count * 11)
    encoder.vector(self)
    return encoder.bytes
  }

  package init(encoded bytes: [UInt8]) throws(MessageError) {
    var reader = MessageReader(.versionVector, bytes, nesting: 1)
    self = try reader.vector("vector")
    try reader.finish()
  }
}

extension CBOREncoder {
  mutating func vector(_ vector: VersionVector) {
    arrayHeader(count: vector.count * 2)
    for (actor, counter) in vector.sortedEntries {
      self.actor(actor)
      unsigned(counter)
    }
  }
}

extension MessageReader {
  mutating func vector(_ field: StaticString) throws(MessageError) -> VersionVector {
    let count = try array(field, itemsEach: 2, countMax: SyncLimits.actorsPerVectorMax)
    var vector = VersionVector()
    var previous: Actor?
    for _ in 0..<count {
      let actor = try actor(field)
      if let previous, previous >= actor { throw failure(field, .notAscending) }
      previous = actor
      vector[actor] = try counter(field)
    }
    return vector
  }
}

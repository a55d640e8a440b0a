import CBOR
import CaseRecords
import Causality

// The lists of an answer, as they are read: flat arrays, never empty.
extension MessageReader {
  mutating func quarantineNotices() throws(MessageError) -> [QuarantineNotice] {
    try notices("quarantined", itemsEach: 4) { (reader) throws(MessageError) in
      let (id, dot) = try reader.dotOfCompartment("quarantined")
      guard let reason = QuarantineReason(rawValue: try reader.unsigned("quarantined")) else {
        throw reader.failure("quarantined", .unassignedNumber)
      }
      return QuarantineNotice(compartment: id, dot: dot, reason: reason)
    }
  }

  mutating func deferredNotices() throws(MessageError) -> [DotNotice] {
    try notices("deferred", itemsEach: 3) { (reader) throws(MessageError) in
      let (id, dot) = try reader.dotOfCompartment("deferred")
      return DotNotice(compartment: id, dot: dot)
    }
  }

  mutating func aliasNotices() throws(MessageError) -> [AliasNotice] {
    try notices("aliases", itemsEach: 5) { (reader) throws(MessageError) in
      let (id, dot) = try reader.dotOfCompartment("aliases")
      return AliasNotice(compartment: id, dot: dot, aliasOf: try reader.dot("aliases"))
    }
  }

  mutating func policyRefusals() throws(MessageError) -> [PolicyRefusal] {
    try notices(
      "policy refused", itemsEach: 3, countMax: SyncLimits.policyEntriesPerRequestMax
    ) { (reader) throws(MessageError) in
      PolicyRefusal(
        id: try reader.identifier("policy refused"),
        conflictsWith: try reader.identifiers(
          "policy refused", countMax: SyncLimits.policyNamesMax),
        sentence: try reader.text("policy refused", bytesMax: SyncLimits.policyTextBytesMax))
    }
  }

  mutating func policyDeliveries() throws(MessageError) -> [PolicyDelivery] {
    try notices(
      "policy", itemsEach: 2, countMax: SyncLimits.policyEntriesPerReplyMax
    ) { (reader) throws(MessageError) in
      PolicyDelivery(
        position: try reader.unsigned("policy", min: 1), entry: try reader.policyEntry())
    }
  }

  private mutating func notices<Notice>(
    _ field: StaticString, itemsEach: Int, countMax: Int = SyncLimits.changesPerPageMax,
    read: (inout MessageReader) throws(MessageError) -> Notice
  ) throws(MessageError) -> [Notice] {
    let count = try list(field, itemsEach: itemsEach, countMax: countMax)
    var notices: [Notice] = []
    notices.reserveCapacity(count)
    for _ in 0..<count { notices.append(try read(&self)) }
    return notices
  }
}

extension MessageMap {
  /// A flat array of `itemsEach` items for each element; absent when there is none.
  mutating func list<Element>(
    _ key: UInt64, _ elements: [Element], itemsEach: Int,
    write: (inout CBOREncoder, Element) -> Void
  ) {
    field(key, when: !elements.isEmpty) { encoder in
      encoder.arrayHeader(count: elements.count * itemsEach)
      for element in elements { write(&encoder, element) }
    }
  }
}

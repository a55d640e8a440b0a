/// One save by one person, and what a compartment looks like after many of them.
///
/// A `Change` is the unit of causality: it has one dot, it is applied whole or not at all, and it
/// says what its author had seen. `CompartmentContent` is the join of changes: for each record and
/// field group a multi-value register. The two are what travels; everything else in this module is
/// how they travel.
package import CaseRecords
package import Causality

/// One register written: the new value of one field group of one record.
package struct Write: Hashable, Sendable {
  package let record: RecordID
  /// The record's kind (`RecordSchema.kind`); kinds unknown here are kept and passed on.
  package let kind: String
  package let group: String
  /// One deterministic CBOR item, kept byte for byte: sync never looks inside.
  package let value: [UInt8]

  package init(record: RecordID, kind: String, group: String, value: [UInt8]) {
    self.record = record
    self.kind = kind
    self.group = group
    self.value = value
  }
}

package struct Change: Hashable, Sendable {
  package var dot: Dot
  /// The dot of the first minting, which is also the operation's 128-bit name (actor, counter).
  /// Equal to `dot` unless the change was re-minted after a RESEED.
  package var origin: Dot
  /// Set by the hub when the same operation is committed already under this other dot.
  package var aliasOf: Dot?
  /// The hub's mark for a quarantined change: the dot is taken, nothing is written.
  package var isVoid: Bool
  /// What the author saw: the vector when the form was shown, plus that form's own dots.
  package var context: VersionVector
  /// How far the author's agency had read its policy feed.
  package var policySeen: UInt64
  /// Policy entries of the author's own agency that must be committed before this change.
  package var policyDependencies: [PolicyID]
  package var writes: [Write]
  package var time: HybridTime
  /// What the author's clock said, kept even when it is out by years.
  package var claimedMilliseconds: UInt64
  /// Nil for what the hub derives.
  package var author: PractitionerID?
  package var schema: UInt64

  package init(
    dot: Dot, origin: Dot? = nil, aliasOf: Dot? = nil, isVoid: Bool = false,
    context: VersionVector, policySeen: UInt64 = 0, policyDependencies: [PolicyID] = [],
    writes: [Write], time: HybridTime, claimedMilliseconds: UInt64, author: PractitionerID?,
    schema: UInt64 = SyncLimits.schemaVersion
  ) {
    self.dot = dot
    self.origin = origin ?? dot
    self.aliasOf = aliasOf
    self.isVoid = isVoid
    self.context = context
    self.policySeen = policySeen
    self.policyDependencies = policyDependencies
    self.writes = writes
    self.time = time
    self.claimedMilliseconds = claimedMilliseconds
    self.author = author
    self.schema = schema
  }
}

/// A value with who wrote it and when: what a person needs to choose between siblings.
package struct Written: Hashable, Sendable {
  package let value: [UInt8]
  package let author: PractitionerID?
  package let time: HybridTime
  package let claimedMilliseconds: UInt64

  package init(
    value: [UInt8], author: PractitionerID?, time: HybridTime, claimedMilliseconds: UInt64
  ) {
    self.value = value
    self.author = author
    self.time = time
    self.claimedMilliseconds = claimedMilliseconds
  }
}

package struct RecordContent: Hashable, Sendable {
  package let kind: String
  package var groups: [String: Register<Written>]

  package init(kind: String, groups: [String: Register<Written>] = [:]) {
    self.kind = kind
    self.groups = groups
  }

  /// With room for so many groups, none there yet.
  init(kind: String, expecting count: Int) {
    self.init(kind: kind, groups: Dictionary(minimumCapacity: count))
  }
}

/// The registers of one compartment. Whoever holds it also holds its vector.
package struct CompartmentContent: Hashable, Sendable {
  package var records: [RecordID: RecordContent] = [:]

  package init() {}

  /// Applies one change. The caller has checked that `change.dot` is the next of its actor and that
  /// the vector covers its context. Only the hub's `aliasOf` makes two dots one write: an equal
  /// `origin` may be a twin's, with other words.
  package mutating func apply(_ change: Change) {
    if change.isVoid { return }
    for write in change.writes {
      // In place: a copy of a record would copy all its registers at the first write.
      if let original = change.aliasOf {
        records[write.record]?.groups[write.group]?.alias(
          change.dot, of: original, context: change.context)
      } else {
        records[
          write.record, default: RecordContent(kind: write.kind, expecting: change.writes.count)
        ]
        .groups[write.group, default: Register()].write(
          Written(
            value: write.value, author: change.author, time: change.time,
            claimedMilliseconds: change.claimedMilliseconds),
          dot: change.dot, context: change.context)
      }
    }
  }

  /// The join of two states under their vectors; commutative, associative, idempotent.
  package func joined(
    with other: CompartmentContent, knownHere: VersionVector, knownThere: VersionVector
  ) -> CompartmentContent {
    var result = self
    for (id, theirs) in other.records {
      var mine = result.records[id] ?? RecordContent(kind: theirs.kind)
      for (group, register) in theirs.groups {
        mine.groups[group] = (mine.groups[group] ?? Register()).joined(
          with: register, knownHere: knownHere, knownThere: knownThere)
      }
      result.records[id] = mine
    }
    for (id, mine) in records {
      for (group, register) in mine.groups where other.records[id]?.groups[group] == nil {
        result.records[id]?.groups[group] = register.joined(
          with: Register(), knownHere: knownHere, knownThere: knownThere)
      }
    }
    for (id, record) in result.records {
      result.records[id]?.groups = record.groups.filter { !$0.value.siblings.isEmpty }
      if result.records[id]?.groups.isEmpty == true { result.records[id] = nil }
    }
    return result
  }
}

import CBOR
import CaseRecords
import Causality

/// Which fields of a change are present. A field is left out when its absence says the same.
struct ChangeFlags: OptionSet {
  let rawValue: UInt64

  /// The context without the own actor, where it differs from that of the previous change of the
  /// same compartment and actor in the page (before the first: empty).
  static let others = ChangeFlags(rawValue: 1)
  /// The own actor's counter in the context, where it is not the dot's less one.
  static let own = ChangeFlags(rawValue: 2)
  /// Claimed less hybrid milliseconds, where they differ.
  static let claimed = ChangeFlags(rawValue: 4)
  /// The logical part of the hybrid time, where it is not 0.
  static let logical = ChangeFlags(rawValue: 8)
  static let policyDependencies = ChangeFlags(rawValue: 16)
  static let origin = ChangeFlags(rawValue: 32)
  static let aliasOf = ChangeFlags(rawValue: 64)
  /// No field of its own: the change is void.
  static let void = ChangeFlags(rawValue: 128)
  /// Where it is not 1, in every version of the protocol.
  static let schema = ChangeFlags(rawValue: 256)

  static let all = ChangeFlags(rawValue: 511)
  static let absentSchema: UInt64 = 1

  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// What a change has to say after one with the context `previous`.
  init(_ change: Change, others: VersionVector, previous: VersionVector) {
    self = []
    if others != previous { insert(.others) }
    if change.context[change.dot.actor] != change.dot.counter &- 1 { insert(.own) }
    if change.claimedMilliseconds != change.time.milliseconds { insert(.claimed) }
    if change.time.logical != 0 { insert(.logical) }
    if !change.policyDependencies.isEmpty { insert(.policyDependencies) }
    if change.origin != change.dot { insert(.origin) }
    if change.aliasOf != nil { insert(.aliasOf) }
    if change.isVoid { insert(.void) }
    if change.schema != Self.absentSchema { insert(.schema) }
  }

  /// How many items the flagged fields are.
  var itemCount: Int {
    rawValue.nonzeroBitCount - (contains(.void) ? 1 : 0) + (contains(.origin) ? 1 : 0)
      + (contains(.aliasOf) ? 1 : 0)
  }

  /// Counter, flags, time, author, policy seen: what is always there after the actor.
  static let fixedItemCount = 5
}

/// What a change is told relative to.
struct ChangeBefore {
  /// The context of others of the previous change of the same compartment and actor.
  var others = VersionVector()
  /// The hybrid milliseconds of the previous change of any compartment.
  var milliseconds: UInt64 = 0
}

extension Change {
  /// The context without the own actor.
  var othersInContext: VersionVector {
    var others = context
    others[dot.actor] = 0
    return others
  }

  /// The change with all that it refers to: `[actors, authors, names, records, actor number, …]`,
  /// the rest as in a page. For storage; equal changes have equal bytes.
  package func encoded() -> [UInt8] {
    var dictionary = WireDictionary()
    var body = CBOREncoder(reservingBytes: 256)
    let others = othersInContext
    let flags = ChangeFlags(self, others: others, previous: VersionVector())
    body.change(self, flags: flags, others: others, before: ChangeBefore(), in: &dictionary)
    let content = body.bytes
    var encoder = CBOREncoder(
      reservingBytes: content.count + dictionary.nameBytes + dictionary.recordBytes
        + dictionary.actors.count * 8 + 64)
    encoder.arrayHeader(
      count: 5 + ChangeFlags.fixedItemCount + flags.itemCount + writes.count * 3)
    encoder.actors(dictionary.actors)
    encoder.identifiers(dictionary.authors.keys)
    encoder.names(dictionary.names)
    encoder.records(dictionary.records)
    encoder.raw(content)
    return encoder.bytes
  }
}

extension CBOREncoder {
  /// The items of a change from its actor's number on.
  mutating func change(
    _ change: Change, flags: ChangeFlags, others: VersionVector, before: ChangeBefore,
    in dictionary: inout WireDictionary
  ) {
    unsigned(dictionary.number(of: change.dot.actor))
    unsigned(change.dot.counter)
    unsigned(flags.rawValue)
    if flags.contains(.others) {
      arrayHeader(count: others.count * 2)
      for (actor, counter) in others.sortedEntries {
        unsigned(dictionary.number(of: actor))
        unsigned(counter)
      }
    }
    if flags.contains(.own) { unsigned(change.context[change.dot.actor]) }
    if flags.contains(.claimed) {
      difference(from: change.time.milliseconds, to: change.claimedMilliseconds)
    }
    if flags.contains(.logical) { unsigned(UInt64(change.time.logical)) }
    if flags.contains(.policyDependencies) { identifiers(change.policyDependencies) }
    if flags.contains(.origin) { dot(change.origin, in: &dictionary) }
    if let original = change.aliasOf { dot(original, in: &dictionary) }
    if flags.contains(.schema) { unsigned(change.schema) }
    difference(from: before.milliseconds, to: change.time.milliseconds)
    author(change.author, in: &dictionary)
    unsigned(change.policySeen)
    for write in change.writes {
      unsigned(dictionary.number(of: write.record, kind: write.kind))
      unsigned(dictionary.number(of: write.group))
      raw(write.value)
    }
  }

  mutating func dot(_ dot: Dot, in dictionary: inout WireDictionary) {
    unsigned(dictionary.number(of: dot.actor))
    unsigned(dot.counter)
  }

  mutating func author(_ author: PractitionerID?, in dictionary: inout WireDictionary) {
    if let author { unsigned(dictionary.number(of: author)) } else { null() }
  }

  /// Of two times, signed. Times beyond the limit wrap here, and are refused when read.
  mutating func difference(from earlier: UInt64, to later: UInt64) {
    integer(Int64(bitPattern: later &- earlier))
  }
}

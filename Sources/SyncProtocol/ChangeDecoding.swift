import CBOR
import CaseRecords
import Causality

extension Change {
  /// From `encoded()`.
  package init(encoded bytes: [UInt8]) throws(MessageError) {
    var reader = MessageReader(.change, bytes, nesting: 1)
    let count = try reader.array("change")
    guard count >= 5 else { throw reader.failure("change", .wrongItemCount) }
    var dictionary = ReadDictionary()
    dictionary.actors = try reader.actorList("actors")
    dictionary.authors = try reader.authorList("authors")
    dictionary.names = try reader.nameList("names")
    dictionary.records = try reader.recordList("records")
    let actor = try reader.actor("actor", in: &dictionary)
    self = try reader.change(
      of: actor, itemCount: count - 5, before: ChangeBefore(), in: &dictionary)
    guard dictionary.isAllUsed else { throw reader.failure("change", .unusedEntry) }
    try reader.finish()
  }
}

extension MessageReader {
  /// The items of a change that follow its actor's number.
  mutating func change(
    of actor: Actor, itemCount: Int, before: ChangeBefore, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> Change {
    guard itemCount >= ChangeFlags.fixedItemCount else { throw failure("change", .wrongItemCount) }
    let dot = Dot(actor: actor, counter: try counter("counter"))
    let flags = ChangeFlags(rawValue: try unsigned("flags", max: ChangeFlags.all.rawValue))
    let writesItemCount = itemCount - ChangeFlags.fixedItemCount - flags.itemCount
    guard writesItemCount >= 0, writesItemCount.isMultiple(of: 3) else {
      throw failure("change", .wrongItemCount)
    }
    let context = try context(of: dot, flags: flags, before: before, in: &dictionary)
    let claimedDifference = flags.contains(.claimed) ? try integer("claimed") : 0
    let logical =
      flags.contains(.logical) ? try unsigned("logical", min: 1, max: UInt64(UInt16.max)) : 0
    let dependencies = try policyDependencies(flags)
    let origin = flags.contains(.origin) ? try self.dot("origin", in: &dictionary) : dot
    try notDefault(flags.contains(.origin) && origin == dot, "origin")
    let original = flags.contains(.aliasOf) ? try self.dot("alias", in: &dictionary) : nil
    let schema = flags.contains(.schema) ? try unsigned("schema") : ChangeFlags.absentSchema
    try notDefault(flags.contains(.schema) && schema == ChangeFlags.absentSchema, "schema")
    let milliseconds = try milliseconds("time", after: before.milliseconds)
    try notDefault(flags.contains(.claimed) && claimedDifference == 0, "claimed")
    let claimed = try sum(milliseconds, claimedDifference, "claimed")
    let author = try author("author", in: &dictionary)
    let policySeen = try unsigned("policy seen")
    let writes = try writes(count: writesItemCount / 3, in: &dictionary)
    return Change(
      dot: dot, origin: origin, aliasOf: original, isVoid: flags.contains(.void),
      context: context, policySeen: policySeen, policyDependencies: dependencies, writes: writes,
      time: HybridTime(milliseconds: milliseconds, logical: UInt16(logical)),
      claimedMilliseconds: claimed, author: author, schema: schema)
  }

  private mutating func context(
    of dot: Dot, flags: ChangeFlags, before: ChangeBefore, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> VersionVector {
    var context = before.others
    if flags.contains(.others) {
      context = try others(of: dot.actor, in: &dictionary)
      try notDefault(context == before.others, "context")
    }
    var own = dot.counter - 1
    if flags.contains(.own) {
      // Nothing can have been seen before it was written, and the counter's predecessor is implied.
      guard own > 0 else { throw failure("own context", .redundant) }
      own = try unsigned("own context", max: own - 1)
    }
    context[dot.actor] = own
    return context
  }

  private mutating func others(
    of own: Actor, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> VersionVector {
    let count = try array("context", itemsEach: 2, countMax: SyncLimits.actorsPerVectorMax)
    var others = VersionVector()
    var previous: Actor?
    for _ in 0..<count {
      let actor = try actor("context", in: &dictionary)
      if let previous, previous >= actor { throw failure("context", .notAscending) }
      guard actor != own else { throw failure("context", .redundant) }
      previous = actor
      others[actor] = try counter("context")
    }
    return others
  }

  private mutating func policyDependencies(
    _ flags: ChangeFlags
  ) throws(MessageError) -> [PolicyID] {
    guard flags.contains(.policyDependencies) else { return [] }
    let dependencies: [PolicyID] = try identifiers(
      "policy dependencies", countMax: SyncLimits.policyNamesMax)
    try notDefault(dependencies.isEmpty, "policy dependencies")
    return try distinct(dependencies, "policy dependencies")
  }

  private mutating func writes(
    count: Int, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> [Write] {
    guard count <= SyncLimits.writesPerChangeMax else {
      throw failure("writes", .tooMany(max: SyncLimits.writesPerChangeMax))
    }
    var writes: [Write] = []
    writes.reserveCapacity(count)
    var written = Set<WrittenRegister>()
    for _ in 0..<count {
      let (record, kind) = try record("record", in: &dictionary)
      let group = try name("group", in: &dictionary)
      if count > 1, !written.insert(WrittenRegister(record: record, group: group)).inserted {
        throw failure("group", .duplicate)
      }
      writes.append(Write(record: record, kind: kind, group: group, value: try value("value")))
    }
    return writes
  }

  /// A time told as a difference.
  mutating func milliseconds(
    _ field: StaticString, after earlier: UInt64
  ) throws(MessageError) -> UInt64 {
    try sum(earlier, try integer(field), field)
  }

  func sum(
    _ time: UInt64, _ difference: Int64, _ field: StaticString
  ) throws(MessageError) -> UInt64 {
    let max = HybridTime.millisecondsMax
    // `time` is in range, so neither sum nor comparison can overflow.
    guard difference <= Int64(max), difference >= -Int64(max) else {
      throw failure(field, .outOfRange(min: 0, max: max))
    }
    let sum = Int64(time) + difference
    guard sum >= 0, sum <= Int64(max) else { throw failure(field, .outOfRange(min: 0, max: max)) }
    return UInt64(sum)
  }
}

/// A change may write a register once.
private struct WrittenRegister: Hashable {
  let record: RecordID
  let group: String
}

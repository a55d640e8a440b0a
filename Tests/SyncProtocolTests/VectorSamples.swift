import CBOR
import CaseRecords
import Causality
import SyncProtocol

/// The messages of `Protocol/vectors`: hand-made ones that show a feature each, and a few random
/// ones that mix everything.
enum VectorSamples {
  static let compartment = CompartmentID(high: 0xc0c0, low: 1)
  static let actor = Actor(rawValue: 0xa1)
  static let other = Actor(rawValue: 0xa2)

  static let vectors: [(String, VersionVector)] = [
    ("empty", VersionVector()),
    ("two actors", VersionVector([actor: 24, other: 1])),
    ("largest counter", VersionVector([Actor(rawValue: .max): SyncLimits.integerMax])),
  ]

  static let changes: [(String, Change)] = {
    let plain = SeededGenerator.sampleChange()
    var later = SeededGenerator.sampleChange(
      counter: 5, context: VersionVector([other: 3]), milliseconds: 1_790_000_060_000)
    later.claimedMilliseconds += 1
    later.time = HybridTime(milliseconds: later.time.milliseconds, logical: 2)
    var reminted = SeededGenerator.sampleChange(counter: 3)
    reminted.origin = Dot(actor: other, counter: 9)
    reminted.aliasOf = Dot(actor: other, counter: 9)
    reminted.context = VersionVector([actor: 1, other: 8])
    var void = SeededGenerator.sampleChange(counter: 2)
    void.isVoid = true
    void.writes = []
    void.author = nil
    var dependent = plain
    dependent.policyDependencies = [PolicyID(high: 1, low: 2), PolicyID(high: 1, low: 3)]
    dependent.schema = 2
    return [
      ("one write", plain),
      ("others in the context, logical time, claimed time", later),
      ("minted again: origin, alias, own context", reminted), ("void, no author", void),
      ("policy dependencies, newer schema", dependent),
    ]
  }()

  static let contents: [(String, CompartmentContent)] = {
    var one = CompartmentContent()
    one.apply(changes[0].1)
    var conflict = one
    conflict.apply(
      SeededGenerator.sampleChange(actor: other.rawValue, value: CBOR.text("Bradford").encoded))
    var alias = one
    var again = SeededGenerator.sampleChange(actor: other.rawValue, counter: 4)
    again.aliasOf = changes[0].1.dot
    alias.apply(again)
    return [
      ("empty", CompartmentContent()), ("one register", one), ("a conflict", conflict),
      ("one write under two dots", alias), ("of every kind", random { $0.content() }),
    ]
  }()

  static let pages: [(String, Page)] = {
    let described = Compartment(
      id: compartment, child: ChildID(high: 0xcc, low: 1), category: .health,
      custodian: AgencyID(high: 0xaa, low: 1))
    let first = changes[0].1
    let second = SeededGenerator.sampleChange(
      counter: 2, value: CBOR.text("York").encoded, milliseconds: 1_790_000_060_000)
    return [
      (
        "two changes of a compartment described",
        Page(
          compartments: [described],
          items: [.change(compartment, first), .change(compartment, second)])
      ),
      (
        "a state and part of one, of compartments known",
        Page(items: [
          .snapshot(
            compartment, vector: VersionVector([actor: 1]),
            content: CheckedContent(contents[1].1)),
          .snapshotPart(
            CompartmentID(high: 0xc0c0, low: 2), digest: [UInt8](repeating: 0xd1, count: 32),
            offset: 1_000, totalBytes: 5_000, bytes: [1, 2, 3]),
        ])
      ),
      ("of every kind", random { $0.page() }),
    ]
  }()

  static let requests: [(String, ExchangeRequest)] = {
    var full = SeededGenerator.idleRequest()
    full.page = pages[0].1
    full.policy = [policies[0].1]
    full.isLocked = false
    full.unsentCount = 2
    full.staged = [
      StagedPart(
        compartment: compartment, digest: [UInt8](repeating: 0xd1, count: 32), receivedBytes: 1_003)
    ]
    full.askReceived = [compartment]
    full.rescued = [[1, 2, 3]]
    full.purgeReceipts = [
      PurgeReceipt(
        compartment: compartment, certificate: [UInt8](repeating: 0xce, count: 16),
        proof: [UInt8](repeating: 0x9f, count: 32))
    ]
    var recovering = SeededGenerator.idleRequest()
    recovering.forkOf = IncarnationID(high: 0x1c, low: 1)
    recovering.token = nil
    recovering.isGivingBack = true
    recovering.holdings = [Holding(compartment: compartment, vector: vectors[1].1)]
    recovering.certificates = [
      Revocation(compartment: compartment, certificate: [UInt8](repeating: 0xce, count: 16))
    ]
    return [
      ("idle", SeededGenerator.idleRequest()), ("with work", full),
      ("forked, with holdings and certificates", recovering),
    ]
  }()

  /// The same on every run.
  private static func random<Value>(_ make: (inout SeededGenerator) -> Value) -> Value {
    var generator = SeededGenerator(60)
    return make(&generator)
  }
}

package import CaseRecords
import Causality
import Cryptography
import ReplicaStore
import SyncProtocol

/// What came of a backup.
package struct PrivateRestore: Hashable, Sendable {
  /// Compartments that were not here, or lacked something.
  package var changed: Set<CompartmentID> = []
  package var unchangedCount = 0
  /// Of children whose record has been erased: left out.
  package var erasedCount = 0
  /// When the backup was written, in milliseconds since 1970.
  package var writtenMilliseconds: UInt64 = 0
}

/// Private compartments from a backup, joined with what is here.
///
/// A join takes two states for parts of one history. That of a private compartment can fork unseen:
/// no hub compares its dots. So each run of the program writes as an actor of its own, which keeps
/// a copy of the folder from using the dots of its original (see `actor(of:in:)`); and what has
/// been forked all the same, by a machine that was woken twice from one sleep, shows in a dot that
/// stands for two writes. Then the backup's share of that actor is taken in under another name, so
/// that both stand side by side.
extension AgencyEngine {
  /// Runs counted in a private compartment before an actor is used by a second run. Two such
  /// vectors, joined, are a vector still.
  static let privateRunsMax = SyncLimits.actorsPerVectorMax / 2

  /// Joins what an opened backup holds, all or none. Twice is as good as once.
  ///
  /// - Parameter mark: of the file. It may be replaced from now on.
  /// - Throws: `PrivateBackupError`, and `StoreError` when a compartment would become too large.
  package func restorePrivate(_ opened: [UInt8], mark: UInt64) throws -> PrivateRestore {
    let body: PrivateBackupBody
    let contents: [CompartmentContent]
    do {
      body = try PrivateBackupBody(encoded: opened)
      contents = try body.parts.map {
        try CompartmentContent(
          encoded: $0.content, bytesMax: 2 * SyncLimits.snapshotBytesMax)
      }
    } catch {
      throw PrivateBackupError.damaged
    }
    let erased = Set(try currentPolicyView().erasedChildren)
    let restore = try store.transaction {
      var restore = PrivateRestore()
      restore.writtenMilliseconds = body.writtenMilliseconds
      let workspace = Workspace(store: store)
      for (part, content) in zip(body.parts, contents) {
        if let child = part.child, erased.contains(child) {
          restore.erasedCount += 1
        } else {
          try join(part, content, mark, in: workspace, &restore)
        }
      }
      try workspace.flush()
      try rememberBackup(mark)
      return restore
    }
    privateNews.writes += restore.changed.count
    return restore
  }

  private func join(
    _ part: PrivateBackupBody.Part, _ content: CompartmentContent, _ mark: UInt64,
    in workspace: Workspace, _ restore: inout PrivateRestore
  ) throws {
    let compartment = Compartment(
      id: part.id, child: part.child, category: .private, custodian: identity.agency)
    let before = try workspace.entry(creating: compartment)
    guard before.stored.compartment == compartment else { throw PrivateBackupError.damaged }
    var hold = try store.hold(before.stored.number) ?? AgencyHold(number: before.stored.number)
    let forked = before.content.forkedActors(from: content)
    // Under a name that this file has been given before, it is known here.
    let names = part.newNames(mark).filter { old, new in
      forked.contains(old) || before.stored.vector[new] > 0
    }
    let joined = try workspace.update(part.id) { entry in
      entry.join(content.renaming(names), vector: part.vector.renaming(names))
      entry.foldRepeated()
      return entry
    }
    guard let joined else { throw PrivateBackupError.damaged }
    guard joined.stored.vector.count <= SyncLimits.actorsPerVectorMax else {
      throw PrivateBackupError.tooManyRuns(max: SyncLimits.actorsPerVectorMax)
    }
    if joined.stored.vector == before.stored.vector && joined.content == before.content {
      restore.unchangedCount += 1
    } else {
      restore.changed.insert(part.id)
      hold.actor = nil
    }
    try store.save(hold)
  }

  /// Who writes next in a private compartment: no hub would notice that a dot is used twice.
  func actor(of hold: AgencyHold, in stored: StoredCompartment) -> Actor {
    let isOfThisRun = hold.actor != nil && privateActors[stored.number] == hold.actor
    if let actor = hold.actor, isOfThisRun || stored.vector.count >= Self.privateRunsMax {
      return actor
    }
    let actor = newActor()
    privateActors[stored.number] = actor
    return actor
  }
}

extension PrivateBackupBody.Part {
  /// Made of the file and the place, so that the same file brings the same names again.
  fileprivate func newNames(_ mark: UInt64) -> [Actor: Actor] {
    vector.sortedEntries.reduce(into: [:]) { names, entry in
      let seed = [mark, entry.actor.rawValue].flatMap { word in
        withUnsafeBytes(of: word.bigEndian) { Array($0) }
      }
      let word = sha256(seed + id.bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
      names[entry.actor] = Actor(rawValue: word)
    }
  }
}

extension VersionVector {
  fileprivate func renaming(_ names: [Actor: Actor]) -> VersionVector {
    var result = self
    for (old, new) in names {
      result[new] = self[old]
      result[old] = 0
    }
    return result
  }
}

extension CompartmentContent {
  /// What one dot stands for: everything it wrote was written by one person at one moment.
  private struct Stamp: Hashable {
    let author: PractitionerID?
    let time: HybridTime
    let claimedMilliseconds: UInt64

    init(_ written: Written) {
      (author, time, claimedMilliseconds) =
        (written.author, written.time, written.claimedMilliseconds)
    }
  }

  /// Actors of whom one dot is this write here and that write there.
  fileprivate func forkedActors(from other: CompartmentContent) -> Set<Actor> {
    let (here, there) = (stamps, other.stamps)
    var forked: Set<Actor> = []
    for (dot, stamp) in there where here[dot].map({ $0 != stamp }) ?? false {
      forked.insert(dot.actor)
    }
    for (id, record) in records {
      for (group, register) in record.groups {
        for sibling in register.siblings {
          for twin in other.records[id]?.groups[group]?.siblings ?? []
          where twin.value != sibling.value {
            forked.formUnion(twin.dots.filter { sibling.dots.contains($0) }.map(\.actor))
          }
        }
      }
    }
    return forked
  }

  private var stamps: [Dot: Stamp] {
    var stamps: [Dot: Stamp] = [:]
    for record in records.values {
      for register in record.groups.values {
        for sibling in register.siblings {
          for dot in sibling.dots { stamps[dot] = Stamp(sibling.value) }
        }
      }
    }
    return stamps
  }

  fileprivate func renaming(_ names: [Actor: Actor]) -> CompartmentContent {
    guard !names.isEmpty else { return self }
    var result = self
    for (id, record) in records {
      for (group, register) in record.groups {
        result.records[id]?.groups[group] = Register(
          siblings: register.siblings.map { sibling in
            let dots = sibling.dots.map {
              Dot(actor: names[$0.actor] ?? $0.actor, counter: $0.counter)
            }
            return Register.Sibling(dots: dots, value: sibling.value)
          })
      }
    }
    return result
  }
}

import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// The holds that one reply touches: each is read once and written once, and the digest is moved
/// once, by the difference between the two, however many changes a page brings for a compartment.
///
/// Whatever else reads or writes a hold while the reply is taken in releases it here first.
final class HoldKeeper {
  private struct Kept {
    let id: CompartmentID
    let before: VersionVector
    var hold: AgencyHold
  }

  private let engine: AgencyEngine
  private var kept: [Int64: Kept] = [:]

  init(engine: AgencyEngine) { self.engine = engine }

  func hasHold(of stored: StoredCompartment) throws -> Bool {
    if kept[stored.number] != nil { return true }
    guard let hold = try engine.store.hold(stored.number) else { return false }
    kept[stored.number] = Kept(id: stored.id, before: hold.acknowledged, hold: hold)
    return true
  }

  /// The hub knows this device to have the dot, if it is the next after what it knew. Returns the
  /// actor that this device writes under.
  func advance(_ stored: StoredCompartment, to dot: Dot) throws -> Actor? {
    guard try hasHold(of: stored), let index = kept.index(forKey: stored.number) else { return nil }
    _ = kept.values[index].hold.acknowledged.advance(to: dot)
    return kept.values[index].hold.actor
  }

  /// Writes the hold and forgets it.
  func release(_ number: Int64) throws {
    if let known = kept.removeValue(forKey: number) { try write(known) }
  }

  func releaseAll() throws {
    for (_, known) in kept.sorted(by: { $0.key < $1.key }) { try write(known) }
    kept = [:]
  }

  private func write(_ known: Kept) throws {
    guard known.hold.acknowledged != known.before else { return }
    engine.session.digest = engine.session.digest.removing(known.id, known.before)
      .adding(known.id, known.hold.acknowledged)
    try engine.store.save(known.hold)
  }
}

import CaseRecords
import Causality
import ReplicaStore
import SyncEngine
import SyncProtocol

/// Devices whose program has a mistake: whatever they send, the hub holds to the rules.
extension World {
  func mistaken(
    _ request: ExchangeRequest, of device: SimulatedDevice, _ kind: SimulationEvent.Mistake,
    _ pick: Int
  ) throws -> ExchangeRequest {
    var changed = request
    switch kind {
    case .itemForgotten:
      guard request.page.items.count > 1 else { return request }
      changed.page.items.remove(at: pick % (request.page.items.count - 1))
    case .policyForgotten: changed.policy = []
    case .holdingsWidened:
      guard let holdings = request.holdings, !holdings.isEmpty else {
        changed.digest = changed.digest.adding(
          CompartmentID(high: 0, low: 1), VersionVector([Actor(rawValue: 1): 1]))
        break
      }
      let index = pick % holdings.count
      let (holding, wider) = (holdings[index], widened(holdings[index]))
      changed.holdings?[index] = wider
      // A list that is not of its sum the hub does not believe; this one it has to.
      device.claimed = pick / holdings.count % 2 == 0 ? (holding, wider) : nil
      changed.digest = claimed(changed.digest, by: device)
    case .contextWidened:
      guard let widened = try widened(request.page.items, of: device, pick) else { return request }
      changed.page.items = widened
      changed.digest = claimed(changed.digest, by: device)
    }
    if changed != request {
      tally.inject("mistake: \(kind)")
      noteMistake(in: request, of: device)
    }
    return changed
  }

  /// - Parameter request: As it should have been.
  func noteMistake(in request: ExchangeRequest, of device: SimulatedDevice) {
    device.hasStrayed = true
    for case .change(_, let change) in request.page.items { unfit.insert(change.dot.actor) }
  }

  /// Who has claimed too much in a list goes on so.
  private func claimed(_ digest: HoldingsDigest, by device: SimulatedDevice) -> HoldingsDigest {
    guard let (holding, wider) = device.claimed else { return digest }
    return digest.removing(holding.compartment, holding.vector)
      .adding(wider.compartment, wider.vector)
  }

  /// It has the next change of each author as well.
  private func widened(_ holding: Holding) -> Holding {
    var vector = holding.vector
    for entry in vector.sortedEntries { vector[entry.actor] = entry.counter + 1 }
    return Holding(compartment: holding.compartment, vector: vector)
  }

  /// One change covers all that the hub has of its compartment, though the device lacks some of it;
  /// where it does not, it covers what nobody has.
  private func widened(
    _ items: [PageItem], of device: SimulatedDevice, _ pick: Int
  ) throws -> [PageItem]? {
    for offset in items.indices {
      let index = (offset + pick) % items.count
      guard case .change(let id, var change) = items[index],
        let atHub = try hub.store.compartment(id)?.vector,
        let here = try device.store.compartment(id)?.vector
      else { continue }
      let beyond: UInt64 = here.covers(atHub) ? 1 : 0
      for entry in atHub.sortedEntries where entry.actor != change.dot.actor {
        change.context[entry.actor] = max(change.context[entry.actor], entry.counter + beyond)
      }
      var items = items
      items[index] = .change(id, change)
      return items
    }
    return nil
  }
}

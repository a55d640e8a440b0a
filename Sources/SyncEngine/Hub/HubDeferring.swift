import CaseRecords
import Causality
import ReplicaStore
import SyncProtocol

/// Deferring asks for a change again: nothing is lost by it, and nothing but the operator's board
/// rests on what is written down here.
extension HubExchange {
  mutating func deferChange(
    _ change: Change, in id: CompartmentID, for cause: HubDeferralCause
  ) throws {
    answer.deferred.append(DotNotice(compartment: id, dot: change.dot))
    try store.noteDeferral(
      of: change.dot, in: id, by: incarnation.number, cause: cause, atMilliseconds: now)
  }

  /// What was deferred before and is not any more has been decided about.
  func endDeferrals() throws {
    let items = request.page.items
    guard !items.isEmpty || request.unsentCount == 0,
      try store.hasDeferrals(by: incarnation.number)
    else { return }
    if items.isEmpty { return try store.endDeferrals(by: incarnation.number) }
    let still = Set(answer.deferred)
    for item in items {
      guard case .change(let id, let change) = item,
        !still.contains(DotNotice(compartment: id, dot: change.dot))
      else { continue }
      try store.endDeferral(of: change.dot, in: id, by: incarnation.number)
    }
  }
}

import Operations
import ReplicaStore
import SyncEngine

// What is counted of the core's work, and what is seen to now and then.
extension HubCore {
  /// - Parameter client: nil when it has waited for news, so that the time says nothing.
  func note(_ account: ExchangeAccount, sentBytes: Int, answering client: HubClient? = nil) {
    let boot = clock.bootMilliseconds()
    meter.count(
      account, sentBytes: sentBytes, milliseconds: client.map { boot - $0.arrivedMilliseconds })
    if let client { links.noteArrival(account, bootMilliseconds: client.arrivedMilliseconds) }
    links.note(account, sentBytes: sentBytes, bootMilliseconds: boot)
  }

  /// The client went away while it waited; that is how a device says that it has something itself.
  func noteLeft(_ poll: ParkedPoll) {
    var account = poll.account
    account.outcome = .left
    note(account, sentBytes: 0)
  }

  /// Inside a batch's transaction, every few seconds.
  func tidy() throws {
    try engine.tidy(now: now)
    meter.noteRecovering(try store.recoveringCount() > 0)
    // After a failure, a word that is written to see whether the disk takes it again.
    if !meter.snapshot.condition.isWriting { try store.setInteger("written_at_ms", now) }
  }

  /// At a clean stop: what was counted since it was last written.
  func writeLinks() {
    guard !links.isEmpty else { return }
    do {
      try commit { try links.write(to: store, now: now) }
      links.forgetWritten(bootMilliseconds: clock.bootMilliseconds())
    } catch {
      log.error("what was counted of the lines cannot be written", ["error": .error(error)])
    }
  }
}

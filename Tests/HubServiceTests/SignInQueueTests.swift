import Dispatch
import Operations
import Testing

@testable import HubService

@Suite("The queue of those who sign in")
struct SignInQueueTests {
  /// A queue whose thread is held up until `open` is called, and what it has done.
  private final class HeldUp: Sendable {
    let queue = SignInQueue()
    let done = Lock<[String]>([])
    private let gate = DispatchSemaphore(value: 0)
    private let begun = DispatchSemaphore(value: 0)

    init() {
      _ = queue.add(SignInQueue.Asker(user: "gate", name: "")) { [gate, begun] in
        begun.signal()
        gate.wait()
      }
      begun.wait()
    }

    func add(_ user: String, _ address: String, _ name: String) -> Bool {
      queue.add(SignInQueue.Asker(user: user, address: address, name: name)) { [done] in
        done.withLock { $0.append(name) }
      }
    }

    /// Returns once everything is done.
    func open() {
      gate.signal()
      queue.stop()
    }
  }

  @Test("a name, an address, a user and all together have so many places, and not one more")
  func shares() {
    let table: [(Int, (Int) -> (user: String, address: String, name: String))] = [
      (SignInQueue.placesOfNameMax, { _ in ("proxy", "one", "name") }),
      (SignInQueue.placesOfAddressMax, { ("proxy", "one", "\($0)") }),
      (SignInQueue.placesOfUserMax, { ("proxy", "\($0)", "\($0)") }),
      (SignInQueue.placesMax, { ("\($0)", "\($0)", "\($0)") }),
    ]
    for (limit, asker) in table {
      let held = HeldUp()
      let taken = (0...limit).map { number in
        let asker = asker(number)
        return held.add(asker.user, asker.address, asker.name)
      }
      #expect(taken == Array(repeating: true, count: limit) + [false])
      held.open()
      #expect(held.done.withLock { $0.count } == limit)
    }
  }

  @Test("addresses take turns; of one, who came first is first")
  func turns() {
    let held = HeldUp()
    for name in ["a1", "a2", "a3"] { #expect(held.add("proxy", "a", name)) }
    for (address, name) in [("b", "b1"), ("c", "c1"), ("b", "b2")] {
      #expect(held.add("proxy", address, name))
    }
    held.open()
    #expect(held.done.withLock { $0 } == ["a1", "b1", "c1", "a2", "b2", "a3"])
  }

  @Test("a queue that has been stopped takes nobody")
  func stopped() {
    let held = HeldUp()
    held.open()
    #expect(!held.add("proxy", "a", "late"))
  }

  @Test("an address counts as what one subscriber has")
  func addresses() {
    for (text, network) in [
      ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "20:1:d:b8:0:1:0:2"),
      ("2001:db8:1:2:ffff::", "20:1:d:b8:0:1:0:2"), ("2001:db8:1:3::", "20:1:d:b8:0:1:0:3"),
      ("", ""), ("192.0.2.7, 192.0.2.8", ""), ("localhost", ""),
    ] {
      #expect(ClientAddress.network(of: text) == network, "\(text)")
    }
  }
}

import Operations
package import SampleDistrict
package import TestSupport
import Testing

/// One agency's line to the hub, which can be told to spoil the next exchange.
///
/// A fault that is merely set may never be met: the connection that waits in a long poll has its
/// bytes behind it. So the line is taken down first, something is written meanwhile, and the fault
/// stands when the line comes back: the first exchange of a new connection carries what was
/// written, and the fault falls inside it.
package final class FaultyLine {
  package enum Kind: CaseIterable {
    case cut, reset, stall, halfOpen

    func fault(afterBytes bytes: Int) -> FaultProxy.Fault {
      switch self {
      case .cut: .cut(afterBytes: bytes)
      case .reset: .reset(afterBytes: bytes)
      case .stall: .stall(afterBytes: bytes)
      case .halfOpen: .halfOpen(afterBytes: bytes)
      }
    }
  }

  private let proxy: FaultProxy

  package init(to hub: TestHub, recording: Bool = false) throws {
    proxy = try FaultProxy(forwardingTo: hub.port, isRecording: recording)
  }

  deinit { proxy.stop() }

  /// Where the agency reaches the hub.
  package var port: UInt16 { proxy.port }

  /// What the agency's device says it is, if the line records: the header's value.
  package var credential: String? {
    proxy.recordings.lazy.compactMap { recording in
      String(decoding: recording.up, as: UTF8.self)
        .firstMatch(of: #/Authorization: (CAFSync [0-9a-f.]+)/#).map { String($0.1) }
    }.first
  }

  /// All that the hub has sent so far, by connection, if the line records.
  package var received: [[UInt8]] { proxy.recordings.map(\.down) }

  /// All that the agency has sent so far, likewise.
  package var sent: [[UInt8]] { proxy.recordings.map(\.up) }

  /// Whoever connects is turned away before a byte.
  package func takeDown() {
    proxy.set(.init(up: .cut(afterBytes: 0)), cuttingAll: true)
  }

  /// What was stalled or half open is cut, and the line is good.
  package func heal() {
    proxy.set(.init(), cuttingAll: true)
  }

  /// The line is good again; returns when so many bytes of requests have passed since.
  package func heal(untilPassed bytes: Int) throws {
    let before = proxy.figures.bytesUp
    heal()
    try awaited("an exchange to begin") { proxy.figures.bytesUp >= before + bytes }
  }

  /// Spoils the next exchange inside its request or inside its reply, and returns when it has been
  /// struck. What was spoiled once stays so until the line is healed.
  ///
  /// - Parameter kinds: one is drawn.
  /// - Returns: what was set, for the account of a failure.
  @discardableResult
  package func spoil(
    by kinds: [Kind] = Kind.allCases, using random: inout SeededGenerator
  ) throws -> FaultProxy.Faults {
    let kind = try #require(kinds.randomElement(using: &random))
    let fault = kind.fault(afterBytes: .random(in: 0..<1_000_000, using: &random))
    var faults = FaultProxy.Faults(fallInsideFirstMessage: true)
    if Bool.random(using: &random) { faults.up = fault } else { faults.down = fault }
    let before = proxy.figures.strikes
    proxy.set(faults, cuttingAll: true)
    try awaited("\(faults) to strike") { proxy.figures.strikes > before }
    return faults
  }
}

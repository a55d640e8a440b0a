/// A hybrid logical timestamp (Kulkarni et al. 2014): close to wall time, yet always later than
/// what its author had seen. It orders what is displayed; no merge reads it.
package struct HybridTime: Hashable, Comparable, Sendable {
  /// Milliseconds in the high 48 bits, the logical part in the low 16: the wire form. Every value
  /// is valid.
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Milliseconds beyond `millisecondsMax` count as that.
  package init(milliseconds: UInt64, logical: UInt16) {
    rawValue = min(milliseconds, Self.millisecondsMax) << 16 | UInt64(logical)
  }

  /// Since 1970, UTC, without leap seconds.
  package var milliseconds: UInt64 { rawValue >> 16 }

  /// Orders what falls into one millisecond.
  package var logical: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

  /// 48 bits, the year 10889.
  package static let millisecondsMax: UInt64 = 1 << 48 - 1

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

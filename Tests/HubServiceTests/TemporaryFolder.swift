import Foundation

/// A folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "cafsync-hub-\(UInt64.random(in: 0 ... .max))"
  }

  deinit {
    // A folder that was never made needs no removing.
    try? FileManager.default.removeItem(atPath: path)
  }
}

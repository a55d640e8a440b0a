import CaseRecords
import Causality
import SyncProtocol

/// What the hub's operator has decided about one change that was set apart, as a notice in a desk
/// thread says it: both sides of the exchange read and write it here.
struct QuarantineDecision: Hashable {
  let compartment: CompartmentID
  /// Under which its author sent it.
  let dot: Dot
  let isReleased: Bool

  private static let released = "quarantineReleased"
  private static let returned = "quarantineReturned"

  init(compartment: CompartmentID, dot: Dot, isReleased: Bool) {
    self.compartment = compartment
    self.dot = dot
    self.isReleased = isReleased
  }

  var noticeCode: String { isReleased ? Self.released : Self.returned }

  /// `<compartment>/<actor>.<counter>`: 32 and 16 hexadecimal digits, and a decimal number.
  var parameters: [String: String] {
    let digits = String(dot.actor.rawValue, radix: 16)
    let padded = String(repeating: "0", count: 16 - digits.count) + digits
    return ["change": "\(compartment.text)/\(padded).\(dot.counter)"]
  }

  /// Nil for any other notice.
  init?(notice: GroupValue) {
    guard let code = notice.text("text"), [Self.released, Self.returned].contains(code),
      let parts = notice.parameters("parameters")?["change"]?.split(separator: "/"),
      parts.count == 2, let compartment = CompartmentID(text: parts[0])
    else { return nil }
    let name = parts[1].split(separator: ".")
    guard name.count == 2, name[0].count == 16, let actor = UInt64(name[0], radix: 16),
      let counter = UInt64(name[1]), counter > 0
    else { return nil }
    self.init(
      compartment: compartment, dot: Dot(actor: Actor(rawValue: actor), counter: counter),
      isReleased: code == Self.released)
  }
}

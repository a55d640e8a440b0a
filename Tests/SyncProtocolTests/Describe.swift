import CaseRecords
import Causality
import Foundation
import SyncProtocol

/// What a message says, as JSON: names as in the types, bytes and identifiers in hexadecimal.
/// Reflection, so that a field that is added cannot be forgotten here.
func describe(_ value: Any) -> Any {
  switch value {
  // An empty array of anything can be cast to this.
  case let bytes as [UInt8] where type(of: value) == [UInt8].self: return hexadecimal(bytes)
  case let actor as Actor: return hexadecimal(bigEndian(actor.rawValue))
  case let vector as VersionVector:
    return vector.sortedEntries.map { [describe($0.actor), describe($0.counter)] }
  case let dot as Dot: return [describe(dot.actor), describe(dot.counter)]
  case let time as HybridTime:
    return ["milliseconds": NSNumber(value: time.milliseconds), "logical": Int(time.logical)]
  case let digest as HoldingsDigest:
    return hexadecimal(bigEndian(digest.high) + bigEndian(digest.low))
  case let number as UInt64: return NSNumber(value: number)
  case let truth as Bool: return truth
  case let content as CheckedContent:
    return (try? content.opened()).map { describe($0) } ?? NSNull()
  case let text as String: return text
  case let identifier as any CustomStringConvertible where isIdentifier(value):
    return identifier.description
  case let coded as any RawRepresentable<UInt8>: return Int(coded.rawValue)
  case let coded as any RawRepresentable<UInt64>: return Int(coded.rawValue)
  default: return describeByReflection(value)
  }
}

private func describeByReflection(_ value: Any) -> Any {
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .optional: return mirror.children.first.map { describe($0.value) } ?? NSNull()
  case .collection: return mirror.children.map { describe($0.value) }
  case .set:
    return mirror.children.map { describe($0.value) }.sorted { sortKey($0) < sortKey($1) }
  case .dictionary:
    var entries: [String: Any] = [:]
    for child in mirror.children {
      let pair = Array(Mirror(reflecting: child.value).children)
      entries["\(describe(pair[0].value))"] = describe(pair[1].value)
    }
    return entries
  case .enum:
    guard let payload = mirror.children.first else { return "\(value)" }
    return [payload.label ?? "": describe(payload.value)]
  case .tuple where mirror.children.count == 1: return describe(mirror.children.first!.value)
  default:
    var fields: [String: Any] = [:]
    // The parts of a case that have no label are called ".0", ".1".
    for child in mirror.children {
      fields[(child.label ?? "").filter { $0 != "." }] = describe(child.value)
    }
    return fields
  }
}

/// Numbers by size, texts by alphabet.
private func sortKey(_ value: Any) -> String {
  (value as? Int).map { String(1_000 + $0) } ?? "\(value)"
}

private func isIdentifier(_ value: Any) -> Bool { "\(type(of: value))".hasPrefix("Identifier<") }

private func bigEndian(_ word: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - $0 * 8)) }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

func bytes(hexadecimal text: String) -> [UInt8] {
  let digits = Array(text)
  return stride(from: 0, to: digits.count, by: 2).map {
    UInt8(String(digits[$0...$0 + 1]), radix: 16)!
  }
}

/// Sorted keys: equal descriptions are equal texts.
func jsonText(_ value: Any) throws -> String {
  let data = try JSONSerialization.data(
    withJSONObject: value, options: [.sortedKeys, .prettyPrinted, .fragmentsAllowed])
  return String(decoding: data, as: UTF8.self)
}

import CBOR
import CaseRecords
import Causality
import Operations
import SyncEngine
import SyncProtocol

// Records as JSON, in both directions: fields by their names, identifiers as hexadecimal digits.
extension GroupValue {
  var json: JSON {
    var object = JSON.Object()
    for name in fields.keys.sorted() { object[name] = fields[name].map(Self.json) }
    return .object(object)
  }

  /// In one line, for lists and conflicts.
  var line: String {
    fields.keys.sorted().compactMap { name in
      fields[name].map { fields.count == 1 ? Self.words($0) : "\(name): \(Self.words($0))" }
    }.joined(separator: "; ")
  }

  private static func json(_ item: CBOR) -> JSON {
    switch item {
    case .text(let text): .string(text)
    case .unsigned(let value): .count(value)
    case .bool(let flag): .bool(flag)
    case .bytes(let bytes): .string(Hex.text(bytes))
    case .array(let items): .array(items.map(json))
    case .map(let entries):
      .object(
        entries.reduce(into: JSON.Object()) { object, entry in
          if case .text(let name) = entry.key { object[name] = json(entry.value) }
        })
    default: .null
    }
  }

  private static func words(_ item: CBOR) -> String {
    switch item {
    case .text(let text): text
    case .bool(let flag): flag ? "yes" : "no"
    case .array(let items): items.map(words).joined(separator: ", ")
    default: json(item).stringValue ?? json(item).text()
    }
  }

  /// From what a person typed: each field by its declared type. Blank fields are left out; what
  /// does not read as its type is kept as text, for validation to speak of.
  static func entered(kind: String, group: String, _ typed: [String: String?]) -> GroupValue {
    guard let schema = SchemaRegistry.standard.group(kind, group) else { return GroupValue() }
    var value = GroupValue()
    for field in schema.fields {
      guard let text = typed[field.name] ?? nil, !text.allSatisfy(\.isWhitespace) else { continue }
      value = value.setting(field.name, item: item(text, field.type))
    }
    return value
  }

  static func item(_ text: String, _ type: FieldType) -> CBOR {
    switch type {
    case .count, .instant: UInt64(text).map { .unsigned($0) } ?? .text(text)
    case .yesNo:
      switch text.lowercased() {
      case "yes", "true": .bool(true)
      case "no", "false": .bool(false)
      default: .text(text)
      }
    case .identifier: RecordID(text: text).map { .bytes($0.bytes) } ?? .text(text)
    case .codes, .texts: .array(parts(text).map { .text($0) })
    case .identifiers:
      .array(
        parts(text).map { part in RecordID(text: part).map { .bytes($0.bytes) } ?? .text(part) })
    default: .text(text)
    }
  }

  private static func parts(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0.drop(while: \.isWhitespace)) }
  }
}

extension UInt64 {
  /// Milliseconds since 1970 as `2007-04-30 09:15 UTC`.
  var momentText: String { Moment.text(self) }
}

import CBOR
import CaseRecords
import Causality
import Cryptography
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// A conflict as a person is asked about it: what the record is about, each answer in plain words,
// and what may be done.
extension Replica {
  func conflictShow(_ input: OperationInput) throws -> JSON {
    let conflict = try conflict(try input.required("conflict"), part: try input.text("part"))
    try input.finish()
    var object = try json(conflict)
    let record = try words(conflict.record, conflict.content, in: conflict.stored)
    object["about"] = .array(
      (record["rows"]?.arrayValue ?? []).filter { row in
        row["name"]?.stringValue?.hasPrefix(conflict.group + ".") != true
      })
    object["isRemoval"] = .bool(conflict.group == "life")
    object["answers"] = .array(
      try conflict.siblings.map { sibling in
        [
          "answer": .string(Self.key(of: sibling)),
          "by": .string(try name(of: sibling.value.author)),
          "at": .string(sibling.value.claimedMilliseconds.momentText),
          "rows": .array(try rows(of: sibling, in: conflict)),
        ]
      })
    object["both"] = try joined(conflict).map { .string($0.text) } ?? .null
    object["fields"] = .array(try thirdAnswer(conflict))
    return .object(object)
  }

  /// Names one answer for as long as it stands, whatever else arrives meanwhile.
  static func key(of sibling: Register<Written>.Sibling) -> String {
    let time = String(sibling.value.time.rawValue)
    let author = sibling.value.author?.bytes ?? []
    return Hex.text(sha256(sibling.value.value + author + time.utf8).prefix(16))
  }

  /// Every field that any of the answers has, so that one stands beside the other.
  private func rows(
    of sibling: Register<Written>.Sibling, in conflict: Conflict
  ) throws -> [JSON] {
    let value = try GroupValue(encoded: sibling.value.value)
    if conflict.group == "life" {
      let isRemoved = value.text("life") == "removed"
      return [
        [
          "label": "This entry",
          "text": .string(
            isRemoved ? "Removed: it is no longer to be shown." : "Kept: it is to stay as it is."),
        ]
      ]
    }
    guard let group = SchemaRegistry.standard.group(conflict.kind, conflict.group) else {
      return []
    }
    let all = conflict.content.values(conflict.group)
    return try group.fields.filter(\.isForPeople).compactMap { field in
      guard try all.contains(where: { try words($0[field.name], field.type) != nil })
      else { return nil }
      return [
        "label": .string(FormWords.rowLabel(conflict.kind, group, field)),
        "text": .string(try words(value[field.name], field.type) ?? ""),
      ]
    }
  }

  // MARK: Both, and a third

  /// The texts one after the other, each with who wrote it; nil where the answers differ in more
  /// than one text.
  func joined(_ conflict: Conflict) throws -> (field: String, text: String)? {
    guard let group = typedGroup(conflict), let field = group.longText else { return nil }
    let siblings = conflict.siblings
    let values = try siblings.map { try GroupValue(encoded: $0.value.value) }
    let others = Set(values.map { $0.setting(field, item: nil) })
    guard others.count == 1 else { return nil }
    let parts = try zip(siblings, values).compactMap { sibling, value -> String? in
      guard let text = value.text(field) else { return nil }
      let moment = sibling.value.claimedMilliseconds.momentText
      return "\(try name(of: sibling.value.author)), \(moment):\n\(text)"
    }
    return parts.count == siblings.count ? (field, parts.joined(separator: "\n\n")) : nil
  }

  /// The form of a third answer, with the texts of all in it; the rest as it was written last.
  private func thirdAnswer(_ conflict: Conflict) throws -> [JSON] {
    guard let group = typedGroup(conflict) else { return [] }
    let values = try conflict.siblings.map { try GroupValue(encoded: $0.value.value) }
    return try group.typedFields.map { field in
      var shown = values.last { $0[field.name] != nil }?[field.name]
      if field.name == group.longText {
        let texts = values.compactMap { $0.text(field.name) }
        shown = .text(texts.joined(separator: "\n\n"))
      }
      return try formField(
        field, group.name, of: conflict.kind, for: conflict.stored.compartment.child, shown)
    }
  }

  /// What a person types into; nil for what the pages ask in another way.
  func typedGroup(_ conflict: Conflict) -> FieldGroup? {
    SchemaRegistry.standard.schema(conflict.kind)?.typedGroups
      .first { $0.name == conflict.group }
  }
}

extension FieldGroup {
  /// The box that a text is typed into: the only long one.
  var longText: String? {
    let long = fields.filter { $0.type == .longText }
    return long.count == 1 ? long[0].name : nil
  }
}

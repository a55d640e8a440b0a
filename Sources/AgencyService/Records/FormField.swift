import CBOR
import CaseRecords
import Causality
import Cryptography
import Operations

extension RecordSchema {
  /// What a person types into, group by group: not what the hub writes, nor what links records with
  /// each other, nor what other pages decide.
  var typedGroups: [FieldGroup] {
    groups.filter { group in
      !group.isHubOnly && group.name != "life" && !group.typedFields.isEmpty
        && !Self.decidedElsewhere.contains("\(kind).\(group.name)")
    }
  }

  private static let decidedElsewhere: Set<String> = [
    "assessment.started", "assessment.state", "assessment.version", "element.about",
    "preCAF.made", "child.shielded", "leadProfessional.lead", "leadProfessional.basis",
    "leadProfessional.acceptance",
  ]
}

extension FieldGroup {
  var typedFields: [Field] { fields.filter { isTyped($0) } }

  private func isTyped(_ field: Field) -> Bool {
    switch field.type {
    // Chosen from a list, where it stands beside words; alone it is what the record belongs to.
    case .identifier:
      ["agency", "involvement", "element"].contains(field.name) && fields.count > 1
    case .identifiers, .parameters, .instant: false
    // The day on which an age was guessed is the day on which it was typed.
    default: field.name != "estimatedOn"
    }
  }
}

/// One value of a form, in both directions. A list is a text with one entry on each line.
enum FormField {
  /// As the form shows it. Carriage returns do not survive a browser, so they are not shown.
  static func text(_ item: CBOR?, _ type: FieldType) -> String {
    let text: String =
      switch item {
      case nil: ""
      case .text(let text)?: text
      case .bool(let flag)?: flag ? "yes" : "no"
      case .unsigned(let number)?: String(number)
      case .bytes(let bytes)?: Hex.text(bytes)
      case .array(let items)?: items.map { Self.text($0, type) }.joined(separator: "\n")
      default: ""
      }
    return normalised(text)
  }

  /// Nil for what was left blank. What does not read as its type stays text, for the schema's own
  /// check to speak of.
  static func item(_ text: String, _ type: FieldType) -> CBOR? {
    let text = normalised(text)
    if text.allSatisfy(\.isWhitespace) { return nil }
    switch type {
    case .texts, .codes:
      return .array(
        text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
          .map { .text(String($0)) })
    default: return GroupValue.item(text, type)
    }
  }

  private static func normalised(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\r" }))
  }

  /// Tells the texts of one group from others: what a form brings back to say what it had shown.
  static func digest(_ value: GroupValue, of group: FieldGroup) -> String {
    var bytes: [UInt8] = []
    for field in group.typedFields {
      bytes += CBOR.text(text(value[field.name], field.type)).encoded
    }
    return Hex.text(sha256(bytes).prefix(16))
  }
}

package import CBOR

// What a person enters here is held against the schema before it becomes a change. What arrives
// from elsewhere is not: refusing it would lose it, or let one bad record block every later one.

extension SchemaRegistry {
  /// Empty if all is well. Kinds, groups and fields of a newer version give a warning each, and
  /// are valid.
  package func validate(kind: String, group: String, value: GroupValue) -> [ValidationIssue] {
    var issues = Self.size(of: value)
    guard let schema = schema(kind) else {
      return issues + [
        ValidationIssue(
          field: nil, .unknownKind,
          "This kind of record comes from a newer version: it is kept as it is.", isWarning: true)
      ]
    }
    guard let group = schema.group(group) else {
      return issues + [
        ValidationIssue(
          field: nil, .unknownGroup,
          "This part of the record comes from a newer version: it is kept as it is.",
          isWarning: true)
      ]
    }
    issues += group.validate(value)
    return issues
  }

  /// The same for an item that may not be a map at all.
  package func validate(kind: String, group: String, value: CBOR) -> [ValidationIssue] {
    do throws(GroupValueError) {
      return validate(kind: kind, group: group, value: try GroupValue(value))
    } catch {
      return [ValidationIssue(field: nil, .wrongType, error.sentence)]
    }
  }

  /// The groups that a new record of this kind must have and that are not among those written.
  package func missing(kind: String, written: some Sequence<String>) -> [ValidationIssue] {
    guard let schema = schema(kind) else { return [] }
    let written = Set(written)
    return schema.groups.filter { $0.isRequired && !written.contains($0.name) }.map {
      ValidationIssue(
        field: $0.fields.count == 1 ? $0.name : nil, .missing,
        "Fill in “\(PlainWords.fromName($0.name))”: this record needs it.")
    }
  }

  private static func size(of value: GroupValue) -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    if value.fields.count > RecordLimits.groupFields {
      issues.append(
        ValidationIssue(
          field: nil, .tooMany,
          "There are \(value.fields.count) fields and \(RecordLimits.groupFields) are allowed: "
            + "remove some."))
    }
    if value.fields.keys.contains(where: { $0.utf8.count > RecordLimits.nameBytes }) {
      issues.append(
        ValidationIssue(
          field: nil, .tooLong,
          "The name of a field is longer than \(RecordLimits.nameBytes) bytes: shorten it."))
    }
    if value.fields.values.contains(where: { $0.isDeeper(than: RecordLimits.nesting) }) {
      // Not encoded to be measured: the encoder descends as deep as the value goes.
      issues.append(
        ValidationIssue(
          field: nil, .tooDeep,
          "The value is nested deeper than \(RecordLimits.nesting) levels: make it flatter."))
      return issues
    }
    let bytes = value.encoded().count
    if bytes > RecordLimits.groupBytes {
      issues.append(
        ValidationIssue(field: nil, .tooLarge, GroupValueError.tooLarge(bytes: bytes).sentence))
    }
    return issues
  }
}

extension CBOR {
  fileprivate func isDeeper(than levels: Int) -> Bool {
    switch self {
    case .array(let items):
      levels == 0 || items.contains { $0.isDeeper(than: levels - 1) }
    case .map(let entries):
      levels == 0
        || entries.contains {
          $0.key.isDeeper(than: levels - 1) || $0.value.isDeeper(than: levels - 1)
        }
    case .tagged(_, let item): levels == 0 || item.isDeeper(than: levels - 1)
    default: false
    }
  }
}

extension FieldGroup {
  func validate(_ value: GroupValue) -> [ValidationIssue] {
    if value.isBlank, isClearable { return [] }
    var issues: [ValidationIssue] = []
    for field in fields {
      guard let item = value[field.name] else {
        if field.isRequired { issues.append(field.missing) }
        continue
      }
      if field.isRequired, item.isBlankText {
        issues.append(field.missing)
      } else {
        issues += field.validate(item)
      }
    }
    for name in value.fields.keys.sorted() where field(name) == nil {
      issues.append(
        ValidationIssue(
          field: name, .unknownField,
          "This field comes from a newer version: it is kept as it is.", isWarning: true))
    }
    return issues + rules.compactMap { $0.check(value) }
  }
}

extension GroupRule {
  func check(_ value: GroupValue) -> ValidationIssue? {
    func given(_ names: [String]) -> Int {
      names.count { name in value[name].map { !$0.isBlankText } ?? false }
    }
    switch self {
    case .atLeastOne(let names):
      guard given(names) == 0 else { return nil }
      return ValidationIssue(
        field: nil, .atLeastOne, "Fill in at least one: \(PlainWords.anyOf(names)).")
    case .atMostOne(let names):
      guard given(names) > 1 else { return nil }
      return ValidationIssue(
        field: nil, .atMostOne, "Fill in one only: \(PlainWords.anyOf(names)).")
    case .exactlyOne(let names):
      guard given(names) != 1 else { return nil }
      return ValidationIssue(
        field: nil, .exactlyOne, "Fill in one, and one only: \(PlainWords.anyOf(names)).")
    case .inOrder(let first, let second):
      guard let start = value.date(first), let end = value.date(second), start > end else {
        return nil
      }
      return ValidationIssue(
        field: second, .outOfOrder,
        "“\(PlainWords.fromName(second))” is before “\(PlainWords.fromName(first))”: "
          + "correct one of the dates.")
    case .together(let name, let needed):
      guard given([name]) == 1, given([needed]) == 0 else { return nil }
      return incomplete(name, needed)
    case .when(let name, let required, let needed):
      guard value[name] == required, given([needed]) == 0 else { return nil }
      return incomplete(name, needed)
    }
  }

  private func incomplete(_ name: String, _ needed: String) -> ValidationIssue {
    ValidationIssue(
      field: needed, .incomplete,
      "Fill in “\(PlainWords.fromName(needed))” too: "
        + "“\(PlainWords.fromName(name))” needs it.")
  }
}

extension CBOR {
  /// Text of white space only: what an untouched box of a form sends.
  var isBlankText: Bool {
    guard case .text(let text) = self else { return false }
    return text.allSatisfy(\.isWhitespace)
  }
}

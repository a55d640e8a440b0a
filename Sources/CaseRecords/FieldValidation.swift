import CBOR

extension Field {
  var missing: ValidationIssue {
    ValidationIssue(field: name, .missing, "Fill in “\(words)”: it is needed here.")
  }

  /// The value of this one field, held against its type.
  func validate(_ item: CBOR) -> [ValidationIssue] {
    switch (type, item) {
    case (.shortText, .text(let text)): return shortText(text)
    case (.longText, .text(let text)): return longText(text)
    case (.code(let list), .text(let code)): return inList(code, list)
    case (.codes(let list), .array(let items)):
      return tooMany(items.count)
        + items.flatMap { item -> [ValidationIssue] in
          guard case .text(let code) = item else { return wrongType }
          return inList(code, list)
        }
    case (.texts, .array(let items)):
      return tooMany(items.count)
        + items.flatMap { item -> [ValidationIssue] in
          guard case .text(let text) = item else { return wrongType }
          return shortText(text)
        }
    case (.identifiers, .array(let items)):
      return tooMany(items.count) + items.flatMap(identifier)
    case (.date, .text(let text)):
      guard CalendarDate(text) == nil else { return [] }
      return issue(
        .notADate,
        "“\(words)” is no date of the calendar between \(RecordLimits.years.lowerBound) and "
          + "\(RecordLimits.years.upperBound): write it as year-month-day, for example 2007-04-30.")
    case (.instant, .unsigned(let milliseconds)):
      guard milliseconds > RecordLimits.instantMilliseconds else { return [] }
      return issue(.notAnInstant, "“\(words)” lies past the year 2199: check the clock.")
    case (.yesNo, .bool): return []
    case (.count(let most), .unsigned(let value)):
      guard value > UInt64(most) else { return [] }
      return issue(.tooGreat, "“\(words)” is \(value) and may be \(most) at most: correct it.")
    case (.identifier, .bytes): return identifier(item)
    case (.parameters, .map(let entries)): return parameters(entries)
    case (.nhsNumber, .text(let text)):
      guard !NHSNumber.isValid(text) else { return [] }
      return issue(
        .checkDigit,
        "This is not an NHS number (ten digits, the last a check digit): compare it with the card, "
          + "or leave it blank.")
    case (.upn, .text(let text)):
      guard !UPN.isValid(text) else { return [] }
      return issue(
        .checkDigit,
        "This is not a unique pupil number (a check letter and twelve digits, or eleven and a "
          + "letter): compare it with the school's register, or leave it blank.")
    case (.postcode, .text(let text)):
      let tooLong = shortText(text)
      guard tooLong.isEmpty, !Postcode.looksRight(text) else { return tooLong }
      return [
        ValidationIssue(
          field: name, .looksWrong, "This does not look like a postcode: check it.",
          isWarning: true)
      ]
    default: return wrongType
    }
  }

  private var wrongType: [ValidationIssue] {
    issue(.wrongType, "“\(words)” is of another type than this field takes: enter it again.")
  }

  private func issue(_ code: ValidationIssue.Code, _ sentence: String) -> [ValidationIssue] {
    [ValidationIssue(field: name, code, sentence)]
  }

  private func shortText(_ text: String) -> [ValidationIssue] {
    let count = text.unicodeScalars.count
    guard count > RecordLimits.shortTextScalars else { return [] }
    return issue(
      .tooLong,
      "“\(words)” has \(count) characters and may have \(RecordLimits.shortTextScalars): shorten "
        + "it by \(count - RecordLimits.shortTextScalars).")
  }

  private func longText(_ text: String) -> [ValidationIssue] {
    let bytes = text.utf8.count
    guard bytes > RecordLimits.longTextBytes else { return [] }
    return issue(
      .tooLong,
      "“\(words)” takes \(bytes) bytes and may take \(RecordLimits.longTextBytes): shorten it by "
        + "\(bytes - RecordLimits.longTextBytes), or go on in a second record.")
  }

  private func inList(_ code: String, _ list: CodeList) -> [ValidationIssue] {
    guard !list.contains(code) else { return [] }
    // Long lists are named by their first codes: enough to recognise the list.
    let shown = list.codes.prefix(12).map(\.value).joined(separator: ", ")
    let more = list.codes.count > 12 ? ", …" : ""
    return issue(.notInList, "“\(words)” takes one of: \(shown)\(more). Choose one of them.")
  }

  private func tooMany(_ count: Int) -> [ValidationIssue] {
    guard count > RecordLimits.listItems else { return [] }
    return issue(
      .tooMany,
      "“\(words)” has \(count) entries and may have \(RecordLimits.listItems): remove "
        + "\(count - RecordLimits.listItems).")
  }

  private func identifier(_ item: CBOR) -> [ValidationIssue] {
    guard case .bytes(let bytes) = item, bytes.count == 16 else { return wrongType }
    return []
  }

  private func parameters(_ entries: [CBOR.Entry]) -> [ValidationIssue] {
    tooMany(entries.count)
      + entries.flatMap { entry -> [ValidationIssue] in
        guard case .text(let key) = entry.key, case .text(let value) = entry.value,
          key.utf8.count <= RecordLimits.nameBytes
        else { return wrongType }
        return shortText(value)
      }
  }
}

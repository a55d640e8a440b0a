package import CBOR
package import Causality

/// Why bytes are no group value.
package enum GroupValueError: Error, Hashable, Sendable {
  case tooLarge(bytes: Int)
  case notCBOR(CBORError)
  /// Not a map, or a key of it is not text, or two keys are the same word in two spellings.
  case notAMapOfNamedFields

  /// What happened and what to do; never any of the data.
  package var sentence: String {
    switch self {
    case .tooLarge(let bytes):
      "The value takes \(bytes) bytes and \(RecordLimits.groupBytes) are allowed: shorten it."
    case .notCBOR(let error): "The value cannot be read. \(error)"
    case .notAMapOfNamedFields:
      "The value is not a map of named fields: it was not written by this program. Send it again."
    }
  }
}

/// The value of one field group: named fields, each a CBOR item. Fields unknown to this version
/// stay in it untouched, so that a person who edits the ones known passes the others on.
///
/// A field that is absent is blank. The encoding is deterministic: equal values, equal bytes.
package struct GroupValue: Hashable, Sendable {
  package private(set) var fields: [String: CBOR]

  package init(_ fields: [String: CBOR] = [:]) { self.fields = fields }

  /// Reads what `encoded()` has written.
  package init(encoded bytes: [UInt8]) throws(GroupValueError) {
    guard bytes.count <= RecordLimits.groupBytes else {
      throw .tooLarge(bytes: bytes.count)
    }
    let item: CBOR
    do throws(CBORError) { item = try CBOR(decoding: bytes) } catch { throw .notCBOR(error) }
    try self.init(item)
  }

  package init(_ item: CBOR) throws(GroupValueError) {
    guard case .map(let entries) = item else { throw .notAMapOfNamedFields }
    var fields: [String: CBOR] = [:]
    fields.reserveCapacity(entries.count)
    for entry in entries {
      // Swift holds two Unicode spellings of a word for equal, CBOR does not: refuse, not collide.
      guard case .text(let name) = entry.key, fields.updateValue(entry.value, forKey: name) == nil
      else { throw .notAMapOfNamedFields }
    }
    self.fields = fields
  }

  package var item: CBOR { CBOR(fields) }

  /// The deterministic CBOR map.
  package func encoded() -> [UInt8] { item.encoded }

  /// Nothing in it: the group is blank, or has been cleared.
  package var isBlank: Bool { fields.isEmpty }

  package static func life(isPresent: Bool) -> GroupValue {
    GroupValue(["life": .text(isPresent ? "present" : "removed")])
  }

  /// The value of a group of one field.
  package static func one(_ name: String, _ text: String) -> GroupValue {
    GroupValue([name: .text(text)])
  }
}

// Reading. Each accessor is nil if the field is blank or of another type.
extension GroupValue {
  package subscript(name: String) -> CBOR? { fields[name] }

  package func text(_ name: String) -> String? {
    guard case .text(let text)? = fields[name] else { return nil }
    return text
  }

  package func date(_ name: String) -> CalendarDate? { text(name).flatMap { CalendarDate($0) } }

  /// A whole number that fits an Int.
  package func count(_ name: String) -> Int? {
    guard case .unsigned(let value)? = fields[name] else { return nil }
    return Int(exactly: value)
  }

  /// Milliseconds since 1970.
  package func instant(_ name: String) -> UInt64? {
    guard case .unsigned(let value)? = fields[name] else { return nil }
    return value
  }

  package func yesNo(_ name: String) -> Bool? {
    guard case .bool(let value)? = fields[name] else { return nil }
    return value
  }

  package func identifier<Tag>(
    _ name: String, as: Identifier<Tag>.Type = Identifier<Tag>.self
  ) -> Identifier<Tag>? {
    guard case .bytes(let bytes)? = fields[name] else { return nil }
    return Identifier(bytes: bytes)
  }

  /// Nil also if any item is no identifier.
  package func identifiers<Tag>(
    _ name: String, as: Identifier<Tag>.Type = Identifier<Tag>.self
  ) -> [Identifier<Tag>]? {
    items(name) { item in
      guard case .bytes(let bytes) = item else { return nil }
      return Identifier(bytes: bytes)
    }
  }

  /// A list of texts or of codes. Nil also if any item is no text.
  package func texts(_ name: String) -> [String]? {
    items(name) { item in
      guard case .text(let text) = item else { return nil }
      return text
    }
  }

  /// What a prompt or a notice fills in. Nil also if any entry is not text to text.
  package func parameters(_ name: String) -> [String: String]? {
    guard case .map(let entries)? = fields[name] else { return nil }
    var parameters: [String: String] = [:]
    for entry in entries {
      guard case .text(let key) = entry.key, case .text(let value) = entry.value else { return nil }
      parameters[key] = value
    }
    return parameters
  }

  private func items<Item>(_ name: String, _ read: (CBOR) -> Item?) -> [Item]? {
    guard case .array(let items)? = fields[name] else { return nil }
    let read = items.compactMap(read)
    return read.count == items.count ? read : nil
  }
}

// Building. Each returns a copy; nil makes the field blank.
extension GroupValue {
  package func setting(_ name: String, item: CBOR?) -> GroupValue {
    var copy = self
    copy.fields[name] = item
    return copy
  }

  package func setting(_ name: String, _ text: String?) -> GroupValue {
    setting(name, item: text.map { .text($0) })
  }

  package func setting(_ name: String, _ texts: [String]?) -> GroupValue {
    setting(name, item: texts.map { .array($0.map { .text($0) }) })
  }

  package func setting(_ name: String, _ date: CalendarDate?) -> GroupValue {
    setting(name, item: date.map { .text($0.text) })
  }

  /// The number must not be negative: a programmer's error.
  package func setting(_ name: String, count: Int?) -> GroupValue {
    setting(name, item: count.map { .unsigned(UInt64($0)) })
  }

  package func setting(_ name: String, instant milliseconds: UInt64?) -> GroupValue {
    setting(name, item: milliseconds.map { .unsigned($0) })
  }

  package func setting(_ name: String, _ yes: Bool?) -> GroupValue {
    setting(name, item: yes.map { .bool($0) })
  }

  package func setting<Tag>(_ name: String, _ identifier: Identifier<Tag>?) -> GroupValue {
    setting(name, item: identifier.map { .bytes($0.bytes) })
  }

  package func setting<Tag>(_ name: String, _ identifiers: [Identifier<Tag>]?) -> GroupValue {
    setting(name, item: identifiers.map { .array($0.map { .bytes($0.bytes) }) })
  }

  package func setting(_ name: String, parameters: [String: String]?) -> GroupValue {
    setting(name, item: parameters.map { CBOR($0.mapValues { .text($0) }) })
  }
}

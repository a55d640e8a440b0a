import CBOR
import CaseRecords
import Causality

/// A record as changes refer to it.
struct RecordKey: Hashable {
  let id: RecordID
  /// The number of its kind among the names.
  let kind: Int
}

/// What changes refer to by number, as a page or a stored change is written. Actors, authors, names
/// and records, each numbered by first use; a record's kind is used when the record is.
struct WireDictionary {
  private(set) var actors = FirstUseIndex<Actor>()
  private(set) var authors = FirstUseIndex<PractitionerID>()
  private(set) var names = FirstUseIndex<NameKey>()
  private(set) var records = FirstUseIndex<RecordKey>()
  /// What names and records come to, without the heads of their arrays.
  private(set) var nameBytes = 0
  private(set) var recordBytes = 0

  /// A point to go back to.
  struct Mark {
    let actors: Int
    let authors: Int
    let names: Int
    let records: Int
    let nameBytes: Int
    let recordBytes: Int
  }

  var mark: Mark {
    Mark(
      actors: actors.count, authors: authors.count, names: names.count, records: records.count,
      nameBytes: nameBytes, recordBytes: recordBytes)
  }

  mutating func goBack(to mark: Mark) {
    actors.removeAll(from: mark.actors)
    authors.removeAll(from: mark.authors)
    names.removeAll(from: mark.names)
    records.removeAll(from: mark.records)
    nameBytes = mark.nameBytes
    recordBytes = mark.recordBytes
  }

  mutating func number(of actor: Actor) -> UInt64 { UInt64(actors.number(of: actor).number) }

  mutating func number(of author: PractitionerID) -> UInt64 {
    UInt64(authors.number(of: author).number)
  }

  mutating func number(of name: String) -> UInt64 {
    let (number, isNew) = names.number(of: NameKey(name))
    if isNew { nameBytes += headBytes(name.utf8.count) + name.utf8.count }
    return UInt64(number)
  }

  mutating func number(of record: RecordID, kind: String) -> UInt64 {
    let kindNumber = number(of: kind)
    let key = RecordKey(id: record, kind: Int(kindNumber))
    let (number, isNew) = records.number(of: key)
    if isNew { recordBytes += 17 + headBytes(Int(kindNumber)) }
    return UInt64(number)
  }
}

extension CBOREncoder {
  mutating func actors(_ index: FirstUseIndex<Actor>) {
    var content: [UInt8] = []
    content.reserveCapacity(index.count * 8)
    for actor in index.keys { content.append(bigEndian: actor.rawValue) }
    bytes(content)
  }

  mutating func names(_ index: FirstUseIndex<NameKey>) {
    arrayHeader(count: index.count)
    for name in index.keys { text(name.text) }
  }

  mutating func records(_ index: FirstUseIndex<RecordKey>) {
    arrayHeader(count: index.count * 2)
    for record in index.keys {
      identifier(record.id)
      unsigned(UInt64(record.kind))
    }
  }
}

/// The bytes of a CBOR head with that argument.
func headBytes(_ argument: Int) -> Int {
  switch argument {
  case ..<24: 1
  case ..<0x100: 2
  case ..<0x1_0000: 3
  default: argument < 0x1_0000_0000 ? 5 : 9
  }
}

/// The same dictionary as it is read: every number is checked, and so is the order of first use.
struct ReadDictionary {
  var actors = FirstUseList<Actor>()
  var authors = FirstUseList<PractitionerID>()
  var names = FirstUseList<String>()
  var records = FirstUseList<(id: RecordID, kind: UInt64)>()

  var isAllUsed: Bool {
    actors.areAllUsed && authors.areAllUsed && names.areAllUsed && records.areAllUsed
  }
}

extension MessageReader {
  mutating func actorList(_ field: StaticString) throws(MessageError) -> FirstUseList<Actor> {
    let content = try parts(field, bytesEach: 8)
    let actors = (0..<content.count / 8).map {
      Actor(rawValue: word(at: content.startIndex + $0 * 8))
    }
    return FirstUseList(try distinct(actors, field))
  }

  mutating func authorList(
    _ field: StaticString
  ) throws(MessageError) -> FirstUseList<PractitionerID> {
    FirstUseList(try distinct(try identifiers(field), field))
  }

  mutating func nameList(_ field: StaticString) throws(MessageError) -> FirstUseList<String> {
    let count = try array(field)
    var names: [String] = []
    names.reserveCapacity(count)
    for _ in 0..<count { names.append(try name(field)) }
    return FirstUseList(try distinct(names, field))
  }

  mutating func recordList(
    _ field: StaticString
  ) throws(MessageError) -> FirstUseList<(id: RecordID, kind: UInt64)> {
    let count = try array(field, itemsEach: 2)
    var records: [(id: RecordID, kind: UInt64)] = []
    records.reserveCapacity(count)
    var seen = Set<RecordKey>(minimumCapacity: count)
    for _ in 0..<count {
      let id: RecordID = try identifier(field)
      let kind = try unsigned(field, max: UInt64(input.count))
      guard seen.insert(RecordKey(id: id, kind: Int(kind))).inserted else {
        throw failure(field, .duplicate)
      }
      records.append((id, kind))
    }
    return FirstUseList(records)
  }

  /// Few are compared one by one, many through a set.
  func distinct<Element: Hashable>(
    _ elements: [Element], _ field: StaticString
  ) throws(MessageError) -> [Element] {
    if elements.count > 12 {
      guard Set(elements).count == elements.count else { throw failure(field, .duplicate) }
    } else {
      for index in elements.indices.dropFirst() where elements[..<index].contains(elements[index]) {
        throw failure(field, .duplicate)
      }
    }
    return elements
  }

  mutating func actor(
    _ field: StaticString, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> Actor {
    guard let used = dictionary.actors.use(try unsigned(field)) else {
      throw failure(field, .badIndex)
    }
    return used.element
  }

  mutating func dot(
    _ field: StaticString, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> Dot {
    Dot(actor: try actor(field, in: &dictionary), counter: try counter(field))
  }

  mutating func name(
    _ field: StaticString, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> String {
    guard let used = dictionary.names.use(try unsigned(field)) else {
      throw failure(field, .badIndex)
    }
    return used.element
  }

  mutating func author(
    _ field: StaticString, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> PractitionerID? {
    if try passedNull(field) { return nil }
    guard let used = dictionary.authors.use(try unsigned(field)) else {
      throw failure(field, .badIndex)
    }
    return used.element
  }

  mutating func record(
    _ field: StaticString, in dictionary: inout ReadDictionary
  ) throws(MessageError) -> (id: RecordID, kind: String) {
    guard let used = dictionary.records.use(try unsigned(field)),
      let kind = dictionary.names.use(used.element.kind)
    else { throw failure(field, .badIndex) }
    return (used.element.id, kind.element)
  }
}

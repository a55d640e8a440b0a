import CBOR
import CaseRecords
import Causality

extension Page {
  /// From `encoded()`.
  package init(encoded bytes: [UInt8]) throws(MessageError) {
    var reader = MessageReader(.page, bytes, nesting: PageReader.nesting)
    self = try reader.page()
    try reader.finish()
  }
}

extension MessageReader {
  /// A page inside a message.
  mutating func page() throws(MessageError) -> Page {
    var reader = PageReader(reader: self)
    let page = try reader.page()
    self = reader.reader
    return page
  }
}

private struct PageReader {
  /// The containers around a value: the page's map, its items, the change.
  static let nesting = 3

  var reader: MessageReader
  var parties = FirstUseList<Party>()
  var described: [Compartment] = []
  var known = FirstUseList<CompartmentID>()
  var dictionary = ReadDictionary()
  var othersBefore: [AuthoredCompartment: VersionVector] = [:]
  var millisecondsBefore: UInt64 = 0
  var contextEntryCount = 0

  init(reader: MessageReader) { self.reader = reader }

  mutating func page() throws(MessageError) -> Page {
    var items: [PageItem] = []
    let count = try reader.map("page")
    for _ in 0..<count {
      switch try reader.key() {
      case PageKey.parties: parties = FirstUseList(try present(try reader.identifiers("parties")))
      case PageKey.compartments: try readCompartments()
      case PageKey.known: known = FirstUseList(try present(try reader.identifiers("known")))
      case PageKey.actors: dictionary.actors = try reader.actorList("actors")
      case PageKey.records: dictionary.records = try reader.recordList("records")
      case PageKey.names: dictionary.names = try reader.nameList("names")
      case PageKey.authors: dictionary.authors = try reader.authorList("authors")
      case PageKey.items: items = try readItems()
      default: throw reader.failure("page", .unknownKey)
      }
    }
    guard dictionary.isAllUsed, parties.areAllUsed, known.areAllUsed else {
      throw reader.failure("page", .unusedEntry)
    }
    return Page(compartments: described, items: items)
  }

  /// The list has entries, and none of them twice.
  private func present<Tag>(_ list: [Identifier<Tag>]) throws(MessageError) -> [Identifier<Tag>] {
    try reader.notDefault(list.isEmpty, "page")
    return try reader.distinct(list, "page")
  }

  private mutating func readCompartments() throws(MessageError) {
    let count = try reader.array("compartments", itemsEach: 4)
    try reader.notDefault(count == 0, "compartments")
    described.reserveCapacity(count)
    for _ in 0..<count {
      let id: CompartmentID = try reader.identifier("compartment")
      let number = try reader.unsigned("category")
      guard let category = UInt8(exactly: number).flatMap(Category.init(rawValue:)) else {
        throw reader.failure("category", .unassignedNumber)
      }
      let custodian = try party("custodian")
      let child = try reader.passedNull("child") ? nil : try party("child")
      described.append(
        Compartment(
          id: id, child: child.map { ChildID(high: $0.high, low: $0.low) }, category: category,
          custodian: AgencyID(high: custodian.high, low: custodian.low)))
    }
    _ = try reader.distinct(described.map(\.id), "compartments")
  }

  private mutating func party(_ field: StaticString) throws(MessageError) -> Party {
    guard let used = parties.use(try reader.unsigned(field)) else {
      throw reader.failure(field, .badIndex)
    }
    return used.element
  }

  private mutating func readItems() throws(MessageError) -> [PageItem] {
    if !known.elements.isEmpty {
      _ = try reader.distinct(described.map(\.id) + known.elements, "known")
    }
    let count = try reader.array("items", countMax: SyncLimits.changesPerPageMax)
    try reader.notDefault(count == 0, "items")
    var items: [PageItem] = []
    items.reserveCapacity(count)
    for _ in 0..<count { items.append(try readItem()) }
    return items
  }

  private mutating func readItem() throws(MessageError) -> PageItem {
    let start = reader.decoder.offset
    let itemCount = try reader.array("item")
    guard itemCount >= 3 else { throw reader.failure("item", .wrongItemCount) }
    let id = try compartment(try reader.integer("item"))
    switch try reader.nextMajor("item") {
    case .unsigned:
      guard itemCount > 3 else { throw reader.failure("item", .wrongItemCount) }
      let change = try readChange(in: id, itemCount: itemCount - 2)
      guard reader.decoder.offset - start <= SyncLimits.changeBytesMax else {
        throw reader.failure("item", .tooManyBytes(max: SyncLimits.changeBytesMax))
      }
      return .change(id, change)
    case .array:
      guard itemCount == 3 else { throw reader.failure("item", .wrongItemCount) }
      let snapshot = try reader.snapshot()
      return .snapshot(id, vector: snapshot.vector, content: snapshot.content)
    default:
      guard itemCount == 5 else { throw reader.failure("item", .wrongItemCount) }
      return try readPart(of: id)
    }
  }

  private mutating func compartment(_ reference: Int64) throws(MessageError) -> CompartmentID {
    if reference >= 0 {
      guard reference < described.count else { throw reader.failure("item", .badIndex) }
      return described[Int(reference)].id
    }
    guard let used = known.use(UInt64(~reference)) else { throw reader.failure("item", .badIndex) }
    return used.element
  }

  private mutating func readChange(
    in id: CompartmentID, itemCount: Int
  ) throws(MessageError) -> Change {
    let actor = try reader.actor("actor", in: &dictionary)
    let key = AuthoredCompartment(compartment: id, actor: actor)
    let before = ChangeBefore(
      others: othersBefore[key] ?? VersionVector(), milliseconds: millisecondsBefore)
    let change = try reader.change(
      of: actor, itemCount: itemCount, before: before, in: &dictionary)
    millisecondsBefore = change.time.milliseconds
    othersBefore[key] = change.othersInContext
    contextEntryCount += change.context.count
    guard contextEntryCount <= SyncLimits.contextEntriesPerPageMax else {
      throw reader.failure("context", .tooMany(max: SyncLimits.contextEntriesPerPageMax))
    }
    return change
  }

  private mutating func readPart(of id: CompartmentID) throws(MessageError) -> PageItem {
    let digest = try reader.bytes("digest", count: 32)
    let offset = try reader.unsigned("offset")
    let total = try reader.unsigned("total bytes", max: UInt64(SyncLimits.snapshotBytesMax))
    let bytes = try reader.slice("part", bytesMax: SyncLimits.snapshotBytesMax)
    guard offset <= total, UInt64(bytes.count) <= total - offset else {
      throw reader.failure("part", .outOfRange(min: 0, max: total))
    }
    return .snapshotPart(
      id, digest: digest, offset: offset, totalBytes: total, bytes: Array(bytes))
  }
}

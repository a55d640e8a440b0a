import CBOR
package import CaseRecords
package import Causality

/// A page as it travels: what `PageBuilder` made, and what takes the place of a message's `page`.
package struct EncodedPage: Hashable, Sendable {
  package let bytes: [UInt8]
  package let itemCount: Int
}

/// Fills a page item by item up to a number of bytes. Each item is encoded once; one that does not
/// fit leaves no trace. The dictionaries grow along with the items and are put in front at the end.
package struct PageBuilder: Sendable {
  /// The body of the page with everything that an item may add to it.
  private var items = CBOREncoder()
  private var compartments = CompartmentDictionary()
  private var dictionary = WireDictionary()
  private var othersBefore: [AuthoredCompartment: VersionVector] = [:]
  private var millisecondsBefore: UInt64 = 0
  private var contextEntryCount = 0
  package let pageBytes: Int
  package private(set) var itemCount = 0

  /// More than this, beside its bytes, a part of a snapshot does not take in a page of its own.
  package static let partOverheadBytesMax = 160

  package init(pageBytes: Int = Int.max) { self.pageBytes = pageBytes }

  package var isEmpty: Bool { itemCount == 0 && compartments.described.count == 0 }

  /// Exactly the bytes that `finish()` will give.
  package var estimatedBytes: Int {
    var total = 1 + compartments.encodedBytes
    total += section(dictionary.actors.count, dictionary.actors.count * 8, isByteString: true)
    total += section(dictionary.records.count, dictionary.recordBytes, itemsEach: 2)
    total += section(dictionary.names.count, dictionary.nameBytes)
    total += section(dictionary.authors.count, dictionary.authors.count * 16, isByteString: true)
    return total + section(itemCount, items.count)
  }

  package var remainingBytes: Int { max(0, pageBytes - estimatedBytes) }

  /// Adds what the receiver has to know of a compartment, without an item of it. False when it does
  /// not fit.
  package mutating func append(describing compartment: Compartment) -> Bool {
    attempt { $0.compartments.describe(compartment) }
  }

  /// Adds an item; before it, if given, what the receiver has to know of its compartment, unless
  /// the page names that compartment already. False, and nothing changed, when the page would grow
  /// beyond `pageBytes` (an empty page takes any item) or beyond the limits of a page.
  package mutating func append(_ item: PageItem, describing compartment: Compartment? = nil) -> Bool
  {
    switch item {
    case .change(let id, let change): append(change, in: id, describing: compartment)
    case .snapshot(let id, let vector, let content):
      append(
        snapshotOf: id, vector: vector, contentBytes: content.bytes, describing: compartment)
    case .snapshotPart(let id, let digest, let offset, let totalBytes, let bytes):
      attempt { builder in
        builder.begin(id, describing: compartment, itemCount: 5)
        builder.items.bytes(joined(digest, bytes: 32))
        builder.items.unsigned(offset)
        builder.items.unsigned(totalBytes)
        builder.items.bytes(bytes)
      }
    }
  }

  /// As `append(_:describing:)`, with content as it is stored.
  package mutating func append(
    snapshotOf id: CompartmentID, vector: VersionVector, contentBytes: [UInt8],
    describing compartment: Compartment? = nil
  ) -> Bool {
    attempt { builder in
      builder.begin(id, describing: compartment, itemCount: 3)
      builder.items.snapshot(vector: vector, contentBytes: contentBytes)
    }
  }

  private mutating func append(
    _ change: Change, in id: CompartmentID, describing compartment: Compartment?
  ) -> Bool {
    let entries = contextEntryCount + change.context.count
    guard isEmpty || entries <= SyncLimits.contextEntriesPerPageMax else { return false }
    let key = AuthoredCompartment(compartment: id, actor: change.dot.actor)
    let known = othersBefore[key]
    let before = ChangeBefore(others: known ?? VersionVector(), milliseconds: millisecondsBefore)
    let others = change.othersInContext
    let flags = ChangeFlags(change, others: others, previous: before.others)
    let fits = attempt { builder in
      builder.begin(
        id, describing: compartment,
        itemCount: 2 + ChangeFlags.fixedItemCount + flags.itemCount + change.writes.count * 3)
      builder.items.change(
        change, flags: flags, others: others, before: before, in: &builder.dictionary)
    }
    guard fits else { return false }
    if flags.contains(.others) { othersBefore[key] = others }
    millisecondsBefore = change.time.milliseconds
    contextEntryCount = entries
    return true
  }

  private mutating func begin(
    _ id: CompartmentID, describing compartment: Compartment?, itemCount count: Int
  ) {
    if let compartment { compartments.describe(compartment) }
    items.arrayHeader(count: count)
    items.integer(compartments.reference(to: id))
    itemCount += 1
  }

  /// Runs what adds to the page, and takes it back when the page is then too large.
  private mutating func attempt(_ add: (inout PageBuilder) -> Void) -> Bool {
    guard itemCount < SyncLimits.changesPerPageMax else { return false }
    let mark = (items.count, itemCount, compartments.mark, dictionary.mark)
    let wasEmpty = isEmpty
    add(&self)
    if wasEmpty || estimatedBytes <= pageBytes { return true }
    items.truncate(to: mark.0)
    itemCount = mark.1
    compartments.goBack(to: mark.2)
    dictionary.goBack(to: mark.3)
    return false
  }

  package func finish() -> EncodedPage {
    var map = MessageMap(reservingBytes: estimatedBytes)
    compartments.write(into: &map)
    map.field(PageKey.actors, when: dictionary.actors.count > 0) { $0.actors(dictionary.actors) }
    map.field(PageKey.records, when: dictionary.records.count > 0) {
      $0.records(dictionary.records)
    }
    map.field(PageKey.names, when: dictionary.names.count > 0) { $0.names(dictionary.names) }
    map.field(PageKey.authors, when: dictionary.authors.count > 0) {
      $0.identifiers(dictionary.authors.keys)
    }
    map.field(PageKey.items, when: itemCount > 0) {
      $0.arrayHeader(count: itemCount)
      $0.raw(items.bytes)
    }
    return EncodedPage(bytes: map.encoded, itemCount: itemCount)
  }
}

/// Whose contexts follow each other.
struct AuthoredCompartment: Hashable {
  let compartment: CompartmentID
  let actor: Actor
}

/// The keys of a page's map.
enum PageKey {
  static let parties: UInt64 = 1
  static let compartments: UInt64 = 2
  static let known: UInt64 = 3
  static let actors: UInt64 = 4
  static let records: UInt64 = 5
  static let names: UInt64 = 6
  static let authors: UInt64 = 7
  static let items: UInt64 = 8
}

/// The bytes of one field of the map: key, head, content. None when it is absent.
func section(
  _ count: Int, _ contentBytes: Int, itemsEach: Int = 1, isByteString: Bool = false
) -> Int {
  count == 0
    ? 0 : 1 + headBytes(isByteString ? contentBytes : count * itemsEach) + contentBytes
}

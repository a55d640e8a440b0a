import CBOR
import CaseRecords
import Causality

/// The compartments of a page as it is written. Those that the receiver has to be told of are
/// referred to by 0, 1, 2 …, those that it knows by −1, −2, −3 …: two lists that can grow side by
/// side, and either has its first 24 in one byte.
struct CompartmentDictionary {
  private(set) var described = FirstUseIndex<CompartmentID>()
  private var entries = CBOREncoder()
  /// Custodians and children.
  private var parties = FirstUseIndex<Party>()
  private var known = FirstUseIndex<CompartmentID>()

  struct Mark {
    let described: Int
    let entryBytes: Int
    let parties: Int
    let known: Int
  }

  var mark: Mark {
    Mark(
      described: described.count, entryBytes: entries.count, parties: parties.count,
      known: known.count)
  }

  mutating func goBack(to mark: Mark) {
    described.removeAll(from: mark.described)
    entries.truncate(to: mark.entryBytes)
    parties.removeAll(from: mark.parties)
    known.removeAll(from: mark.known)
  }

  /// Does nothing for a compartment that the page names already.
  mutating func describe(_ compartment: Compartment) {
    guard known.existing(compartment.id) == nil,
      described.number(of: compartment.id).isNew
    else { return }
    entries.identifier(compartment.id)
    entries.unsigned(UInt64(compartment.category.rawValue))
    let custodian = parties.number(of: Party(compartment.custodian)).number
    entries.unsigned(UInt64(custodian))
    if let child = compartment.child {
      entries.unsigned(UInt64(parties.number(of: Party(child)).number))
    } else {
      entries.null()
    }
  }

  mutating func reference(to id: CompartmentID) -> Int64 {
    if let number = described.existing(id) { return Int64(number) }
    return ~Int64(known.number(of: id).number)
  }

  var encodedBytes: Int {
    section(parties.count, parties.count * 16, isByteString: true)
      + section(described.count, entries.count, itemsEach: 4)
      + section(known.count, known.count * 16, isByteString: true)
  }

  func write(into map: inout MessageMap) {
    map.field(PageKey.parties, when: parties.count > 0) { $0.identifiers(parties.keys) }
    map.field(PageKey.compartments, when: described.count > 0) {
      $0.arrayHeader(count: described.count * 4)
      $0.raw(entries.bytes)
    }
    map.field(PageKey.known, when: known.count > 0) { $0.identifiers(known.keys) }
  }
}

/// An agency or a child, where only the bytes of the identifier matter.
enum PartyTag {}
typealias Party = Identifier<PartyTag>

extension Identifier where Tag == PartyTag {
  init<Other>(_ other: Identifier<Other>) { self.init(high: other.high, low: other.low) }
}

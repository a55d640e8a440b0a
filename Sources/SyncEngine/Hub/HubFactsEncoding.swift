import CBOR
import CaseRecords
import Causality
import Disclosure

// The cache's form: [[custodian, [involved], [leads], [planMembers], [actionOwners]], …], sorted,
// so that equal facts are equal bytes. It never leaves the hub; a form that does not read is
// computed again.
extension Dictionary where Key == AgencyID, Value == CaseFacts {
  init?(encoded bytes: [UInt8]) {
    guard let item = try? CBOR(decoding: bytes), case .array(let rows) = item else { return nil }
    self.init()
    for row in rows {
      guard case .array(let cells) = row, cells.count == 5, case .bytes(let id) = cells[0],
        let custodian = AgencyID(bytes: id)
      else { return nil }
      let sets = cells.dropFirst().compactMap(Self.agencies)
      guard sets.count == 4 else { return nil }
      self[custodian] = CaseFacts(
        involved: sets[0], leads: sets[1], planMembers: sets[2], actionOwners: sets[3])
    }
  }

  var encodedFacts: [UInt8] {
    CBOR.array(
      sorted { $0.key < $1.key }.map { custodian, facts in
        .array(
          [.bytes(custodian.bytes)]
            + [facts.involved, facts.leads, facts.planMembers, facts.actionOwners].map { agencies in
              .array(agencies.sorted().map { .bytes($0.bytes) })
            })
      }
    ).encoded
  }

  private static func agencies(_ item: CBOR) -> Set<AgencyID>? {
    guard case .array(let items) = item else { return nil }
    let ids = items.compactMap { item -> AgencyID? in
      guard case .bytes(let bytes) = item else { return nil }
      return AgencyID(bytes: bytes)
    }
    return ids.count == items.count ? Set(ids) : nil
  }
}

extension CaseFacts {
  mutating func merge(_ other: CaseFacts) {
    involved.formUnion(other.involved)
    leads.formUnion(other.leads)
    planMembers.formUnion(other.planMembers)
    actionOwners.formUnion(other.actionOwners)
    isCustodianSensitive = isCustodianSensitive || other.isCustodianSensitive
  }
}

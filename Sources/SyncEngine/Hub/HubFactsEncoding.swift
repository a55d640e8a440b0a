import CBOR
import CaseRecords
import Causality
import Disclosure

// The cache's form: [[custodian, [involved], [leads], [planMembers], [actionOwners], [lead, end of
// the role, …]], …], sorted, so that equal facts are equal bytes. It never leaves the hub; a form
// that does not read is computed again.
extension Dictionary where Key == AgencyID, Value == CaseFacts {
  init?(encoded bytes: [UInt8]) {
    guard let item = try? CBOR(decoding: bytes), case .array(let rows) = item else { return nil }
    self.init()
    for row in rows {
      guard case .array(let cells) = row, cells.count == 6, case .bytes(let id) = cells[0],
        let custodian = AgencyID(bytes: id)
      else { return nil }
      let sets = cells[1...4].compactMap(Self.agencies)
      guard sets.count == 4, let ends = Self.ends(cells[5]) else { return nil }
      self[custodian] = CaseFacts(
        involved: sets[0], leads: sets[1], planMembers: sets[2], actionOwners: sets[3])
      self[custodian]?.leadEnds = ends
    }
  }

  var encodedFacts: [UInt8] {
    CBOR.array(
      sorted { $0.key < $1.key }.map { custodian, facts in
        .array(
          [.bytes(custodian.bytes)]
            + [facts.involved, facts.leads, facts.planMembers, facts.actionOwners].map { agencies in
              .array(agencies.sorted().map { .bytes($0.bytes) })
            }
            + [
              .array(
                facts.leadEnds.sorted { $0.key < $1.key }.flatMap {
                  [.bytes($0.key.bytes), .unsigned($0.value)]
                })
            ])
      }
    ).encoded
  }

  private static func ends(_ item: CBOR) -> [AgencyID: UInt64]? {
    guard case .array(let items) = item, items.count.isMultiple(of: 2) else { return nil }
    var ends: [AgencyID: UInt64] = [:]
    for index in stride(from: 0, to: items.count, by: 2) {
      guard case .bytes(let bytes) = items[index], let agency = AgencyID(bytes: bytes),
        case .unsigned(let end) = items[index + 1]
      else { return nil }
      ends[agency] = end
    }
    return ends
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
  /// One more role by which an agency leads: of several the longest counts. Nil: without an end.
  mutating func lead(_ agency: AgencyID, until end: UInt64?) {
    if let known = leadEnds[agency] {
      leadEnds[agency] = end.map { max(known, $0) }
    } else if !leads.contains(agency) {
      leadEnds[agency] = end
    }
    leads.insert(agency)
  }

  mutating func merge(_ other: CaseFacts) {
    involved.formUnion(other.involved)
    for agency in other.leads { lead(agency, until: other.leadEnds[agency]) }
    leads.formUnion(other.leads)
    planMembers.formUnion(other.planMembers)
    actionOwners.formUnion(other.actionOwners)
    isCustodianSensitive = isCustodianSensitive || other.isCustodianSensitive
  }
}

import CaseRecords
import Causality
import Disclosure
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

// Brothers and sisters (rows 25 and 26): a link in each child's own household says that they are of
// one family, and with whom the household is written. Consent stays with each child.
extension Replica {
  /// A link that this agency has written for a child.
  private struct FamilyLink {
    let compartment: Compartment
    let record: RecordID
    let family: RecordID
    let writtenWith: ChildID?
  }

  func familyJoin(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let other = try self.child(try input.required("other"))
    let named = try input.text("writtenWith").map { try self.child($0) }
    let isUndone = input.flag("undo")
    let author = try author(input)
    try input.finish()
    guard try !aliases().members(child).contains(other) else {
      throw OperationError(.usage, "These are one child already: name two.")
    }
    if let named, named != child, named != other {
      throw OperationError(
        .usage, "The household is written with one of the two: name one of them.")
    }
    if isUndone { return try part(child, other, author: author) }
    let known = try ownLinks(of: child) + ownLinks(of: other)
    let family = known.map(\.family).min() ?? newID()
    let writtenWith = try named ?? known.compactMap(\.writtenWith).first ?? writer(child, other)
    // Whoever was joined with either before is of the same family from now on.
    let before = Set(known.map(\.family))
    let relatives = try worklistBoard().entries.values.map(\.matter).filter { matter in
      matter.facts.contains { $0.custodian == agency && !before.isDisjoint(with: $0.families) }
    }.map(\.child)
    var drafts: [Draft] = []
    var linked: Set<ChildID> = []
    for member in [child, other] + relatives.sorted() {
      guard linked.isDisjoint(with: try aliases().members(member)) else { continue }
      linked.insert(member)
      let links = try ownLinks(of: member)
      if !links.isEmpty, links.allSatisfy({ $0.family == family && $0.writtenWith == writtenWith })
      {
        continue
      }
      drafts.append(try draft(member, links, family, writtenWith))
    }
    guard !drafts.isEmpty else { return ["sentence": "They are joined as one family already."] }
    try save(drafts, author: author)
    return [
      "sentence": .string(
        "Recorded: they are of one family, and the household is written with "
          + "\(try childName(writtenWith)). Consent stays with each child; it can be taken back."),
      "family": .string(family.text), "writtenWith": .string(writtenWith.text),
      "children": .array(linked.sorted().map { .string($0.text) }),
    ]
  }

  /// Of several links one remains.
  private func draft(
    _ child: ChildID, _ links: [FamilyLink], _ family: RecordID, _ writtenWith: ChildID
  ) throws -> Draft {
    var draft = Draft(try links.first?.compartment ?? ownCompartment(.household, of: child))
    let record = links.first?.record ?? newID()
    if links.isEmpty { draft.create(record, "familyLink") }
    draft.set(record, "familyLink", "family", GroupValue().setting("family", family))
    draft.set(
      record, "familyLink", "writtenWith", GroupValue().setting("writtenWith", writtenWith))
    for other in links.dropFirst() where other.compartment == draft.compartment {
      guard other.record != record else { continue }
      draft.set(other.record, "familyLink", "life", .life(isPresent: false))
    }
    return draft
  }

  /// Where there is a household already; else with the first.
  private func writer(_ child: ChildID, _ other: ChildID) throws -> ChildID {
    func hasHousehold(_ child: ChildID) throws -> Bool {
      try content(of: child, in: .household).contains { _, content in
        !content.records(of: "familyMember").isEmpty || !content.records(of: "home").isEmpty
      }
    }
    return try !hasHousehold(child) && hasHousehold(other) ? other : child
  }

  private func ownLinks(of child: ChildID) throws -> [FamilyLink] {
    try content(of: child, in: .household).filter { $0.stored.compartment.custodian == agency }
      .flatMap { stored, content in
        content.records(of: "familyLink").flatMap { id, record in
          record.values("family").compactMap { value in
            value.identifier("family").map {
              FamilyLink(
                compartment: stored.compartment, record: id, family: $0,
                writtenWith: record.values("writtenWith").first?.identifier("writtenWith"))
            }
          }
        }
      }
  }

  // MARK: Taking it back

  private func part(_ child: ChildID, _ other: ChildID, author: PractitionerID) throws -> JSON {
    let families = Set(try familyLinks(of: child)).intersection(try familyLinks(of: other))
    let leaving = try ownLinks(of: other).filter { families.contains($0.family) }
    guard !families.isEmpty else {
      throw OperationError(.failure, "These two are not joined as a family in what is held here.")
    }
    guard !leaving.isEmpty else {
      throw OperationError(
        .refused, "Another agency has joined these two: ask it to take that back.")
    }
    var drafts = leaving.map(removal)
    // A family of one is none.
    let stays = try siblings(of: child).filter {
      try !aliases().members(other).contains($0.matter.child)
    }
    if stays.isEmpty {
      drafts += try ownLinks(of: child).filter { families.contains($0.family) }.map(removal)
    }
    try save(drafts, author: author)
    return [
      "sentence": .string(
        "Recorded: \(try childName(other)) is not of this family. No household was moved.")
    ]
  }

  private func removal(_ link: FamilyLink) -> Draft {
    var draft = Draft(link.compartment)
    draft.set(link.record, "familyLink", "life", .life(isPresent: false))
    return draft
  }

  private func familyLinks(of child: ChildID) throws -> [RecordID] {
    try content(of: child, in: .household).flatMap { _, content in
      content.records(of: "familyLink").flatMap { _, record in
        record.values("family").compactMap { $0.identifier("family") }
      }
    }
  }
}

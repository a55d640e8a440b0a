import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// What of a child's record is not handed to the family unless somebody has decided that it may.
struct SubjectAccessRules {
  /// What a person may decide to include, one by one.
  enum Decision: String, CaseIterable {
    case sensitive = "include-sensitive"
    case thirdParty = "include-third-party"
    case whereabouts = "include-whereabouts"
  }

  let includes: Set<Decision>
  let isShielded: Bool
  let agencies: [AgencyID: HubAgency]

  private static let confidential =
    "It is of a confidential service, or about it: not everybody in the family may know of it."
  private static let override =
    "It tells of a disclosure without consent: telling the family may put somebody at risk."
  private static let thirdParty = "It is about another person, or in another person's words."
  private static let shielded = "The child is shielded: it would tell where the child is."
  private static let unknown = "It was written by a newer version, and this one cannot read it."

  // MARK: What is left out

  func objection(toConfidential isConfidential: Bool) -> String? {
    isConfidential && !includes.contains(.sensitive) ? Self.confidential : nil
  }

  func objection(toOverride isOverride: Bool) -> String? {
    isOverride && !includes.contains(.sensitive) ? Self.override : nil
  }

  func objection(to compartment: Compartment) -> String? {
    let isConfidential =
      compartment.category == .sensitive || agencies[compartment.custodian]?.isSensitive == true
    return objection(toConfidential: isConfidential)
      ?? (compartment.category == .whereabouts ? objectionToWhereabouts : nil)
  }

  private var objectionToWhereabouts: String? {
    isShielded && !includes.contains(.whereabouts) ? Self.shielded : nil
  }

  func objection(to entry: PolicyEntry) -> String? {
    switch entry.kind {
    case .override: objection(toOverride: true)
    case .grant(let terms):
      objection(toConfidential: isConfidential(terms.scope, entry) || names(terms.excluded))
    case .refusal(let scope), .withdrawal(let scope):
      objection(toConfidential: isConfidential(scope, entry))
    case .shield, .unshield: objectionToWhereabouts
    case .erase, .alias, .unalias, .agreementLock, .agreementSigned: nil
    }
  }

  private func isConfidential(_ scope: ConsentScope, _ entry: PolicyEntry) -> Bool {
    if agencies[entry.authorAgency]?.isSensitive == true { return true }
    if case .agencies(let named) = scope.recipients, names(named) { return true }
    return scope.categories == [.sensitive]
  }

  private func names(_ named: Set<AgencyID>) -> Bool {
    named.contains { agencies[$0]?.isSensitive == true }
  }

  /// By kind of record, the groups that are another person's. Of members of the family their name
  /// and who they are to the child is handed out: the family knows.
  private static let ofOthers: [String: Set<String>] = [
    "familyMember": ["parentalResponsibility", "birth", "contact", "school", "services", "child"],
    "familyLink": ["family", "writtenWith"],
    "element": ["differingView"],
    "conclusion": ["parentComment"],
    "comment": ["comment"],
  ]
  private static let ofWhereabouts: [String: Set<String>] = [
    "child": ["locality", "school", "gp", "dentist", "nursery"],
    "familyMember": ["school"],
  ]

  private func objection(to group: String, of record: RecordContent) -> String? {
    if Self.ofWhereabouts[record.kind]?.contains(group) == true, let why = objectionToWhereabouts {
      return why
    }
    guard Self.ofOthers[record.kind]?.contains(group) == true else { return nil }
    // What the child has said is the child's.
    let isOwnWord =
      record.kind == "comment" && record.values(group).allSatisfy { $0.text("by") == "child" }
    return isOwnWord || includes.contains(.thirdParty) ? nil : Self.thirdParty
  }

  // MARK: Words

  struct Reading {
    var title: String
    var rows: [(label: String, values: [String])] = []
    var withheld: [(what: String, why: String)] = []
  }

  func read(_ record: RecordContent, in category: CaseRecords.Category) -> Reading {
    guard let schema = SchemaRegistry.standard.schema(record.kind) else {
      return Reading(title: record.kind, withheld: [("a record", Self.unknown)])
    }
    var reading = Reading(title: schema.about)
    for group in schema.groups where group.name != RecordSchema.life.name {
      let values = record.values(group.name).filter { !$0.isBlank }
      if values.isEmpty { continue }
      let label = PlainWords.fromName(group.name)
      if let why = objection(to: group.name, of: record) {
        reading.withheld.append(("\(schema.about), \(label)", why))
        continue
      }
      let written = values.map { words($0, group) }.filter { !$0.isEmpty }
      if !written.isEmpty { reading.rows.append((label, written)) }
    }
    if record.groups.keys.contains(where: { schema.group($0) == nil }) {
      reading.withheld.append((schema.about, Self.unknown))
    }
    return reading
  }

  private func words(_ value: GroupValue, _ group: FieldGroup) -> String {
    let fields = group.fields.compactMap { field in
      words(value, field).map { (field.words, $0) }
    }
    if group.fields.count == 1, let only = fields.first { return only.1 }
    return fields.map { "\($0.0): \($0.1)" }.joined(separator: "; ")
  }

  /// Nil for what is blank, or names something by its identifier alone.
  private func words(_ value: GroupValue, _ field: Field) -> String? {
    switch field.type {
    case .shortText, .longText, .date, .nhsNumber, .upn, .postcode: value.text(field.name)
    case .code(let list): value.text(field.name).map { list.label(for: $0) ?? $0 }
    case .codes(let list):
      value.texts(field.name)?.map { list.label(for: $0) ?? $0 }.joined(separator: ", ")
    case .texts: value.texts(field.name)?.joined(separator: ", ")
    case .instant: value.instant(field.name).map(Moment.text)
    case .yesNo: value.yesNo(field.name).map { $0 ? "yes" : "no" }
    case .count: value.count(field.name).map { "\($0)" }
    case .identifier: value.identifier(field.name).flatMap { agencyName($0) }
    case .identifiers, .parameters: nil
    }
  }

  private func agencyName(_ id: AgencyID) -> String? {
    guard let agency = agencies[id], objection(toConfidential: agency.isSensitive) == nil else {
      return nil
    }
    return agency.name
  }

  /// A decision as the family may remember it: when, what, by which agency. Nobody's name.
  func words(_ entry: PolicyEntry) -> String? {
    let what: String
    switch entry.kind {
    case .grant(let terms): what = "consent was given: \(words(terms.scope))"
    case .refusal(let scope): what = "consent was asked for and declined: \(words(scope))"
    case .withdrawal(let scope): what = "consent was withdrawn: \(words(scope))"
    case .override(let terms):
      what =
        "disclosure without consent was decided, until \(Moment.text(terms.untilMilliseconds))"
    case .shield: what = "where the child is was shielded"
    case .unshield: what = "a shield was lifted"
    case .erase, .alias, .unalias, .agreementLock, .agreementSigned: return nil
    }
    let agency = agencies[entry.authorAgency]?.name ?? ""
    return "\(Moment.text(entry.madeAtMilliseconds)), recorded by \(agency): \(what)."
  }

  private func words(_ scope: ConsentScope) -> String {
    let recipients =
      switch scope.recipients {
      case .everyone: "every agency"
      case .agencies(let named):
        named.compactMap { $0 == .hub ? "the hub" : agencies[$0]?.name }.sorted()
          .joined(separator: ", ")
      }
    let parts = scope.categories.sorted().map { PlainWords.fromName("\($0)") }
    return "\(parts.joined(separator: ", ")); for \(recipients)"
  }
}

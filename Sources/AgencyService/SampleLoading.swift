import CBOR
import CaseRecords
import Causality
import Operations
import ReplicaStore
import SampleDistrict
import SyncEngine
import SyncProtocol

// A generated district, written through the normal path: this agency takes the part of one of the
// district's agencies and saves what that one is custodian of.
extension Replica {
  static let sampleChildrenMax = 100_000

  func loadSample(_ input: OperationInput) throws -> JSON {
    let count = try input.count("children", in: 0...Self.sampleChildrenMax) ?? 10
    let seed = UInt64(try input.count("seed", in: 0...Int.max) ?? 1)
    let role = try input.text("role")
    let withStories = input.flag("stories")
    let isPolicyLeftOut = input.flag("withoutConsents")
    try input.finish()
    let district = District.generate(children: count, seed: seed)
    let part = try part(in: district, role)
    let names = try realAgencies(of: district, part: part)
    let translator = SampleTranslator(names: names)
    var drafts: [(compartment: Compartment, writes: [Write])] = []
    func add(_ compartments: [SampleCompartment]) throws {
      for sample in compartments where sample.compartment.custodian == part.id {
        drafts.append(try translator.writes(of: sample, custodian: agency))
      }
    }
    let people = district.openCompartments.filter { $0.compartment.category == .practitioners }
    try add(people)
    let children = district.children + (withStories ? district.stories.flatMap(\.children) : [])
    for child in children { try add(child.compartments) }
    let author = district.practitioners.first { $0.agency == part.id }?.id
    // One compartment after another is one transaction for a hundred, so that a crash costs little.
    for start in stride(from: 0, to: drafts.count, by: 100) {
      try commit(
        drafts[start..<min(start + 100, drafts.count)].map { ($0.compartment, $0.writes, nil) },
        author: author)
    }
    var decisions = 0
    if !isPolicyLeftOut {
      for child in children {
        for entry in child.policies where entry.authorAgency == part.id {
          try engine.addPolicy(translator.entry(entry, author: agency))
          decisions += 1
        }
      }
      try invalidate(changed: [])
    }
    return [
      "sentence": .string(
        "Loaded as \(part.name): \(drafts.count) compartments, \(decisions) decisions."),
      "compartments": .count(drafts.count), "decisions": .count(decisions),
      "children": .array(
        children.filter { child in
          child.compartments.contains { $0.compartment.custodian == part.id }
        }.prefix(200).map { .string($0.id.text) }),
    ]
  }

  private func part(in district: District, _ role: String?) throws -> SampleAgency {
    let found =
      role.map { role in district.agencies.first { $0.role.rawValue == role } }
      ?? district.agencies.first { $0.name == agencyName }
    guard let found else {
      throw OperationError(
        .usage,
        "Say whose part this agency takes, with --role: one of "
          + AgencyRole.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    }
    return found
  }

  /// The district's agencies that exist here, by their names.
  private func realAgencies(
    of district: District, part: SampleAgency
  ) throws -> [AgencyID: AgencyID] {
    var names = [part.id: agency]
    let known = try agencies()
    for sample in district.agencies where names[sample.id] == nil {
      names[sample.id] = known.first { $0.name == sample.name }?.id
    }
    return names
  }
}

/// Puts the real agencies' identifiers where a sample has its own.
struct SampleTranslator {
  let names: [AgencyID: AgencyID]

  func writes(
    of sample: SampleCompartment, custodian: AgencyID
  ) throws -> (compartment: Compartment, writes: [Write]) {
    let compartment = Compartment(
      id: sample.compartment.id, child: sample.compartment.child,
      category: sample.compartment.category, custodian: custodian)
    let writes = sample.records.flatMap { record in
      record.groups.map { group in
        Write(
          record: record.id, kind: record.kind, group: group.name,
          value: translated(group.value.item).encoded)
      }
    }
    return (compartment, writes)
  }

  private func translated(_ item: CBOR) -> CBOR {
    switch item {
    case .bytes(let bytes):
      AgencyID(bytes: bytes).flatMap { names[$0] }.map { .bytes($0.bytes) } ?? item
    case .array(let items): .array(items.map(translated))
    case .map(let entries):
      .map(entries.map { CBOR.Entry(key: $0.key, value: translated($0.value)) })
    default: item
    }
  }

  func entry(_ entry: PolicyEntry, author: AgencyID) -> PolicyEntry {
    let kind: PolicyKind =
      switch entry.kind {
      case .grant(let terms):
        .grant(
          ConsentTerms(
            scope: scope(terms.scope), excluded: Set(terms.excluded.map(name)),
            supersedes: terms.supersedes, expiresAtMilliseconds: terms.expiresAtMilliseconds,
            evidence: terms.evidence))
      case .refusal(let denied): .refusal(scope(denied))
      case .withdrawal(let denied): .withdrawal(scope(denied))
      case .shield(let allowed, let review):
        .shield(allowed: Set(allowed.map(name)), reviewOnMilliseconds: review)
      default: entry.kind
      }
    return PolicyEntry(
      id: entry.id, child: entry.child, kind: kind, madeAtMilliseconds: entry.madeAtMilliseconds,
      authorAgency: author, author: entry.author)
  }

  private func scope(_ scope: ConsentScope) -> ConsentScope {
    guard case .agencies(let named) = scope.recipients else { return scope }
    return ConsentScope(
      purposes: scope.purposes, categories: scope.categories,
      recipients: .agencies(Set(named.map(name))))
  }

  private func name(_ agency: AgencyID) -> AgencyID { names[agency] ?? agency }
}

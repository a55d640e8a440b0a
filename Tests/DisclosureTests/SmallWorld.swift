import CaseRecords
import Causality
import Disclosure

// A district of five agencies and one child: small enough to enumerate, large enough to disagree
// in.

let school = AgencyID(high: 0xA, low: 1)  // custodian of what is asked about
let clinic = AgencyID(high: 0xA, low: 2)  // involved; the lead professional works there
let housing = AgencyID(high: 0xA, low: 3)  // in the team, owns an action
let police = AgencyID(high: 0xA, low: 4)  // no role at all
let youthService = AgencyID(high: 0xA, low: 5)  // in the team
let everybody: [AgencyID] = [.hub, school, clinic, housing, police, youthService]
let child = ChildID(high: 0xC, low: 1)
let noon: UInt64 = 1000
let ourFacts = CaseFacts(
  involved: [clinic, housing], leads: [clinic], planMembers: [housing, youthService],
  actionOwners: [housing])
let content: Set<Category> = [
  .whereabouts, .household, .development, .health, .parenting, .plan, .sensitive,
]
let aboutChildren: Set<Category> = content.union([.index, .private])

func id(_ number: UInt64) -> PolicyID { PolicyID(high: 0xE, low: number) }

func entry(
  _ number: UInt64, _ kind: PolicyKind, by author: AgencyID = school, about who: ChildID? = child
) -> PolicyEntry {
  PolicyEntry(
    id: id(number), child: who, kind: kind, madeAtMilliseconds: number, authorAgency: author,
    author: PractitionerID(high: author.low, low: number))
}

func scope(
  _ purposes: Set<Purpose>, _ categories: Set<Category>, _ recipients: Recipients
) -> ConsentScope {
  ConsentScope(purposes: purposes, categories: categories, recipients: recipients)
}

let evidence = ConsentEvidence(
  givenBy: "the mother", relationship: "mother", capacityBasis: "parentalResponsibility",
  capacityAssessedBy: nil, agreementVersion: "1", note: "")

func grant(
  _ purposes: Set<Purpose>, _ categories: Set<Category>, _ recipients: Recipients,
  excluded: Set<AgencyID> = [], knowing supersedes: Set<PolicyID> = [], until end: UInt64? = nil
) -> PolicyKind {
  .grant(
    ConsentTerms(
      scope: scope(purposes, categories, recipients), excluded: excluded, supersedes: supersedes,
      expiresAtMilliseconds: end, evidence: evidence))
}

func override(
  _ categories: Set<Category>, _ recipients: Set<AgencyID>, until end: UInt64 = 5000,
  significantHarm: Bool = false, authorisedRole: Bool = false
) -> PolicyKind {
  .override(
    OverrideTerms(
      categories: categories, recipients: recipients, reason: "injury seen", decidedBy: "manager",
      untilMilliseconds: end, significantHarm: significantHarm, authorisedRole: authorisedRole))
}

func compartment(_ category: Category, of custodian: AgencyID = school) -> Compartment {
  Compartment(
    id: CompartmentID(high: 0xD, low: UInt64(category.rawValue)),
    child: category.isPerChild ? child : nil, category: category, custodian: custodian)
}

func ask(
  _ agency: AgencyID, _ category: Category, _ entries: [PolicyEntry],
  facts: CaseFacts = ourFacts, at now: UInt64 = noon
) -> Decision {
  mayHold(
    agency: agency, compartment: compartment(category), facts: facts,
    policy: PolicySet(entries: entries), now: now)
}

func ask(_ agency: AgencyID, _ category: Category, _ policy: PolicySet) -> Decision {
  mayHold(
    agency: agency, compartment: compartment(category), facts: ourFacts, policy: policy, now: noon)
}

/// A repeatable source of randomness (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension SplitMix {
  mutating func some<Element: Hashable>(of all: [Element]) -> Set<Element> {
    let mask = next()
    return Set(all.enumerated().filter { mask >> UInt64($0.offset) & 1 == 1 }.map(\.element))
  }

  mutating func one<Element>(of all: [Element]) -> Element { all[Int(next() % UInt64(all.count))] }

  /// An entry of any kind, wide enough to meet the others often.
  mutating func entry(_ number: UInt64, amid total: UInt64) -> PolicyEntry {
    let recipients: Recipients = next() % 3 == 0 ? .everyone : .agencies(some(of: everybody))
    let categories = some(of: aboutChildren.sorted())
    let purposes = some(of: Purpose.allCases)
    let others = (1...total).map(id)
    let end = one(of: [500, noon, 1001, 2000, 3000])
    let kind: PolicyKind =
      switch next() % 16 {
      case 0...6:
        grant(
          purposes.union([.store]), categories, recipients,
          excluded: next() % 4 == 0 ? [one(of: everybody)] : [],
          knowing: next() % 2 == 0 ? Set(others) : some(of: others),
          until: next() % 2 == 0 ? nil : end)
      case 7, 8: .withdrawal(scope(purposes, categories, recipients))
      case 9: .refusal(scope(purposes, categories, recipients))
      case 10, 11:
        override(
          categories, some(of: everybody), until: end, significantHarm: next() % 2 == 0,
          authorisedRole: next() % 2 == 0)
      case 12: .shield(allowed: some(of: everybody), reviewOnMilliseconds: end)
      case 13: .unshield(one(of: others))
      case 14: .agreementLock(one(of: everybody))
      default:
        next() % 8 == 0
          ? .erase(reason: "court order")
          : .agreementSigned(one(of: everybody), lifts: some(of: others), version: "2")
      }
    return DisclosureTests.entry(number, kind, by: one(of: everybody))
  }

  mutating func entries() -> [PolicyEntry] {
    let total = 2 + next() % 9
    return (1...total).map { entry($0, amid: total) }
  }
}

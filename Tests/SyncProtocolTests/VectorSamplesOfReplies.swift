import CaseRecords
import Causality
import SyncProtocol

extension VectorSamples {
  static let policies: [(String, PolicyEntry)] = {
    let scope = ConsentScope(
      purposes: [.store, .share], categories: [.household, .health],
      recipients: .agencies([AgencyID(high: 0xaa, low: 1), .hub]))
    let ids: Set = [PolicyID(high: 1, low: 7)]
    let kinds: [(String, PolicyKind)] = [
      (
        "grant with evidence",
        .grant(
          ConsentTerms(
            scope: scope, excluded: [AgencyID(high: 0xaa, low: 9)], supersedes: ids,
            expiresAtMilliseconds: 1_800_000_000_000,
            evidence: ConsentEvidence(
              givenBy: "Parent", relationship: "mother", capacityBasis: "parentalResponsibility",
              capacityAssessedBy: nil, agreementVersion: "2", note: "")))
      ),
      (
        "grant, projected",
        .grant(
          ConsentTerms(
            scope: scope, excluded: [], supersedes: [], expiresAtMilliseconds: nil, evidence: nil))
      ),
      ("refusal", .refusal(scope)),
      (
        "withdrawal from everyone",
        .withdrawal(
          ConsentScope(purposes: [.transfer], categories: [.practitioners], recipients: .everyone))
      ),
      (
        "override",
        .override(
          OverrideTerms(
            categories: [.whereabouts], recipients: [AgencyID(high: 0xaa, low: 1)],
            reason: "strategy discussion", decidedBy: "duty manager",
            untilMilliseconds: 1_800_000_000_000, significantHarm: true, authorisedRole: false))
      ),
      (
        "shield",
        .shield(
          allowed: [AgencyID(high: 0xaa, low: 1)], reviewOnMilliseconds: 1_800_000_000_000)
      ),
      ("unshield", .unshield(PolicyID(high: 1, low: 6))), ("erase", .erase(reason: "court order")),
      ("alias", .alias(other: ChildID(high: 0xcc, low: 2))),
      ("unalias", .unalias(PolicyID(high: 1, low: 9))),
      ("agreement locked", .agreementLock(AgencyID(high: 0xaa, low: 3))),
      (
        "agreement signed",
        .agreementSigned(AgencyID(high: 0xaa, low: 3), lifts: ids, version: "3")
      ),
    ]
    return kinds.enumerated().map { index, named in
      let isAboutAgency = index >= 10
      let entry = PolicyEntry(
        id: PolicyID(high: 2, low: UInt64(index)),
        child: isAboutAgency ? nil : ChildID(high: 0xcc, low: 1), kind: named.1,
        madeAtMilliseconds: 1_790_000_000_000, authorAgency: AgencyID(high: 0xaa, low: 1),
        author: isAboutAgency ? nil : PractitionerID(high: 9, low: 9))
      return (named.0, entry)
    }
  }()

  static let replies: [(String, ExchangeReply)] = {
    let idle = ExchangeAnswer(
      epoch: 3, hubMilliseconds: 1_790_000_000_000, leaseDays: 30, isCaughtUp: true)
    var full = idle
    full.isCaughtUp = false
    full.token = ExchangeToken(count: 4_712, mac: [UInt8](repeating: 0x70, count: 16))
    let dot = Dot(actor: actor, counter: 5)
    full.quarantined = [
      QuarantineNotice(compartment: compartment, dot: dot, reason: .writtenKnowingWithdrawal)
    ]
    full.deferred = [DotNotice(compartment: compartment, dot: Dot(actor: actor, counter: 6))]
    full.aliases = [
      AliasNotice(compartment: compartment, dot: dot, aliasOf: Dot(actor: other, counter: 2))
    ]
    full.policyRefused = [
      PolicyRefusal(
        id: PolicyID(high: 1, low: 1), conflictsWith: [PolicyID(high: 1, low: 2)],
        sentence: "A withdrawal stands against it.")
    ]
    full.revocations = [
      Revocation(compartment: compartment, certificate: [UInt8](repeating: 0xce, count: 16))
    ]
    full.policy = [PolicyDelivery(position: 813, entry: policies[2].1)]
    full.received = [Holding(compartment: compartment, vector: vectors[1].1)]
    full.page = pages[1].1
    return [
      ("idle", .answer(idle)), ("with everything", .answer(full)), ("reseed", .reseed(epoch: 3)),
      ("need holdings", .needHoldings(epoch: 3)),
      ("recovering", .recovering(epoch: 4, wanted: [compartment])),
      (
        "refused",
        .refused(.busy, sentence: "The hub is busy.", whatToDo: "Try again in a minute.")
      ),
    ]
  }()

  static let enrolmentRequests: [(String, EnrolmentRequest)] = [
    (
      "a device",
      EnrolmentRequest(
        code: "7KQM-2F9D", device: DeviceID(high: 0xde, low: 1), deviceName: "Front desk",
        secret: [UInt8](repeating: 0x5e, count: 32))
    )
  ]

  static let enrolmentReplies: [(String, EnrolmentReply)] = [
    (
      "enrolled",
      .enrolled(
        agency: AgencyID(high: 0xaa, low: 1), agencyName: "Moor Lane School", epoch: 3,
        leaseDays: 30, hubPublicKey: [UInt8](repeating: 0x25, count: 32), isSensitive: false)
    ),
    (
      "enrolled as a sensitive service",
      .enrolled(
        agency: AgencyID(high: 0xcc, low: 1), agencyName: "Quiet Street Clinic", epoch: 1,
        leaseDays: 30, hubPublicKey: [UInt8](repeating: 0x25, count: 32), isSensitive: true)
    ),
    (
      "refused",
      .refused(.wrongCode, sentence: "The code is not known.", whatToDo: "Ask for a new one.")
    ),
  ]
}

import CaseRecords
import Causality
import Disclosure
import Testing

@Suite("Who may hold what, in prose")
struct DecisionTableTests {
  struct Row {
    let situation: String
    let entries: [PolicyEntry]
    let agency: AgencyID
    let category: Category
    let isAllowed: Bool
    let reasons: [Reason]

    init(
      _ situation: String, _ entries: [PolicyEntry], _ agency: AgencyID, _ category: Category,
      _ isAllowed: Bool, _ reasons: [Reason]
    ) {
      self.situation = situation
      self.entries = entries
      self.agency = agency
      self.category = category
      self.isAllowed = isAllowed
      self.reasons = reasons
    }
  }

  static let keep = entry(1, grant([.store], content, .agencies([.hub])))
  static let toPolice = entry(2, grant([.share], content, .agencies([police])))
  static let toAll = entry(3, grant([.store, .share], content, .everyone))
  static let stop = entry(4, .withdrawal(scope([.share], content, .everyone)))
  static let anew = entry(
    5, grant([.store, .share], content, .agencies([.hub, police]), knowing: [id(4)]))
  static let anewForAll = entry(
    6, grant([.store, .share], content, .everyone, knowing: [id(4)]))
  static let stored = Reason.consentToStore(id(1))
  static let harm = entry(7, override([.household], [police]))
  static let erased = entry(8, .erase(reason: "court order"))
  static let hidden = entry(9, .shield(allowed: [police], reviewOnMilliseconds: 0))
  static let lock = entry(10, .agreementLock(clinic), about: nil)

  static let rows: [Row] = [
    // Without a word from the family
    Row("the author keeps its CAF", [], school, .household, true, [.custodian]),
    Row("the hub keeps the index", [], .hub, .index, true, [.indexByDefault]),
    Row("the involved see the index", [], clinic, .index, true, [.involved]),
    Row("the uninvolved do not", [], police, .index, false, [.noConsent]),
    Row("no content leaves the author", [], .hub, .household, false, [.noConsentToStore]),
    Row("not even to the lead", [], clinic, .household, false, [.noConsentToStore]),
    Row("own notes stay", [], school, .private, true, [.custodian]),
    Row("own notes never reach the hub", [toAll], .hub, .private, false, [.privateNeverLeaves]),
    Row("nor anybody else", [toAll], clinic, .private, false, [.privateNeverLeaves]),
    Row("the desk is the agency's", [], school, .desk, true, [.custodian]),
    Row("and the hub's", [], .hub, .desk, true, [.ownDesk]),
    Row("and nobody else's", [], clinic, .desk, false, [.deskOfAnother]),
    Row("the directory is everybody's", [], police, .directory, true, [.openToAgencies]),
    // Consent to store brings the defaults to life
    Row("the hub keeps content", [keep], .hub, .household, true, [.grant(id(1))]),
    Row("the lead sees it", [keep], clinic, .parenting, true, [.leadProfessional, stored]),
    Row("also health", [keep], clinic, .health, true, [.leadProfessional, stored]),
    Row("also whereabouts", [keep], clinic, .whereabouts, true, [.leadProfessional, stored]),
    Row(
      "but nothing sensitive", [keep], clinic, .sensitive, false, [.sensitiveNeedsExplicit]),
    Row("an action's owner sees the plan", [keep], housing, .plan, true, [.actionOwner, stored]),
    Row("but not the household", [keep], housing, .household, false, [.noConsent]),
    Row("a team member needs consent", [keep], youthService, .plan, false, [.noConsent]),
    // Consent to share
    Row("the named see it", [keep, toPolice], police, .household, true, [.grant(id(2)), stored]),
    Row("the named see health", [keep, toPolice], police, .health, true, [.grant(id(2)), stored]),
    Row(
      "the named see what is sensitive", [keep, toPolice], police, .sensitive, true,
      [.grant(id(2)), stored]),
    Row(
      "sharing alone keeps nothing at the hub", [toPolice], police, .household, false,
      [.noConsentToStore]),
    Row(
      "all covers household", [toAll], police, .household, true,
      [.grant(id(3)), .consentToStore(id(3))]),
    Row("all does not cover health", [toAll], police, .health, false, [.healthNeedsExplicit]),
    Row(
      "nor what is sensitive", [toAll], police, .sensitive, false, [.sensitiveNeedsExplicit]),
    Row("nor the plan outside the team", [toAll], police, .plan, false, [.planNeedsTeam]),
    Row(
      "but the plan within it", [toAll], youthService, .plan, true,
      [.teamMember, .grant(id(3)), .consentToStore(id(3))]),
    // Withdrawal
    Row(
      "a withdrawal beats the grant made before", [keep, toPolice, stop], police, .household,
      false, [.deniedByWithdrawal(id(4))]),
    Row(
      "and the lead's default", [keep, stop], clinic, .household, false,
      [.deniedByWithdrawal(id(4))]),
    Row("the author keeps its own record", [keep, stop], school, .household, true, [.custodian]),
    Row(
      "a grant that knew of it stands", [stop, anew], police, .household, true,
      [.grant(id(5)), .consentToStore(id(5))]),
    Row(
      "for those whom it names", [stop, anew], clinic, .household, false,
      [.deniedByWithdrawal(id(4))]),
    Row(
      "renewed for all, it restores the lead, health included", [stop, anewForAll], clinic,
      .health, true, [.leadProfessional, .consentToStore(id(6))]),
    Row(
      "withdrawn storage leaves it with the author only",
      [toAll, toPolice, entry(11, .withdrawal(scope([.store], content, .everyone)))], police,
      .household, false, [.deniedByWithdrawal(id(11)), .noConsentToStore]),
    Row(
      "a refused index is not kept",
      [entry(11, .refusal(scope([.index], [.index], .everyone)))], .hub, .index, false,
      [.refusal(id(11)), .noConsentToStore]),
    Row(
      "of two parents the narrower wins",
      [toAll, entry(11, .refusal(scope([.share], [.household], .agencies([clinic]))))], clinic,
      .household, false, [.refusal(id(11))]),
    Row(
      "and only as far as it goes",
      [toAll, entry(11, .refusal(scope([.share], [.household], .agencies([clinic]))))], clinic,
      .parenting, true, [.leadProfessional, .grant(id(3)), .consentToStore(id(3))]),
    Row(
      "an exclusion denies the lead, from whatever consent it comes",
      [keep, entry(11, grant([.discussAtECM], content, .everyone, excluded: [clinic]))], clinic,
      .household, false, [.excluded(id(11))]),
    Row(
      "it outlives its grant",
      [toAll, entry(11, grant([.share], content, .everyone, excluded: [clinic], until: 1))],
      clinic, .household, false, [.excluded(id(11))]),
    Row(
      "a grant that names it lifts it",
      [
        entry(11, grant([.share], content, .everyone, excluded: [clinic])),
        entry(
          12, grant([.store, .share], content, .agencies([.hub, clinic]), knowing: [id(11)])),
      ], clinic, .household, true,
      [.leadProfessional, .grant(id(12)), .consentToStore(id(12))]),
    Row(
      "a grant cannot lift its own exclusion by naming itself",
      [
        entry(
          11, grant([.store, .share], content, .everyone, excluded: [clinic], knowing: [id(11)]))
      ], clinic, .household, false, [.excluded(id(11))]),
    // Time
    Row(
      "at the moment of expiry consent is gone",
      [keep, entry(11, grant([.share], content, .agencies([police]), until: noon))], police,
      .household, false, [.expired(id(11))]),
    Row(
      "a millisecond before it is not",
      [keep, entry(11, grant([.share], content, .agencies([police]), until: noon + 1))], police,
      .household, true, [.grant(id(11)), stored]),
    Row(
      "the last basis counts",
      [keep, toPolice, entry(11, grant([.share], content, .agencies([police]), until: noon))],
      police, .household, true, [.grant(id(2)), stored]),
    // Override
    Row("an override needs no consent", [harm], police, .household, true, [.override(id(7))]),
    Row("the hub may keep it for that", [harm], .hub, .household, true, [.override(id(7))]),
    Row(
      "but the defaults stay asleep", [harm], clinic, .household, false, [.noConsentToStore]),
    Row(
      "a withdrawal does not stop it", [harm, stop], police, .household, true, [.override(id(7))]),
    Row(
      "it runs out to the millisecond", [entry(11, override([.household], [police], until: noon))],
      police, .household, false, [.expired(id(11)), .noConsentToStore]),
    Row(
      "the sensitive needs significant harm", [entry(11, override([.sensitive], [police]))],
      police, .sensitive, false, [.noConsentToStore, .overrideNeedsSignificantHarm(id(11))]),
    Row(
      "and is disclosed with it",
      [entry(11, override([.sensitive], [police], significantHarm: true))], police, .sensitive,
      true, [.override(id(11))]),
    Row(
      "private notes are beyond any override",
      [entry(11, override([.private], [police], significantHarm: true))], police, .private, false,
      [.privateNeverLeaves]),
    // Shield
    Row("shielded from the lead", [toAll, hidden], clinic, .whereabouts, false, [.shielded]),
    Row(
      "open to those it names, with consent", [toAll, hidden], police, .whereabouts, true,
      [.grant(id(3)), .consentToStore(id(3))]),
    Row(
      "but no basis of itself", [keep, hidden], police, .whereabouts, false, [.noConsent]),
    Row(
      "of two shields both must let through",
      [toAll, hidden, entry(11, .shield(allowed: [clinic], reviewOnMilliseconds: 0))], police,
      .whereabouts, false, [.shielded]),
    Row(
      "lifted by its own unshield only", [toAll, hidden, entry(11, .unshield(id(9)))], clinic,
      .whereabouts, true, [.leadProfessional, .grant(id(3)), .consentToStore(id(3))]),
    Row(
      "an authorised role may override it",
      [hidden, entry(11, override([.whereabouts], [clinic], authorisedRole: true))], clinic,
      .whereabouts, true, [.override(id(11))]),
    Row(
      "nobody else may", [hidden, entry(11, override([.whereabouts], [clinic]))], clinic,
      .whereabouts, false, [.shielded, .overrideNeedsAuthorisedRole(id(11))]),
    Row("the author knows its address", [hidden], school, .whereabouts, true, [.custodian]),
    // Lock and erasure
    Row("a locked agency", [toAll, lock], clinic, .household, false, [.agreementLocked(id(10))]),
    Row(
      "is out of the directory too", [lock], clinic, .directory, false, [.agreementLocked(id(10))]),
    Row(
      "override or not", [entry(11, override([.household], [clinic])), lock], clinic, .household,
      false, [.agreementLocked(id(10))]),
    Row(
      "until it signs for that lock",
      [lock, entry(11, .agreementSigned(clinic, lifts: [id(10)], version: "2"))], clinic, .index,
      true, [.involved]),
    Row(
      "and another lock needs another signature",
      [
        lock, entry(12, .agreementLock(clinic)),
        entry(11, .agreementSigned(clinic, lifts: [id(10)], version: "2")),
      ], clinic, .index, false, [.agreementLocked(id(12))]),
    Row(
      "others are not locked", [toAll, lock], police, .parenting, true,
      [.grant(id(3)), .consentToStore(id(3))]),
    Row(
      "the hub cannot be locked out", [entry(11, .agreementLock(.hub))], .hub, .index, true,
      [.indexByDefault]),
    Row("erased for its author", [toAll, erased], school, .household, false, [.erased(id(8))]),
    Row("erased for the hub", [toAll, erased, harm], .hub, .index, false, [.erased(id(8))]),
    Row("against an override too", [erased, harm], police, .household, false, [.erased(id(8))]),
    Row("the directory outlives a child", [erased], police, .directory, true, [.openToAgencies]),
  ]

  @Test("each situation has its answer and its reasons")
  func table() {
    for row in Self.rows {
      let decision = ask(row.agency, row.category, row.entries)
      #expect(decision.isAllowed == row.isAllowed, "\(row.situation)")
      #expect(decision.reasons == row.reasons, "\(row.situation)")
    }
  }

  @Test("a locked custodian keeps its own records and nothing else")
  func lockedCustodian() {
    let policy = [Self.toAll, entry(11, .agreementLock(school))]
    #expect(ask(school, .household, policy).basis == .custodian)
    #expect(ask(clinic, .household, policy).isAllowed)
  }

  @Test("a thread about an erased child goes with it; other threads stay")
  func deskOfErasedChild() {
    for (subject, isAllowed) in [(child, false), (nil, true)] {
      let thread = Compartment(
        id: CompartmentID(high: 1, low: 1), child: subject, category: .desk, custodian: school)
      for agency in [AgencyID.hub, school] {
        let decision = mayHold(
          agency: agency, compartment: thread, facts: ourFacts,
          policy: PolicySet(entries: [Self.erased]), now: noon)
        #expect(decision.isAllowed == isAllowed)
      }
    }
  }

  @Test("what the hub derives about a child is not its own record: a withdrawn index goes")
  func hubAsCustodian() {
    let derived = compartment(.index, of: .hub)
    for (entries, isAllowed) in [
      ([], true), ([entry(1, .withdrawal(scope([.store], [.index], .agencies([.hub]))))], false),
    ] {
      let decision = mayHold(
        agency: .hub, compartment: derived, facts: ourFacts, policy: PolicySet(entries: entries),
        now: noon)
      #expect(decision.isAllowed == isAllowed)
    }
  }

  @Test("consent is named as the basis before an override that would do as well")
  func basis() {
    let both = [Self.keep, Self.toPolice, Self.harm]
    #expect(ask(police, .household, both).basis == .grant(id(2)))
    #expect(ask(police, .household, [Self.harm]).basis == .override(id(7)))
    #expect(ask(clinic, .household, both).basis == .leadProfessional)
  }
}

import CaseRecords
import Causality
import Disclosure
import Testing

@Suite("What an agency is told of a child's policy")
struct ProjectionTests {
  /// Every agency that an entry mentions in any field.
  private func mentioned(in entry: PolicyEntry) -> Set<AgencyID> {
    func named(_ recipients: Recipients) -> Set<AgencyID> {
      if case .agencies(let named) = recipients { named } else { [] }
    }
    let inKind: Set<AgencyID> =
      switch entry.kind {
      case .grant(let terms): named(terms.scope.recipients).union(terms.excluded)
      case .refusal(let scope), .withdrawal(let scope): named(scope.recipients)
      case .override(let terms): terms.recipients
      case .shield(let allowed, _): allowed
      case .agreementLock(let agency), .agreementSigned(let agency, _, _): [agency]
      case .unshield, .erase, .alias, .unalias: []
      }
    return inKind.union([entry.authorAgency])
  }

  @Test("nothing mentions another agency, a person or free text")
  func discreet() {
    var random = SplitMix(state: 31)
    var told = 0
    for _ in 0..<150 {
      let entries = random.entries()
      for agency in everybody where agency != .hub {
        let audience = Audience(agency: agency, custodyOf: [.household], entries: entries)
        for entry in projections(of: entries, for: audience) where entry.authorAgency != agency {
          told += 1
          #expect(mentioned(in: entry).isSubset(of: [agency, .hub]))
          #expect(entry.author == nil)
          switch entry.kind {
          case .grant(let terms):
            #expect(terms.evidence == nil)
            #expect(terms.supersedes.isSubset(of: Set(entries.map(\.id))))
          case .override(let terms):
            #expect(!terms.reason.contains("injury") && !terms.decidedBy.contains("manager"))
          case .erase(let reason): #expect(!reason.contains("court"))
          default: break
          }
        }
      }
    }
    #expect(told > 500)
  }

  @Test("an agency decides by what it is told exactly as the hub does")
  func sufficient() {
    var random = SplitMix(state: 37)
    for _ in 0..<120 {
      let entries = random.entries()
      for agency in everybody where agency != .hub {
        for custodian in [agency, school] {
          let custody = agency == custodian ? content.union([.index]) : []
          let told = projections(
            of: entries, for: Audience(agency: agency, custodyOf: custody, entries: entries))
          let whole = PolicySet(entries: entries)
          let local = PolicySet(entries: told)
          for category in aboutChildren {
            // About itself always; about the hub where the record is its own to send.
            for asked in agency == custodian ? [agency, .hub] : [agency] {
              let subject = compartment(category, of: custodian)
              let atHub = mayHold(
                agency: asked, compartment: subject, facts: ourFacts, policy: whole, now: noon)
              let here = mayHold(
                agency: asked, compartment: subject, facts: ourFacts, policy: local, now: noon)
              #expect(
                atHub.isAllowed == here.isAllowed
                  && atHub.expiresAtMilliseconds == here.expiresAtMilliseconds,
                "\(agency.low) asks for \(asked.low) \(category): \(atHub) \(here) \(entries)")
            }
          }
        }
      }
    }
  }

  @Test("what differs only for others is told in the same words")
  func twoWorlds() {
    let refusal = entry(1, .refusal(scope([.share], [.household], .agencies([police]))))
    let wide = entry(
      2,
      grant(
        [.store, .share], content, .agencies([.hub, clinic, police]), excluded: [housing],
        knowing: [id(1)]))
    let narrow = entry(2, grant([.store, .share], content, .agencies([.hub, clinic])))
    let pairs: [([PolicyEntry], [PolicyEntry])] = [
      ([refusal, wide], [narrow]),
      (
        [entry(3, .withdrawal(scope([.share], [.household, .sensitive], .everyone)))],
        [entry(3, .withdrawal(scope([.share], [.household], .everyone)))]
      ),
      (
        [entry(4, .shield(allowed: [police, clinic], reviewOnMilliseconds: 1))],
        [entry(4, .shield(allowed: [clinic, housing], reviewOnMilliseconds: 1))]
      ),
      ([entry(5, override([.household], [police]))], []),
      ([entry(6, grant([.share], [.household], .agencies([.hub, police])))], []),
      ([entry(7, .withdrawal(scope([.share], [.sensitive], .everyone)))], []),
      ([entry(8, .agreementLock(police), about: nil)], []),
      (
        [entry(9, .unshield(id(1)), by: police)],
        [entry(9, .unshield(id(1)), by: housing)]
      ),
    ]
    for (one, other) in pairs {
      let left = projections(of: one, for: Audience(agency: clinic, entries: one))
      let right = projections(of: other, for: Audience(agency: clinic, entries: other))
      #expect(left == right.map { $0 })
    }
  }

  @Test("the agency that wrote it, and the hub, have it whole")
  func whole() {
    var random = SplitMix(state: 41)
    for number in 1..<100 as Range<UInt64> {
      let written = random.entry(number, amid: 5)
      #expect(projection(of: written, for: written.authorAgency) == written)
      #expect(projection(of: written, for: .hub) == written)
    }
  }

  @Test("consent to keep is told to all, without what it says about sharing with others")
  func keeping() {
    let given = entry(
      1, grant([.store, .share], [.household, .sensitive], .agencies([.hub, police])))
    guard let told = projection(of: given, for: clinic), case .grant(let terms) = told.kind
    else {
      Issue.record("not told")
      return
    }
    #expect(terms.scope == scope([.store], [.household], .agencies([.hub])))
  }

  @Test("an exclusion is told to the excluded alone")
  func exclusion() {
    let given = entry(1, grant([.share], [.household], .agencies([police]), excluded: [clinic]))
    guard let told = projection(of: given, for: clinic), case .grant(let terms) = told.kind
    else {
      Issue.record("not told")
      return
    }
    #expect(terms.excluded == [clinic])
    #expect(terms.scope.recipients == .agencies([]))
    #expect(projection(of: given, for: housing) == nil)
  }

  @Test("what is only about the sensitive is told to the named and to its custodians")
  func sensitive() {
    let entries = [
      entry(1, .withdrawal(scope([.store, .share], [.sensitive], .everyone))),
      entry(2, grant([.share], [.sensitive], .agencies([police]))),
    ]
    func told(_ agency: AgencyID, custodyOf: Set<Category> = []) -> [PolicyID] {
      projections(
        of: entries, for: Audience(agency: agency, custodyOf: custodyOf, entries: entries)
      ).map(\.id)
    }
    #expect(told(clinic) == [])
    #expect(told(clinic, custodyOf: [.household]) == [])
    #expect(told(clinic, custodyOf: [.sensitive]) == [id(1)])
    #expect(told(police) == [id(1), id(2)])
    #expect(projection(of: entries[0], for: police) == nil)
  }

  @Test("an override is told to its recipients, and to the custodian that it asks")
  func overrides() {
    let harm = entry(1, override([.household, .plan], [police, housing]), by: youthService)
    func terms(_ audience: Audience) -> OverrideTerms? {
      guard let told = projection(of: harm, for: audience), case .override(let terms) = told.kind
      else { return nil }
      return terms
    }
    #expect(terms(Audience(agency: police, entries: [harm]))?.recipients == [police])
    let asked = terms(Audience(agency: clinic, custodyOf: [.plan, .health], entries: [harm]))
    #expect(asked?.recipients == [.hub])
    #expect(asked?.categories == [.plan])
    #expect(terms(Audience(agency: clinic, entries: [harm])) == nil)
    let sensitive = Audience(
      agency: clinic, custodyOf: [.plan, .health], isSensitiveService: true, entries: [harm])
    #expect(terms(sensitive) == nil, "this override does not reach what such a service keeps")
  }

  @Test("an identifier that the agency does not know is told to it under one that it knows")
  func identifiers() {
    let other = ChildID(high: 0xC, low: 2)
    let entries = [
      entry(1, .withdrawal(scope([.share], [.plan], .everyone)), about: other),
      entry(2, .alias(other: other)),
      entry(3, .withdrawal(scope([.share], [.health], .everyone))),
      entry(4, .shield(allowed: [], reviewOnMilliseconds: 1), by: police, about: other),
    ]
    func told(_ agency: AgencyID, _ known: Set<ChildID>?) -> [PolicyID: ChildID?] {
      let audience = Audience(agency: agency, identifiers: known, entries: entries)
      return Dictionary(
        uniqueKeysWithValues: projections(of: entries, for: audience).map { ($0.id, $0.child) })
    }
    #expect(told(clinic, [child]) == [id(1): child, id(3): child, id(4): child])
    #expect(told(clinic, [other]) == [id(1): other, id(3): other, id(4): other])
    let both: [PolicyID: ChildID?] = [id(1): other, id(2): child, id(3): child, id(4): other]
    #expect(told(clinic, [child, other]) == both)
    #expect(told(clinic, nil) == both)
    #expect(told(police, [child])[id(4)] == .some(other), "its own entry stays as it is")
  }
}

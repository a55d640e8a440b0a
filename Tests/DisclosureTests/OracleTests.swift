import CaseRecords
import Causality
import Disclosure
import Testing

@Suite("Entitlement against a brute-force oracle")
struct OracleTests {
  /// Every combination of up to three of these is tried: each rule alone, each pair that meets,
  /// each lift of a denial that stands against a consent.
  static let catalogue: [PolicyEntry] = [
    entry(1, grant([.store], content, .agencies([.hub]))),
    entry(2, grant([.store, .share, .index], content.union([.index]), .everyone)),
    entry(3, grant([.store, .share], [.health, .sensitive, .plan], .agencies([.hub, police]))),
    entry(4, grant([.share], content, .agencies([police]), until: 1001)),
    entry(5, grant([.store], content, .everyone, until: noon)),
    entry(6, grant([.store, .share], content, .everyone, excluded: [clinic, housing])),
    entry(
      7, grant([.store, .share], content, .agencies([.hub, clinic]), knowing: [id(6), id(10)])),
    entry(
      8,
      grant(
        [.index, .store, .share], aboutChildren, .everyone, knowing: [id(10), id(11), id(12)],
        until: 2000)),
    entry(10, .withdrawal(scope([.share], content, .everyone))),
    entry(11, .withdrawal(scope([.store, .index], aboutChildren, .everyone))),
    entry(
      12, .refusal(scope([.share, .index], [.index, .household, .plan], .agencies([clinic])))),
    entry(13, .withdrawal(scope([.store], [.household], .agencies([.hub])))),
    entry(14, override([.household, .index, .sensitive, .whereabouts], [police])),
    entry(15, override([.sensitive], [police, clinic], until: 3000, significantHarm: true)),
    entry(16, override([.whereabouts], [housing], until: 1001, authorisedRole: true)),
    entry(17, override(content, [clinic], until: noon)),
    entry(18, .shield(allowed: [police, clinic], reviewOnMilliseconds: 10)),
    entry(19, .shield(allowed: [police], reviewOnMilliseconds: 10)),
    entry(20, .unshield(id(19))),
    entry(21, .erase(reason: "court order")),
    entry(24, .erase(reason: "asked by the family"), by: police),
    entry(22, .agreementLock(clinic), about: nil),
    entry(23, .agreementSigned(clinic, lifts: [id(22)], version: "2"), about: nil),
  ]

  static func subsets() -> [[PolicyEntry]] {
    var all: [[PolicyEntry]] = [[]]
    for first in catalogue.indices {
      all.append([catalogue[first]])
      for second in catalogue.indices where second > first {
        all.append([catalogue[first], catalogue[second]])
        for third in catalogue.indices where third > second {
          all.append([catalogue[first], catalogue[second], catalogue[third]])
        }
      }
    }
    return all
  }

  /// Compares every agency and category; returns how many were allowed.
  private func compare(
    _ entries: [PolicyEntry], categories: [Category], facts: CaseFacts = ourFacts
  ) -> Int {
    let policy = PolicySet(entries: entries)
    let oracle = Oracle(entries: entries, facts: facts, custodian: school, now: noon)
    var allowed = 0
    for category in categories {
      for agency in everybody {
        let decision = mayHold(
          agency: agency, compartment: compartment(category), facts: facts, policy: policy,
          now: noon)
        let expected = oracle.allows(agency, category)
        if decision.isAllowed != expected {
          Issue.record("\(agency.low) \(category): \(decision), expected \(expected): \(entries)")
          return allowed
        }
        allowed += expected ? 1 : 0
      }
    }
    return allowed
  }

  @Test("agrees for every combination of up to three entries")
  func smallWorld() {
    // The household stands for the two that go by the same rules.
    let categories = aboutChildren.subtracting([.development, .parenting]).sorted()
    let allowed = Self.subsets().reduce(0) { $0 + compare($1, categories: categories) }
    #expect(allowed > 10_000)
  }

  @Test("agrees for every pair of entries where the custodian is a sensitive service")
  func sensitiveCustodian() {
    var facts = ourFacts
    facts.isCustodianSensitive = true
    var (open, guarded) = (0, 0)
    for entries in Self.subsets() where entries.count <= 2 {
      open += compare(entries, categories: aboutChildren.sorted())
      guarded += compare(entries, categories: aboutChildren.sorted(), facts: facts)
    }
    #expect(guarded > 1_000)
    #expect(guarded < open)
  }

  @Test("at a sensitive service consent lasts as long as both of its halves")
  func bothHalves() {
    var facts = ourFacts
    facts.isCustodianSensitive = true
    let toPolice = Recipients.agencies([police])
    func answer(_ sensitive: PolicyKind, _ more: [PolicyEntry] = []) -> Decision {
      mayHold(
        agency: police, compartment: compartment(.index), facts: facts,
        policy: PolicySet(
          entries: [
            entry(1, grant([.index], [.index], toPolice, until: noon + 9)), entry(2, sensitive),
          ] + more), now: noon)
    }
    for (end, lasts) in [(noon + 8, noon + 8), (noon + 10, noon + 9), (nil, noon + 9)] {
      let named = answer(grant([.share], [.sensitive], toPolice, until: end))
      #expect(named.isAllowed && named.expiresAtMilliseconds == lasts)
    }
    let onlyForAll = answer(grant([.share], [.sensitive], .everyone))
    #expect(onlyForAll.reasons == [.sensitiveNeedsExplicit])
    let withdrawn = answer(
      grant([.share], [.sensitive], toPolice),
      [entry(3, .withdrawal(scope([.share], [.sensitive], toPolice)))])
    #expect(withdrawn.reasons == [.deniedByWithdrawal(id(3)), .sensitiveNeedsExplicit])
  }

  @Test("agrees for larger random policies, whatever the category")
  func randomWorlds() {
    var random = SplitMix(state: 42)
    var guarded = ourFacts
    guarded.isCustodianSensitive = true
    for _ in 0..<150 {
      for facts in [ourFacts, guarded] {
        _ = compare(random.entries(), categories: Category.allCases, facts: facts)
      }
    }
  }

  @Test("a lead role ends at exactly its moment")
  func leadEnds() {
    for (end, isLead) in [(noon - 1, false), (noon, false), (noon + 1, true)] {
      var facts = ourFacts
      facts.leadEnds = [clinic: end]
      for entries in Self.subsets() where entries.count <= 2 {
        _ = compare(entries, categories: [.household, .plan], facts: facts)
      }
      let answer = mayHold(
        agency: clinic, compartment: compartment(.household), facts: facts,
        policy: PolicySet(entries: [entry(1, grant([.store], content, .agencies([.hub])))]),
        now: noon)
      #expect(answer.isAllowed == isLead)
      #expect(answer.expiresAtMilliseconds == (isLead ? end : nil))
    }
  }

  @Test("does not depend on the order of entries nor on repetition")
  func order() {
    var random = SplitMix(state: 7)
    for _ in 0..<80 {
      let entries = random.entries()
      let policy = PolicySet(entries: entries)
      let shuffled = PolicySet(
        entries: (entries + entries.prefix(2)).shuffled(using: &random))
      for category in aboutChildren {
        for agency in everybody {
          let plain = ask(agency, category, policy)
          #expect(plain == ask(agency, category, shuffled), "\(entries)")
        }
      }
    }
  }

  @Test("a new denial, shield, lock or erasure never lets anybody hold more")
  func monotone() {
    var random = SplitMix(state: 11)
    var narrowed = 0
    for _ in 0..<80 {
      let entries = random.entries()
      let wider = scope(
        random.some(of: Purpose.allCases), random.some(of: aboutChildren.sorted()),
        random.next() % 2 == 0 ? .everyone : .agencies(random.some(of: everybody)))
      let kind: PolicyKind = random.one(of: [
        .withdrawal(wider), .refusal(wider), .erase(reason: ""),
        .agreementLock(random.one(of: everybody)),
        .shield(allowed: random.some(of: everybody), reviewOnMilliseconds: 0),
      ])
      let more = entries + [entry(99, kind)]
      let (policy, narrower) = (PolicySet(entries: entries), PolicySet(entries: more))
      for category in aboutChildren {
        for agency in everybody {
          let before = ask(agency, category, policy).isAllowed
          let after = ask(agency, category, narrower).isAllowed
          #expect(before || !after, "\(agency.low) \(category) \(kind) \(entries)")
          if before != after { narrowed += 1 }
        }
      }
    }
    #expect(narrowed > 40)
  }

  @Test("says exactly when a yes turns into a no, and never turns a no into a yes by time")
  func expiry() {
    var random = SplitMix(state: 13)
    var dated = 0
    for _ in 0..<80 {
      let policy = PolicySet(entries: random.entries())
      for category in aboutChildren {
        for agency in everybody {
          let decision = ask(agency, category, policy)
          let end = decision.expiresAtMilliseconds
          if end != nil { dated += 1 }
          for time: UInt64 in [1000, 1001, 1002, 1999, 2000, 2999, 3000, 1 << 40] {
            let later = mayHold(
              agency: agency, compartment: compartment(category), facts: ourFacts, policy: policy,
              now: time
            ).isAllowed
            #expect(later == (decision.isAllowed && (end.map { time < $0 } ?? true)))
          }
        }
      }
    }
    #expect(dated > 40)
  }

  @Test("every answer has reasons, and a basis exactly when it is yes")
  func reasons() {
    var random = SplitMix(state: 17)
    for _ in 0..<80 {
      let policy = PolicySet(entries: random.entries())
      for category in Category.allCases {
        for agency in everybody {
          let decision = ask(agency, category, policy)
          #expect(!decision.reasons.isEmpty)
          #expect((decision.basis != nil) == decision.isAllowed)
          #expect(Set(decision.reasons).count == decision.reasons.count)
          for reason in decision.reasons { #expect(reason.sentence.hasSuffix(".")) }
        }
      }
    }
  }
}

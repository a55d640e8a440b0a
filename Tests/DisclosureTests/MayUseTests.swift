import CaseRecords
import Causality
import Disclosure
import Testing

@Suite("May I share this? May we discuss the child?")
struct MayUseTests {
  private func use(
    _ purpose: Purpose, _ agency: AgencyID, _ category: Category, _ entries: [PolicyEntry]
  ) -> Decision {
    mayUse(
      purpose: purpose, agency: agency, category: category, policy: PolicySet(entries: entries),
      now: noon)
  }

  @Test("a discussion needs consent of its own")
  func discussion() {
    let sharing = entry(1, grant([.store, .share], content, .everyone))
    let discussing = entry(2, grant([.discussAtECM], [.plan], .everyone, until: 2000))
    #expect(use(.discussAtECM, clinic, .plan, [sharing]).reasons == [.noConsent])
    let yes = use(.discussAtECM, clinic, .plan, [sharing, discussing])
    #expect(yes.basis == .grant(id(2)))
    #expect(yes.expiresAtMilliseconds == 2000)
    let withdrawn = entry(3, .withdrawal(scope([.discussAtECM], [.plan], .everyone)))
    #expect(
      use(.discussAtECM, clinic, .plan, [discussing, withdrawn]).reasons
        == [.deniedByWithdrawal(id(3))])
    #expect(use(.share, clinic, .plan, [sharing, withdrawn]).isAllowed)
  }

  @Test("sharing by word of mouth needs no storage, and defaults do not count")
  func sharing() {
    let named = entry(1, grant([.share], content, .agencies([police])))
    #expect(use(.share, police, .sensitive, [named]).isAllowed)
    #expect(use(.share, clinic, .household, [named]).reasons == [.noConsent])
    let all = entry(2, grant([.share], content, .everyone))
    #expect(use(.share, clinic, .health, [all]).reasons == [.healthNeedsExplicit])
    #expect(use(.share, clinic, .sensitive, [all]).reasons == [.sensitiveNeedsExplicit])
    #expect(use(.share, clinic, .private, [all]).reasons == [.privateNeverLeaves])
    let shield = entry(3, .shield(allowed: [police], reviewOnMilliseconds: 0))
    #expect(use(.share, clinic, .whereabouts, [all, shield]).reasons == [.shielded])
    #expect(use(.share, police, .whereabouts, [all, shield]).isAllowed)
  }

  @Test("an override lets share, but neither discuss nor transfer")
  func overriding() {
    let harm = entry(1, override([.household], [police]))
    for purpose in Purpose.allCases {
      let expected = [.store, .index, .share].contains(purpose)
      #expect(use(purpose, police, .household, [harm]).isAllowed == expected)
    }
    #expect(use(.share, clinic, .household, [harm]).reasons == [.noConsent])
  }

  @Test("erasure, a lock and the desk stand before everything; the directory is open")
  func barred() {
    let all = entry(1, grant([.share], content, .agencies([clinic])))
    let erased = entry(2, .erase(reason: ""))
    let lock = entry(3, .agreementLock(clinic), about: nil)
    #expect(use(.share, clinic, .household, [all, erased]).reasons == [.erased(id(2))])
    #expect(use(.share, clinic, .household, [all, lock]).reasons == [.agreementLocked(id(3))])
    #expect(use(.share, clinic, .directory, [lock]).reasons == [.agreementLocked(id(3))])
    #expect(use(.share, clinic, .directory, [erased]).reasons == [.openToAgencies])
    #expect(use(.share, clinic, .desk, [all]).reasons == [.deskOfAnother])
  }
}

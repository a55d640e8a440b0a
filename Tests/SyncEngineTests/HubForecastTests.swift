import CaseRecords
import Causality
import ReplicaStore
import SQLite
import SyncEngine
import SyncProtocol
import Testing

@Suite("What a decision would do is what it then does")
struct HubForecastTests {
  private enum Decision: CaseIterable {
    case fromVisitor, fromEveryone, otherCategory, lock, erasure
  }

  @Test("forecast, decide, compare: for each kind of decision")
  func forecasts() throws {
    for decision in Decision.allCases {
      let shared = try SharedChild()
      let world = shared.world
      let store = world.engine.store
      let kind: PolicyKind =
        switch decision {
        case .fromVisitor: withdrawal([.development], .agencies([shared.visitor.agency]))
        case .fromEveryone: withdrawal([.development], .everyone)
        case .otherCategory: withdrawal([.health], .everyone)
        case .lock: .agreementLock(shared.visitor.agency)
        case .erasure: .erase(reason: "asked")
        }
      let child: ChildID? = decision == .lock ? nil : shared.child
      let changes = store.database.totalChanges
      let forecast = try world.engine.forecast(of: kind, about: child, now: world.now)
      #expect(store.database.totalChanges == changes, "\(decision): it changes nothing")
      let before = try allowed(store)
      try world.operatorRecords(kind, of: child)
      let lost = before.subtracting(try allowed(store))
      let expected = Set(forecast.losses.map { [$0.agency, $0.compartment] })
      #expect(expected == lost, "\(decision)")
      let mayGo = try store.lettingGoCount()
      #expect(forecast.hubCopies == mayGo, "\(decision)")
      #expect(lost.isEmpty == (decision == .otherCategory))
    }
  }

  @Test("an answer to an enquiry goes with the consent that it rested on, and that is foretold")
  func answers() throws {
    for (category, isLost) in [(CaseRecords.Category.index, true), (.health, false)] {
      let district = try SmallDistrict()
      let (school, police) = try (district.agency("School"), district.agency("Police"))
      let child: ChildID = district.identifier()
      try school.registers("Amira", "Hussain", born: "2003-05-01", as: child)
      try school.exchange()
      let thread = try police.asks("Amira", "Hussain", born: "2003-05-01").thread
      try police.exchange()
      let number = try #require(try district.engine.store.compartment(thread.id)?.number)
      let forecast = try district.engine.forecast(
        of: withdrawal([category], .agencies([police.id])), about: child, now: district.now)
      let isForetold = forecast.losses.contains { $0.compartment == number }
      #expect(isForetold == isLost)
    }
  }

  private func allowed(_ store: ReplicaStore) throws -> Set<[Int64]> {
    Set(
      try store.compartmentNumbers().flatMap { number in
        try store.entitlements(ofCompartment: number).filter(\.isAllowed)
          .map { [$0.agency, number] }
      })
  }

  private func withdrawal(
    _ categories: Set<CaseRecords.Category>, _ recipients: Recipients
  ) -> PolicyKind {
    .withdrawal(
      ConsentScope(
        purposes: Set(Purpose.allCases), categories: categories, recipients: recipients))
  }
}

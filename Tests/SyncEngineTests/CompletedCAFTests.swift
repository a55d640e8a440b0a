import CaseRecords
import SyncEngine
import SyncProtocol
import Testing

@Suite("The completed CAFs that the hub counts")
struct CompletedCAFTests {
  @Test("a child is as old as it was when the CAF began: by its birth, or by somebody's guess")
  func ages() throws {
    for (birth, years) in [
      (GroupValue.one("dateOfBirth", "2015-11-20"), 10),
      (.one("dateOfBirth", "2015-11-21"), 9),
      (.one("expectedDate", "2026-01-10"), 0),
      (guess(7, on: "2023-06-01"), 9),
      (guess(7, on: "2025-11-20"), 7),
      (nil, nil),
    ] as [(GroupValue?, Int?)] {
      let district = try SmallDistrict()
      let school = try district.agency("School")
      let child: ChildID = district.identifier()
      let index = try school.registers("Amira", "Hussain", born: nil, as: child)
      if let birth { try school.write("child", ["birth": birth], in: index) }
      school.recordsConsentToStore([.development], about: child)
      let record = try school.startsCAF(
        in: school.compartment(.development, of: child), state: "complete")
      try district.settle(school)
      var counted: [CompletedCAF] = []
      try district.engine.forEachCompletedCAF(now: district.now, where: { _ in true }) {
        counted.append($0)
      }
      #expect(counted.map(\.record) == [record])
      #expect(counted.map(\.ageYears) == [years])
    }
  }

  private func guess(_ age: Int, on day: String) -> GroupValue {
    GroupValue().setting("estimatedAge", count: age).setting("estimatedOn", day)
  }
}

import ReplicaStore
import SQLite
import TestSupport
import Testing

@Suite("A flipped bit in a replica")
struct FlippedReplicaTests {
  /// Closed in order, so that all is in the main files.
  private static func close(_ machine: Machine, of district: FaultDistrict) throws -> StoredState {
    let store = district.store(of: machine)
    let state = try StoredState(of: store)
    store.database.close()
    store.vault.close()
    return state
  }

  @Test("in any page of either file: refused with the way forward, or nothing says otherwise")
  func everyPage() throws {
    let district = try FaultDistrict()
    for step in FaultStep.rounds(4) { try district.run(step) }
    for machine in [Machine.hub, .school] {
      let state = try Self.close(machine, of: district)
      let disk = district.disk(of: machine)
      var refused = 0
      var harmless = 0
      for file in ["/replica.sqlite", "/keys.sqlite"] {
        let count = disk.files[file]?.count ?? 0
        #expect(count >= 2 * 4_096, "\(file)")
        for page in 0..<count / 4_096 {
          for place in [page % 100, 300 + page % 3_000, 4_000 + page % 96] {
            let copy = disk.copy()
            copy.spoil(file) { $0[page * 4_096 + place] ^= 1 << (place % 8) }
            do {
              let store = try FaultDistrict.store(of: machine, on: copy)
              #expect(try StoredState(of: store) == state, "\(file), page \(page), byte \(place)")
              store.database.close()
              store.vault.close()
              harmless += 1
            } catch let error as StoreError {
              guard case .damaged = error else { throw error }
              refused += 1
            }
          }
        }
      }
      #expect(refused > 50, "\(refused) refused, \(harmless) harmless")
      #expect(harmless * 10 < refused, "\(refused) refused, \(harmless) harmless")
    }
    district.close()
  }
}

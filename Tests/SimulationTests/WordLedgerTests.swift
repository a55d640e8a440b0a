import CaseRecords
import Causality
import Testing

@testable import Simulation

@Suite("The ledger of words")
struct WordLedgerTests {
  private static let hub = -1
  private let compartment = CompartmentID(high: 1, low: 1)
  private let place = Place(record: RecordID(high: 1, low: 1), group: "text")

  private func word(_ number: Int, knowing known: Set<Int> = []) -> Word {
    Word(number: number, device: 0, compartment: compartment, place: place, known: known)
  }

  /// Two words, of which the second took the first one's place; the hub had both, and a laptop the
  /// first.
  private func superseded() throws -> WordLedger {
    var ledger = WordLedger()
    ledger.add(word(1))
    ledger.add(word(2, knowing: [1]))
    try set([1], at: Self.hub, in: &ledger)
    try set([1], at: 1, in: &ledger)
    try set([2], at: Self.hub, in: &ledger)
    return ledger
  }

  private func set(
    _ words: Set<Int>, at place: Int, isDisaster: Bool = false, heardRestores: Int = 0,
    in ledger: inout WordLedger
  ) throws {
    try ledger.set(
      words, at: place, isDisaster: isDisaster, contact: { _ in heardRestores },
      erased: { _ in false })
  }

  @Test("a word may go where a later one whose author had seen it took its place")
  func supersededGoes() throws {
    var ledger = try superseded()
    try set([], at: 1, in: &ledger)
    #expect(ledger.words[1]?.fate == .superseded)
  }

  @Test(
    """
    what the hub lost with the word that took its place is lost with the hub's disk, as far as its \
    holder could not know (directed seed 501640)
    """,
    arguments: [0, 1])
  func lostWithItsSuccessor(heardRestores: Int) throws {
    var ledger = try superseded()
    try set([], at: Self.hub, isDisaster: true, heardRestores: 1, in: &ledger)
    #expect(ledger.words[2]?.fate == .lostWithDisk)
    if heardRestores == 0 {
      try set([], at: 1, heardRestores: 0, in: &ledger)
      #expect(ledger.words[1]?.fate == .lostWithDisk)
    } else {
      // It has been in touch since, and let go of what it could have given back.
      #expect(throws: SimulationFailure.self) {
        try set([], at: 1, heardRestores: 1, in: &ledger)
      }
    }
  }

  @Test(
    """
    a disk that is set back loses what the hub is letting go of, and nothing else (directed seed 99)
    """, arguments: [true, false])
  func setBackWhileLettingGo(isLettingGo: Bool) throws {
    var ledger = WordLedger()
    ledger.add(word(1))
    try set([1], at: 0, in: &ledger)
    try set([1], at: Self.hub, in: &ledger)
    ledger.setBack(0, to: [], lettingGo: isLettingGo ? [compartment] : [])
    try set([], at: 0, isDisaster: true, in: &ledger)
    #expect(ledger.words[1]?.fate == .stands)
    if isLettingGo {
      try set([], at: Self.hub, in: &ledger)
      #expect(ledger.words[1]?.fate == .lostWithDisk)
    } else {
      #expect(throws: SimulationFailure.self) { try set([], at: Self.hub, in: &ledger) }
    }
  }
}

import CaseRecords
import Causality
import Disclosure
import Testing

@Suite("Which identifiers are one child")
struct AliasMapTests {
  private func number(_ low: UInt64) -> ChildID { ChildID(high: 0, low: low) }

  private func join(_ entryNumber: UInt64, _ one: UInt64, _ other: UInt64) -> PolicyEntry {
    entry(entryNumber, .alias(other: number(other)), about: number(one))
  }

  @Test("a chain is one child under its smallest identifier, in a ring too")
  func chains() {
    let map = AliasMap(entries: [join(1, 3, 2), join(2, 2, 5), join(3, 5, 3), join(4, 7, 7)])
    for member: UInt64 in [2, 3, 5] {
      #expect(map.canonical(number(member)) == number(2))
      #expect(map.members(number(member)) == [number(2), number(3), number(5)])
    }
    for stranger: UInt64 in [1, 7] {
      #expect(map.canonical(number(stranger)) == number(stranger))
      #expect(map.members(number(stranger)) == [number(stranger)])
    }
  }

  @Test("an unalias takes back the one entry that it names, before or after it")
  func reversible() {
    let joins = [join(1, 1, 2), join(2, 2, 3)]
    let undo = entry(3, .unalias(id(1)))
    for entries in [joins + [undo], [undo] + joins] {
      let map = AliasMap(entries: entries)
      #expect(map.members(number(1)) == [number(1)])
      #expect(map.members(number(3)) == [number(2), number(3)])
    }
    let twice = AliasMap(entries: joins + [undo, join(4, 2, 1)])
    #expect(twice.members(number(3)).count == 3)
  }

  @Test("classes are those of reachability, whatever the order")
  func laws() {
    var random = SplitMix(state: 29)
    for _ in 0..<300 {
      let count = random.next() % 10
      var entries = (0..<count).map { join($0 + 1, random.next() % 8, random.next() % 8) }
      let undone = random.next() % 12
      entries.append(entry(50, .unalias(id(undone))))
      let map = AliasMap(entries: entries)
      let shuffled = AliasMap(entries: entries.shuffled(using: &random))
      for start: UInt64 in 0..<8 {
        var reached: Set<ChildID> = [number(start)]
        for _ in 0..<8 {
          for entry in entries where entry.id != id(undone) {
            guard case .alias(let other) = entry.kind, let one = entry.child else { continue }
            if reached.contains(one) || reached.contains(other) { reached.formUnion([one, other]) }
          }
        }
        #expect(map.members(number(start)) == reached)
        #expect(map.canonical(number(start)) == reached.min())
        #expect(shuffled.members(number(start)) == reached)
        #expect(map.canonical(map.canonical(number(start))) == map.canonical(number(start)))
      }
    }
  }
}

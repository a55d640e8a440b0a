import AgencyService
import CaseRecords
import Causality
import Operations
import ReplicaStore
import Testing

@Suite("Children who may be one")
struct DuplicateTests {
  private func add(
    _ replica: TestReplica, _ given: String, _ family: String, _ birth: String?, age: Int? = nil
  ) throws -> String {
    var input = JSON.Object()
    input["given"] = .string(given)
    input["family"] = .string(family)
    input["dateOfBirth"] = birth.map { .string($0) }
    input["estimatedAge"] = age.map { .count($0) }
    input["anyway"] = true
    return try #require(try replica.run("child-add", .object(input))["child"]?.stringValue)
  }

  private func pairs(_ replica: TestReplica) throws -> Set<Set<String>> {
    Set(
      (try replica.run("duplicates")["pairs"]?.arrayValue ?? [])
        .map { Set($0.texts("children", "child")) })
  }

  @Test("A pair is found by every slip that leaves it likely, and no other pair is")
  func slips() throws {
    let like =
      [
        ("Kit", "Canary", "2010-02-03", nil), ("Canary", "Kit", "2010-02-03", nil),
        ("Kit", "Canary", "2010-03-02", nil), ("Kit", "Canary", "2011-02-03", nil),
        ("Kit", "Canary", "2010-02-13", nil), ("Kit", "Canari", "2010-02-03", nil),
        ("Kit", "Canary", nil, nil), ("Kit", "Canary", nil, 15),
      ] as [(String, String, String?, Int?)]
    for (given, family, birth, age) in like {
      let replica = try TestReplica()
      let one = try add(replica, "Kit", "Canary", "2010-02-03")
      let two = try add(replica, given, family, birth, age: age)
      #expect(try pairs(replica) == [[one, two]], "\(given) \(family) \(birth ?? "no date")")
    }
    for (given, family, birth) in [
      ("Kit", "Canary", "2012-05-28"), ("Max", "Wren", "2010-02-03"), ("Kit", "Wren", "2010-02-03"),
    ] {
      let replica = try TestReplica()
      _ = try add(replica, "Kit", "Canary", "2010-02-03")
      _ = try add(replica, given, family, birth)
      #expect(try pairs(replica) == [], "\(given) \(family) \(birth)")
    }
  }

  @Test("Whatever is compared pair by pair is found by the index too")
  func complete() throws {
    var random = SystemRandomNumberGenerator()
    let replica = try TestReplica()
    let givens = ["Kit", "Kitty", "Max", "Mac", "Lee"]
    let families = ["Canary", "Canari", "Finch", "Wren"]
    var known: [(id: String, identity: ChildIdentity)] = []
    for _ in 0..<40 {
      let given = try #require(givens.randomElement(using: &random))
      let family = try #require(families.randomElement(using: &random))
      let birth: String? =
        Bool.random(using: &random)
        ? "201\(Int.random(in: 0...2, using: &random))-0\(Int.random(in: 1...3, using: &random))-0"
          + "\(Int.random(in: 1...3, using: &random))" : nil
      known.append(
        (
          try add(replica, given, family, birth),
          ChildIdentity(
            given: given, family: family, dateOfBirth: birth.flatMap { CalendarDate($0) })
        ))
      // Asked in between, so that what is kept up to date is held against what is found anew.
      if known.count == 20 { _ = try replica.run("duplicates") }
    }
    let today = try #require(CalendarDate("2025-11-24"))
    var expected: Set<Set<String>> = []
    for (index, one) in known.enumerated() {
      for two in known[..<index] {
        let match = ChildMatching.match(
          asked: FoldedIdentity(one.identity), known: FoldedIdentity(two.identity), today: today)
        if match.band >= .likely { expected.insert([one.id, two.id]) }
      }
    }
    let answer = try replica.run("duplicates")
    let listed = try pairs(replica)
    let notListed = answer["pairsNotListed"]?.integerValue ?? 0
    #expect(listed.count + Int(notListed) == expected.count)
    #expect(listed.isSubset(of: expected), "\(known)")
  }

  @Test("Joined as one, parted again, or said to differ: it is not asked about any more")
  func decided() throws {
    let replica = try TestReplica()
    let one = try add(replica, "Kit", "Canary", "2010-02-03")
    let two = try add(replica, "Kit", "Canary", "2010-02-03")
    let both: JSON = ["child": .string(one), "other": .string(two)]
    let undo: JSON = ["child": .string(two), "other": .string(one), "undo": true]
    #expect(try pairs(replica).count == 1)
    #expect(replica.refusal("child-differ", undo) == .failure)
    for (operation, expected) in [("child-differ", 1), ("child-alias", 0)] {
      try replica.run(operation, both)
      #expect(try pairs(replica) == [], "\(operation)")
      if operation == "child-alias" { #expect(replica.refusal("child-differ", both) == .usage) }
      try replica.run(operation, undo)
      #expect(try pairs(replica).count == expected, "\(operation)")
    }
    // What differs is this agency's own finding, and never leaves.
    try replica.run("child-differ", both)
    #expect(
      try replica.run("export", ["child": .string(one)])["compartments"]?.arrayValue?
        .filter { $0["category"] == "private" }.first?["state"]?.stringValue?
        .hasPrefix("held here only") == true)
  }

  @Test("What changes, is withdrawn or is past the lease is looked at again")
  func kept() throws {
    let replica = try TestReplica()
    let one = try add(replica, "Kit", "Canary", "2010-02-03")
    let other = AgencyID(high: 7, low: 7)
    let two = "00000000000000000000000000000077"
    let child = RecordID.child(ChildID(high: 0, low: 0x77))
    #expect(try pairs(replica) == [])
    let put = try replica.put(
      two, .index, of: other, "child",
      ["name": .one("given", "Kit").setting("family", "Canary")], record: child)
    #expect(try pairs(replica) == [[one, two]])
    #expect(
      try replica.run("duplicates")["pairs"]?.arrayValue?.first?["agencies"]?.arrayValue?.count == 2
    )
    try replica.put(
      two, .index, of: other, "child", ["birth": .one("dateOfBirth", "2001-11-28")], record: child)
    #expect(try pairs(replica) == [])
    try replica.put(
      two, .index, of: other, "child", ["birth": .one("dateOfBirth", "2010-02-03")], record: child)
    try replica.set(put.compartment, to: .revoked)
    #expect(try pairs(replica) == [])
    try replica.set(put.compartment, to: .held)
    #expect(try pairs(replica) == [[one, two]])
    replica.clock.advance(milliseconds: 31 * 86_400_000)
    #expect(try pairs(replica) == [])
  }
}

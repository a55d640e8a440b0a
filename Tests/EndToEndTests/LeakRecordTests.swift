import CaseRecords
import Causality
import Foundation
import Operations
import ReplicaStore
import SampleDistrict
import SyncProtocol
import TestDaemons
import Testing
import TestSupport

extension EndToEnd {
  /// Every byte that the hub sends to Birch is recorded, and searched for whatever is none of its
  /// business. What is, is found: the search can fail, and there is something of every part.
  @Suite("What an agency receives")
  struct LeakRecords {
    @Test("no word, identifier or pseudonym from outside its scope is in the bytes")
    func record() throws {
      let story = try LeakStory(families: soaks ? 120 : 15)
      let (birch, line) = (story.birch, story.district.lines[1])
      seeded { random, seed in
        try story.play(using: &random)
        try story.checkThatOthersReceivedTheirs()
        let (inside, outside) = try story.secrets()
        let search = ByteSearch(inside + outside)
        let found = line.received.reduce(into: Set<String>()) { $0.formUnion(search.found(in: $1)) }
        let missing = inside.map(\.name).filter { !found.contains($0) }
        #expect(missing.isEmpty, "CAFSYNC_SEED=\(seed): the search does not find what is there")
        let leaks = outside.map(\.name).filter { found.contains($0) }
        #expect(leaks.isEmpty, "CAFSYNC_SEED=\(seed): \(birch.name) received")
        for category in LeakStory.categories {
          for (place, secrets) in [("inside", inside), ("outside", outside)] {
            let word = "\(category)lateend"
            #expect(
              secrets.contains { $0.name.hasSuffix(word) },
              "CAFSYNC_SEED=\(seed): no word of \(category) is \(place)")
          }
        }
      }
    }
  }
}

/// Families of three agencies who let others, Birch among them, have this and that.
private final class LeakStory {
  struct Family {
    let child: String
    let custodian: TestAgency
    /// Letters only, unlike those of any other family.
    let name: String
    var openTo: [String: Set<String>] = [:]
    var isWithdrawnFromBirch = false
  }

  static let categories = ["index", "development", "health", "parenting", "plan"]
  let district: TestDistrict
  /// The first three are seen by all; that Dogwood is there is nobody's business.
  var custodians: [TestAgency] { [alder, cedar, dogwood] }
  var alder: TestAgency { district.agencies[0] }
  var birch: TestAgency { district.agencies[1] }
  var cedar: TestAgency { district.agencies[2] }
  let dogwood: TestAgency
  private let dogwoodID: String
  private let count: Int
  private var families: [Family] = []

  init(families count: Int) throws {
    self.count = count
    district = try TestDistrict(["Alder", "Birch", "Cedar"], recording: true)
    dogwood = try TestAgency("Dogwoodhouse", joining: district.hub, isSensitive: true)
    dogwoodID = try #require(
      try district.hub.ask("agencies").arrayValue?.first { $0["name"] == "Dogwoodhouse" }?["id"]?
        .stringValue)
  }

  private static func letters(_ number: Int) -> String {
    let letters = Array("bcdfghjklmnpqrst")
    return String([letters[number / 256 % 16], letters[number / 16 % 16], letters[number % 16]])
  }

  static func word(_ family: Family, _ category: String, _ what: String = "") -> String {
    "Canary\(family.name)\(category)\(what)end"
  }

  func play(using random: inout SeededGenerator) throws {
    for number in 0..<count {
      try begin(number)
      // Now and then Birch asks about a family that it has nothing of.
      if number % 5 == 0 { try enquire(about: families[number]) }
    }
    try birch.synchronise()
    for index in families.indices { try consent(index, using: &random) }
    for agency in custodians + [birch] { try agency.synchronise() }
    for family in families {
      // What a holder adds is no more open than what the custodian wrote.
      guard family.openTo["Cedar"]?.contains("development") == true else { continue }
      try awaited("the CAF at Cedar") { try !cedar.export(family.child).isEmpty }
      try write(family, "development", "cedar", by: cedar)
    }
    for agency in custodians + [birch] { try agency.synchronise() }
    for index in families.indices where index % 4 == 1 { try withdraw(index) }
    try awaited("every purge") { try district.hub.ask("status")["pendingPurges"] == 0 }
    for family in families {
      for category in Self.categories { try write(family, category, "late", by: family.custodian) }
    }
    for agency in custodians + [birch, birch] { try agency.synchronise() }
  }

  private func begin(_ number: Int) throws {
    let custodian = custodians[number % custodians.count]
    let name = Self.letters(number)
    let added = try custodian.ask(
      "child-add",
      [
        "given": .string("Kit\(name)"), "family": .string("Canary\(name)indexend"),
        "dateOfBirth": "2001-02-03", "anyway": true,
      ])
    let family = Family(
      child: try #require(added["child"]?.stringValue), custodian: custodian, name: name)
    families.append(family)
    try custodian.ask("caf-start", ["child": .string(family.child)])
    for category in Self.categories { try write(family, category, "early", by: custodian) }
  }

  private func write(
    _ family: Family, _ category: String, _ what: String, by agency: TestAgency
  ) throws {
    let text = JSON.string(Self.word(family, category, what))
    let child = JSON.string(family.child)
    let box = what == "cedar" ? "needs" : "strengths"
    switch category {
    case "index": try agency.ask("involvement-add", ["child": child, "role": text])
    case "plan":
      try agency.ask("caf-write", ["child": child, "element": "conclusions", "conclusions": text])
    default:
      let element = ["development": "identity", "health": "generalHealth"][category] ?? "basicCare"
      var input = JSON.Object()
      input["child"] = child
      input["element"] = .string(element)
      input[box] = text
      try agency.ask("caf-write", .object(input))
    }
  }

  private func enquire(about family: Family) throws {
    try birch.ask(
      "check",
      [
        "given": .string("Kit\(family.name)"), "family": .string("Canary\(family.name)indexend"),
        "dateOfBirth": "2001-02-03", "consent": "form 12",
      ])
  }

  /// Each agency is given some of the parts, or none; and everything is kept at the hub.
  private func consent(_ index: Int, using random: inout SeededGenerator) throws {
    let custodian = families[index].custodian
    for (name, key) in [("Birch", "Birch"), ("Cedar", "Cedar"), (dogwoodID, "Dogwoodhouse")]
    where key != custodian.name {
      // However the draw falls, one family of an agency that all may see is open to everyone.
      let open = Self.categories.filter { _ in index == 0 || Bool.random(using: &random) }
      // Nothing of the sensitive service's families: Birch is not to know that it is there.
      if open.isEmpty || (key == "Birch" && custodian === dogwood) { continue }
      families[index].openTo[key] = Set(open)
      // What a sensitive service keeps needs the word that says so.
      let named = open + (custodian === dogwood ? ["sensitive"] : [])
      try custodian.consent(
        "consent-give", families[index].child, agencies: [name], named.joined(separator: ","))
    }
  }

  private func withdraw(_ index: Int) throws {
    guard let open = families[index].openTo["Birch"] else { return }
    families[index].isWithdrawnFromBirch = true
    try families[index].custodian.consent(
      "consent-withdraw", families[index].child, [birch], open.sorted().joined(separator: ","))
  }

  /// The words that stand in a part, by now.
  private func words(_ family: Family, _ category: String) -> [String] {
    let cedar = category == "development" && family.openTo["Cedar"]?.contains(category) == true
    return ["early", "late"] + (cedar ? ["cedar"] : [])
  }

  /// The others' consents worked: there was something that could have gone the wrong way.
  func checkThatOthersReceivedTheirs() throws {
    for family in families {
      for category in family.openTo["Cedar"] ?? [] {
        let word = Self.word(family, category, "late")
        try awaited("\(word) at Cedar") { try cedar.export(family.child).contains(word) }
      }
    }
  }

  private enum Place { case inside, outside, neither }

  private func place(_ compartment: Compartment) -> Place {
    guard let child = compartment.child, compartment.category.isPerChild else {
      // Public, or a desk of its own.
      return compartment.category == .desk ? .outside : .neither
    }
    guard let family = families.first(where: { $0.child == child.text }) else { return .neither }
    return family.openTo["Birch"]?.contains("\(compartment.category)") == true ? .inside : .outside
  }

  /// What Birch was to receive and what it was not, from the others' own files. They are stopped.
  func secrets() throws -> (inside: [ByteSearch.Needle], outside: [ByteSearch.Needle]) {
    var inside: [[UInt8]: String] = [:]
    var outside: [[UInt8]: String] = [:]
    for family in families {
      let isKnown = family.openTo["Birch"] != nil
      for category in Self.categories {
        let isOpen = family.openTo["Birch"]?.contains(category) == true
        for what in words(family, category) {
          let word = Self.word(family, category, what)
          let isOver = what == "late" && family.isWithdrawnFromBirch
          if isOpen && !isOver {
            // A box overwritten before Birch held it: its history is not Birch's to see.
            if what != "early" || category == "index" { inside[Array(word.utf8)] = word }
          } else {
            outside[Array(word.utf8)] = word
          }
        }
      }
      if !isKnown, let child = ChildID(text: family.child) {
        outside[child.bytes] = "child \(family.name)"
      }
    }
    for agency in custodians {
      try agency.stop()
      let store = try agency.openStore()
      for number in try store.compartmentNumbers() {
        let stored = try #require(try store.compartment(number: number))
        let name = "\(agency.name) \(stored.compartment.category) \(number)"
        let found = try identifiers(of: stored, in: store, name)
        switch place(stored.compartment) {
        case .inside: inside.merge(found) { first, _ in first }
        case .outside: outside.merge(found) { first, _ in first }
        case .neither: break
        }
      }
    }
    outside[Array("Dogwoodhouse".utf8)] = "the name of the sensitive service"
    outside[try #require(AgencyID(text: dogwoodID)).bytes] =
      "the identifier of the sensitive service"
    // A child's own record is named as the child is, in each agency's index entry.
    for key in inside.keys { outside[key] = nil }
    func needles(_ secrets: [[UInt8]: String]) -> [ByteSearch.Needle] {
      secrets.map { ByteSearch.Needle($0.value, $0.key) }
    }
    return (needles(inside), needles(outside))
  }

  private func identifiers(
    of stored: StoredCompartment, in store: ReplicaStore, _ name: String
  ) throws -> [[UInt8]: String] {
    var found = [stored.id.bytes: "compartment of \(name)"]
    let isKnown = families.contains {
      $0.child == stored.compartment.child?.text && $0.openTo["Birch"] != nil
    }
    for (id, record) in try store.content(of: stored).records {
      // Whoever has a part knows of which child, and of which assessment, it is a part.
      if isKnown && ["child", "assessment"].contains(record.kind) { continue }
      found[id.bytes] = "\(record.kind) of \(name)"
    }
    for entry in stored.vector.sortedEntries {
      let bytes = withUnsafeBytes(of: entry.actor.rawValue.bigEndian) { Array($0) }
      found[bytes] = "actor of \(name)"
    }
    return found
  }
}

import CaseRecords
import Causality
import Cryptography
import Foundation
import Operations
import Testing

@testable import AgencyService

@Suite("Practitioners' own passphrases")
struct PractitionerPassphraseTests {
  private static let agency = "three quiet herons"
  private static let ann = "a kettle of larks"
  private static let bob = "moss under the gate"

  private func words(_ pairs: (String, String)...) -> JSON {
    var object = JSON.Object()
    for (name, value) in pairs { object[name] = .string(value) }
    return .object(object)
  }

  /// Ann with a passphrase of her own, and Bob without one.
  private func peopled(_ daemon: AgencyDaemon) throws {
    try daemon.ask("practitioner-add", ["name": "Ann Ash"])
    try daemon.ask("practitioner-add", ["name": "Bob Birch"])
    try daemon.ask("passphrase-set", words(("passphrase", Self.agency)))
    try daemon.ask("passphrase-set", words(("as", "Ann Ash"), ("passphrase", Self.ann)))
  }

  private func complaint(_ daemon: AgencyDaemon, _ name: String, _ input: JSON) throws -> String? {
    do {
      try daemon.ask(name, input)
      return nil
    } catch let error as OperationError { return error.sentence }
  }

  private func isLocked(_ daemon: AgencyDaemon) throws -> Bool {
    try daemon.ask("status")["keys"] == "locked"
  }

  @Test("each opens the keys for its owner, the agency's for everybody, and nobody else's does")
  func opens() throws {
    let folder = try TestAgencyFolder()
    try folder.serving { (daemon) throws in
      try peopled(daemon)
      try daemon.ask("passphrase-set", words(("as", "Bob Birch"), ("passphrase", Self.bob)))
    }
    let ways = [
      ("ann ash", Self.ann, true), ("Ann Ash", Self.agency, true), ("Bob Birch", Self.bob, true),
      ("Bob Birch", Self.ann, false), ("Nobody Known", Self.ann, false),
      ("Nobody Known", Self.agency, true),
    ]
    for (name, passphrase, isRight) in ways {
      try folder.serving { (daemon) throws in
        #expect(try isLocked(daemon))
        let refusal = try daemon.refusal(
          "unlock", words(("as", name), ("passphrase", passphrase)))
        #expect((refusal == nil) == isRight, "\(name)")
        #expect(try isLocked(daemon) != isRight, "\(name)")
      }
    }
    // Who usually works here need not be named; others are not meant then.
    try folder.serving { (daemon) throws in
      #expect(try daemon.refusal("unlock", words(("passphrase", Self.bob))) == .refused)
      try daemon.ask("unlock", words(("passphrase", Self.ann)))
    }
  }

  @Test("the first one needs open keys and the agency's; another one, the present or the agency's")
  func setting() throws {
    try TestAgencyFolder().serving { (daemon) throws in
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      let first = words(("as", "Ann Ash"), ("passphrase", Self.ann))
      #expect(try daemon.refusal("passphrase-set", first) == .conflict)
      try daemon.ask("passphrase-set", words(("passphrase", Self.agency)))
      #expect(try daemon.refusal("passphrase-set", words(("as", "Ann Ash"))) == .usage)
      #expect(
        try daemon.refusal("passphrase-set", words(("as", "Eve"), ("passphrase", Self.ann)))
          == .refused)
      try daemon.ask("lock")
      #expect(try daemon.refusal("passphrase-set", first) == .refused)
      try daemon.ask("unlock", words(("passphrase", Self.agency)))
      try daemon.ask("passphrase-set", first)
      for current in ["", Self.bob] {
        #expect(
          try daemon.refusal(
            "passphrase-set",
            words(("as", "Ann Ash"), ("current", current), ("passphrase", Self.bob))) != nil)
      }
      for (current, new) in [(Self.ann, Self.bob), (Self.agency, Self.ann)] {
        try daemon.ask(
          "passphrase-set", words(("as", "Ann Ash"), ("current", current), ("passphrase", new)))
        try daemon.ask("lock")
        try daemon.ask("unlock", words(("as", "Ann Ash"), ("passphrase", new)))
      }
      // A practitioner's own one is not the agency's.
      #expect(
        try daemon.refusal(
          "passphrase-set", words(("current", Self.ann), ("passphrase", Self.bob))) == .refused)
    }
  }

  @Test("another one for the agency leaves them; it goes only after them")
  func agencysStays() throws {
    try TestAgencyFolder().serving { (daemon) throws in
      try peopled(daemon)
      try daemon.ask(
        "passphrase-set", words(("current", Self.agency), ("passphrase", "four loud herons")))
      #expect(
        try daemon.refusal("passphrase-remove", words(("current", "four loud herons")))
          == .conflict)
      try daemon.ask("lock")
      try daemon.ask("unlock", words(("as", "Ann Ash"), ("passphrase", Self.ann)))
      #expect(
        try daemon.refusal(
          "passphrase-remove", words(("as", "Bob Birch"), ("current", "four loud herons")))
          == .conflict)
      #expect(
        try daemon.refusal("passphrase-remove", words(("as", "Ann Ash"), ("current", Self.bob)))
          == .refused)
      try daemon.ask("passphrase-remove", words(("as", "Ann Ash"), ("current", Self.ann)))
      #expect(try daemon.ask("passphrase-show", words(("as", "Ann Ash")))["hasOwn"] == false)
      try daemon.ask("passphrase-remove", words(("current", "four loud herons")))
      #expect(try daemon.ask("status")["hasPassphrase"] == false)
    }
  }

  @Test("a name and its own passphrase sign in, and open the keys; nothing else does")
  func signIn() throws {
    try TestAgencyFolder().serving { (daemon) throws in
      try peopled(daemon)
      try daemon.ask("lock")
      let wrong = [
        ("Ann Ash", Self.agency), ("Bob Birch", Self.ann), ("Bob Birch", Self.agency),
        ("Eve", Self.ann),
      ]
      let sentences = try wrong.map { name, passphrase in
        try complaint(daemon, "sign-in", words(("name", name), ("passphrase", passphrase)))
      }
      #expect(Set(sentences).count == 1 && sentences.first?.map { $0.contains("Ann") } == false)
      #expect(try isLocked(daemon))
      let right = words(("name", "ANN ASH"), ("passphrase", Self.ann))
      #expect(try daemon.ask("sign-in", right)["practitioner"] == "Ann Ash")
      #expect(try !isLocked(daemon))
      #expect(try daemon.ask("sign-in", right)["practitioner"] == "Ann Ash")
    }
  }

  @Test("a try costs the same work whether or not there is one")
  func sameWork() throws {
    let slot = try PractitionerKeySlot(
      practitioner: PractitionerID(high: 1, low: 1), name: "Ann Ash", wrapping: .random(),
      passphrase: Self.ann)
    for slots in [[], [slot]] {
      for name in ["Ann Ash", "Bob Birch", slot.practitioner.text] {
        let ways = try WayIn.own(of: name, among: slots)
        #expect(ways.map(\.wrapped.cost) == [.standard], "\(name)")
        #expect((ways[0].practitioner == nil) == (slots.isEmpty || name == "Bob Birch"))
      }
    }
  }

  @Test("too many wrong ones make the next wait, the right one too, and whoever asks")
  func delay() throws {
    let clock = ManualClock()
    try TestAgencyFolder().serving(clock: clock) { (daemon) throws in
      try peopled(daemon)
      try daemon.ask("lock")
      let right = words(("as", "Ann Ash"), ("passphrase", Self.ann))
      for number in 0...GuessDelay.failuresWithoutPauseMax {
        let name = number.isMultiple(of: 2) ? "sign-in" : "unlock"
        let who = name == "unlock" ? "as" : "name"
        #expect(
          try daemon.refusal(name, words((who, "Eve \(number)"), ("passphrase", Self.bob)))
            == .refused)
      }
      clock.advance(milliseconds: GuessDelay.firstPauseMilliseconds - 1)
      let sentence = try #require(try complaint(daemon, "unlock", right))
      #expect(sentence.contains("Wait 1 s"))
      #expect(try isLocked(daemon))
      clock.advance(milliseconds: 1)
      try daemon.ask("unlock", right)
      // A right one does not make it forgotten: the next wrong one costs two seconds.
      let changed = words(("as", "Ann Ash"), ("current", Self.bob), ("passphrase", Self.bob))
      #expect(try daemon.refusal("passphrase-set", changed) == .refused)
      let removed = words(("as", "Ann Ash"), ("current", Self.ann))
      #expect(try complaint(daemon, "passphrase-remove", removed)?.contains("Wait 2 s") == true)
      clock.advance(milliseconds: 2_000)
      try daemon.ask("passphrase-remove", removed)
    }
  }

  @Test(
    "the pause grows from the fifth on to a minute, and is forgotten after a quarter of an hour")
  func pauses() {
    let after = (0...12).map { GuessDelay.pauseMilliseconds(afterFailures: $0) / 1_000 }
    #expect(after == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60])
    #expect(GuessDelay.pauseMilliseconds(afterFailures: .max) == GuessDelay.pauseMillisecondsMax)
    let clock = ManualClock()
    let delay = GuessDelay(clock: clock)
    for _ in 1...11 { delay.noteFailure() }
    #expect(delay.remainingMilliseconds == GuessDelay.pauseMillisecondsMax)
    clock.advance(milliseconds: GuessDelay.rememberedMilliseconds - 1)
    #expect(delay.remainingMilliseconds == 0)
    delay.noteFailure()
    #expect(delay.remainingMilliseconds == GuessDelay.pauseMillisecondsMax)
    clock.advance(milliseconds: GuessDelay.rememberedMilliseconds)
    delay.noteFailure()
    #expect(delay.remainingMilliseconds == 0)
  }

  @Test("whoever has left has none any more, and opens nothing")
  func leaves() throws {
    let clock = ManualClock()
    let folder = try TestAgencyFolder()
    try folder.serving(clock: clock) { (daemon) throws in
      try peopled(daemon)
      try daemon.ask("passphrase-set", words(("as", "Bob Birch"), ("passphrase", Self.bob)))
      try daemon.ask("practitioner-end", ["practitioner": "Ann Ash", "as": "Bob Birch"])
      #expect(try daemon.ask("passphrase-show", words(("as", "Ann Ash")))["hasOwn"] == false)
      #expect(try daemon.ask("passphrase-show", words(("as", "Bob Birch")))["hasOwn"] == true)
      let ann = words(("name", "Ann Ash"), ("passphrase", Self.ann))
      #expect(try daemon.refusal("sign-in", ann) == .refused)
      #expect(
        try daemon.refusal("passphrase-set", words(("as", "Ann Ash"), ("passphrase", Self.ann)))
          == .refused)
      // A last day that is still to come: his is there until then, and opens nothing from it on.
      try daemon.ask(
        "practitioner-end",
        ["practitioner": "Bob Birch", "on": "2025-11-25", "as": "Bob Birch"])
      #expect(try daemon.ask("passphrase-show", words(("as", "Bob Birch")))["hasOwn"] == true)
      try daemon.ask("lock")
      clock.advance(milliseconds: 86_400_000)
      let bob = words(("as", "Bob Birch"), ("passphrase", Self.bob))
      #expect(try daemon.refusal("unlock", bob) == .refused)
      #expect(try isLocked(daemon))
      try daemon.ask("unlock", words(("passphrase", Self.agency)))
      #expect(try daemon.ask("passphrase-show", words(("as", "Bob Birch")))["hasOwn"] == false)
    }
  }

  @Test("what lies on disk names nobody, and opens nothing by itself")
  func onDisk() throws {
    let folder = try TestAgencyFolder()
    try folder.serving { (daemon) throws in try peopled(daemon) }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let bytes = FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data()
      // As bytes, and as master.key writes bytes.
      let secrets = [Self.ann, Self.agency, "Ann Ash", NameFolding.folded("Ann Ash")]
      for secret in secrets + secrets.map({ Hex.text(Array($0.utf8)) }) {
        #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)")
      }
      #expect(bytes.range(of: Data(TestAgencyFolder.master.bytes)) == nil, "\(name)")
    }
    let file = try AtomicFile.read(
      folder.key.masterKeyPath, maximumBytes: MasterKeyFile.bytesMax)
    let text = String(decoding: file, as: UTF8.self)
    #expect(text.contains("\"format\": 2"))
    // With none any more it is as it was before, for a daemon that knows no others.
    try folder.serving { (daemon) throws in
      try daemon.ask("passphrase-remove", words(("as", "Ann Ash"), ("current", Self.ann)))
    }
    let without = try AtomicFile.read(folder.key.masterKeyPath, maximumBytes: 4_096)
    #expect(String(decoding: without, as: UTF8.self).contains("\"format\": 1"))
  }

  @Test("as many as are kept are read back; one more, two of one person, or half of one are damage")
  func file() throws {
    let cost = try PassphraseKey.Cost(iterations: 2, blockSize: 1, parallelism: 1)
    let key = SymmetricKey.random()
    let agency = try PassphraseWrappedKey(
      wrapping: key, passphrase: Array(Self.agency.utf8), cost: cost)
    let slots = try (0...MasterKeyFile.practitionersMax).map { number in
      try PractitionerKeySlot(
        practitioner: PractitionerID(high: 1, low: UInt64(number)), name: "Ann \(number)",
        wrapping: key, passphrase: "\(number)", cost: cost)
    }
    func read(_ slots: [PractitionerKeySlot]) -> [PractitionerKeySlot]? {
      let bytes = MasterKeyFile.wrapped(agency, practitioners: slots).bytes
      guard case .wrapped(agency, let read)? = MasterKeyFile(bytes) else { return nil }
      return read
    }
    let full = Array(slots.dropLast())
    #expect(read(full) == full && full[7].belongs(to: "ann 7") && !full[7].belongs(to: "ann 8"))
    #expect(MasterKeyFile.wrapped(agency, practitioners: full).bytes.count < MasterKeyFile.bytesMax)
    #expect(read(slots) == nil)
    #expect(read([slots[0], slots[0]]) == nil)
    let text = String(
      decoding: MasterKeyFile.wrapped(agency, practitioners: [slots[0]]).bytes, as: UTF8.self)
    for (old, new) in [("\"name\"", "\"nam\""), ("\"practitioner\"", "\"p\"")] {
      #expect(MasterKeyFile(Array(text.replacing(old, with: new).utf8)) == nil)
    }
    // The limit where it is set: the sixty-fifth is refused, and nothing changes.
    let folder = try TestAgencyFolder()
    let master = try PassphraseWrappedKey(
      wrapping: TestAgencyFolder.master, passphrase: Array(Self.agency.utf8))
    try AtomicFile.write(
      MasterKeyFile.wrapped(master, practitioners: Array(full.dropLast())).bytes,
      to: folder.key.masterKeyPath)
    try folder.serving { (daemon) throws in
      try daemon.ask("unlock", words(("passphrase", Self.agency)))
      try daemon.ask("practitioner-add", ["name": "Ann Ash"])
      try daemon.ask("practitioner-add", ["name": "Bob Birch"])
      try daemon.ask("passphrase-set", words(("as", "Ann Ash"), ("passphrase", Self.ann)))
      #expect(
        try daemon.refusal("passphrase-set", words(("as", "Bob Birch"), ("passphrase", Self.bob)))
          == .conflict)
    }
  }
}

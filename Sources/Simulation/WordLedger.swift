import CaseRecords
import Causality
import Glibc
import ReplicaStore
import SQLite
import SyncProtocol

/// One thing that somebody typed.
struct Word {
  let number: Int
  let device: Int
  let compartment: CompartmentID
  let place: Place
  /// Words that its author had been shown before.
  let known: Set<Int>
  var fate = Fate.stands
  /// The hub had it, and lost it with its disk, at this restore.
  var lostByHubAt: Int?
  /// A disk that had it was set back when the hub, which may have counted on that, was letting go
  /// of its copy.
  var isLostWhileLetGo = false

  func isAt(_ place: Place, in compartment: CompartmentID) -> Bool {
    self.compartment == compartment && self.place == place
  }

  enum Fate {
    case stands
    /// Some later word whose author had seen it took its place.
    case superseded
    /// By the family's wish.
    case erased
    /// With a disk, not by the protocol.
    case lostWithDisk
  }
}

/// Every word ever typed, and where it is. Never rolled back.
struct WordLedger {
  private(set) var words: [Int: Word] = [:]
  /// By place: the hub is -1, a device its number.
  private(set) var present: [Int: Set<Int>] = [:]
  private(set) var compartmentOf: [CompartmentID: [Int]] = [:]

  private static let hiddenStart = 1_000_000
  private var hiddenCount = 0

  /// The field in which a value carries its number.
  static let field = "word"

  /// What is hidden in one of two worlds is counted apart: the number is in what others see.
  func nextNumber(isHidden: Bool) -> Int {
    isHidden ? Self.hiddenStart + hiddenCount : words.count - hiddenCount + 1
  }

  mutating func add(_ word: Word) {
    words[word.number] = word
    if word.number >= Self.hiddenStart { hiddenCount += 1 }
    compartmentOf[word.compartment, default: []].append(word.number)
  }

  /// What is at one place now. Words that were nowhere else must have a reason to be gone.
  ///
  /// - Parameter contact: How many restores of the hub the place has heard of when it could give
  /// the word back. Who has delivered a word may purge it; that the hub has lost it since with its
  /// disk, a device can only learn from the hub.
  mutating func set(
    _ now: Set<Int>, at place: Int, isDisaster: Bool, contact: (Word) -> Int,
    erased: (Word) -> Bool
  ) throws {
    let before = present[place] ?? []
    present[place] = now
    // What was thought lost was still on the line.
    for number in now.subtracting(before) where words[number]?.fate == .lostWithDisk {
      words[number]?.fate = .stands
    }
    if isDisaster && place < 0 {
      for number in before.subtracting(now) {
        guard let word = words[number] else { continue }
        // With it went whatever it stood for.
        for lost in word.known.union([number]).subtracting(now)
        where words[lost]?.isAt(word.place, in: word.compartment) == true {
          words[lost]?.lostByHubAt = contact(word)
        }
      }
    }
    for number in before.subtracting(now).sorted() {
      if present.values.contains(where: { $0.contains(number) }) { continue }
      guard var word = words[number], word.fate == .stands else { continue }
      if isSuperseded(word) {
        word.fate = .superseded
      } else if erased(word) {
        word.fate = .erased
      } else if isDisaster || (place < 0 && word.isLostWhileLetGo)
        || (word.lostByHubAt.map { contact(word) < $0 } ?? false)
      {
        word.fate = .lostWithDisk
      } else {
        throw SimulationFailure(
          "no last copy is destroyed",
          "word \(number) in \(word.compartment.text.prefix(6)) of d\(word.device) was last at "
            + "\(place < 0 ? "the hub" : "d\(place)")")
      }
      words[number] = word
    }
  }

  /// What was at `place` and is not there any more, in compartments that the hub is letting go of.
  mutating func setBack(_ place: Int, to now: Set<Int>, lettingGo: Set<CompartmentID>) {
    for number in (present[place] ?? []).subtracting(now) {
      guard let word = words[number], lettingGo.contains(word.compartment) else { continue }
      words[number]?.isLostWhileLetGo = true
    }
  }

  /// By a word that stands, or was superseded in turn.
  func isSuperseded(_ word: Word) -> Bool {
    (compartmentOf[word.compartment] ?? []).contains { number in
      guard let other = words[number], other.place == word.place, number != word.number else {
        return false
      }
      return other.known.contains(word.number) && other.fate != .lostWithDisk
    }
  }

  /// The field's name as it stands in an encoded value; in no other text of the simulated people.
  private static let encodedField = GroupValue.one(field, "").encoded().dropFirst().dropLast()

  /// The number that a value carries. It is read where the field's name stands: to take each value
  /// apart was a good part of the time that a district takes.
  static func number(in value: [UInt8]) -> Int? {
    let name = encodedField
    guard value.count > name.count else { return nil }
    for start in 0..<value.count - name.count where value[start...].starts(with: name) {
      return unsigned(value[(start + name.count)...])
    }
    return nil
  }

  /// A whole number in CBOR (RFC 8949, section 3).
  private static func unsigned(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let head = bytes.first, head < 28 else { return nil }
    if head < 24 { return Int(head) }
    let argument = bytes.dropFirst().prefix(1 << Int(head - 24))
    return argument.reduce(0) { $0 << 8 | Int($1) }
  }

  /// The numbers in the values of some writes.
  static func numbers(in writes: [Write]) -> [Int] { writes.compactMap { number(in: $0.value) } }
}

/// What one replica shows and keeps, read again only where its sealed bytes have changed.
struct ReplicaReading {
  struct Compartment {
    let stored: StoredCompartment
    let sealed: [UInt8]
    let encodedVector: [UInt8]
    let shown: [Place: Set<Shown>]
    let words: Set<Int>
  }

  private(set) var compartments: [Int64: Compartment] = [:]
  /// What waits in its queues, and the words in it.
  var kept: (mark: [Int64], words: Set<Int>) = ([], [])

  /// Reads what has changed, and says which.
  mutating func refresh(_ store: ReplicaStore) throws -> [Compartment] {
    let before = compartments
    compartments = [:]
    let new = try store.database.query("SELECT number, content, vector FROM compartments") { row in
      let number = row.int(0)
      compartments[number] = before[number]
      let isSame = before[number].map { known in
        row.withBlob(1) { known.sealed.isSame(as: $0) }
          && row.withBlob(2) { known.encodedVector.isSame(as: $0) }
      }
      return isSame == true ? nil : number
    }
    if store.vault.isLocked { return [] }
    var changed: [Compartment] = []
    for case let number? in new {
      guard let reading = try read(number, in: store) else { continue }
      compartments[number] = reading
      changed.append(reading)
    }
    return changed.sorted { $0.stored.number < $1.stored.number }
  }

  private func read(_ number: Int64, in store: ReplicaStore) throws -> Compartment? {
    guard let stored = try store.compartment(number: number) else { return nil }
    let shown = try store.content(of: stored).shown
    let words = shown.values.reduce(into: Set<Int>()) { words, siblings in
      for sibling in siblings {
        if let number = WordLedger.number(in: sibling.value) { words.insert(number) }
      }
    }
    let sealed = try store.database.first(
      "SELECT content FROM compartments WHERE number = ?", .integer(number)
    ) { $0.blob(0) }
    return Compartment(
      stored: stored, sealed: sealed ?? [], encodedVector: stored.vector.encoded(), shown: shown,
      words: words)
  }

  var words: Set<Int> { compartments.values.reduce(into: []) { $0.formUnion($1.words) } }
}

extension [UInt8] {
  fileprivate func isSame(as bytes: UnsafeRawBufferPointer) -> Bool {
    count == bytes.count
      && withUnsafeBytes { own in
        // Only what is empty stands nowhere.
        guard let own = own.baseAddress, let other = bytes.baseAddress else { return true }
        return memcmp(own, other, count) == 0
      }
  }
}

import CaseRecords
import Causality
import Cryptography
import Operations
import PageServer
import ReplicaStore
import SyncEngine

/// What people ask about the keys and the passphrases on them. Answered locked or not.
///
/// The agency's passphrase opens everything and is the way back in; a practitioner's own one opens
/// the same keys, and shows who it is. Confined to the worker's thread, which so takes one guess
/// after the other.
struct KeyOperations: Sendable {
  static let names: Set<String> = [
    "unlock", "lock", "sign-in", "passphrase-show", "passphrase-set", "passphrase-remove",
  ]

  let keys: AgencyKeys
  let delay: GuessDelay
  let sessions: PageSessions
  let log: Log

  /// One of `names`.
  func run(_ name: String, _ input: JSON, on replica: Replica) throws -> JSON {
    let input = try OperationInput(input)
    switch name {
    case "unlock": return try unlock(input, replica)
    case "lock": return try lock(input, replica)
    case "sign-in": return try signIn(input, replica)
    case "passphrase-show": return try show(input)
    case "passphrase-set": return try set(input, replica)
    default: return try remove(input, replica)
    }
  }

  // MARK: Open and locked

  /// By the agency's passphrase, or the own one of `as`, else of who usually works here.
  private func unlock(_ input: OperationInput, _ replica: Replica) throws -> JSON {
    let who = try input.text("as") ?? replica.usualPractitioner
    let passphrase = try input.text("passphrase")
    try input.finish()
    guard replica.engine.isLocked else { return ["sentence": "The keys are open already."] }
    switch try keys.file() {
    case .open(let key): try open(key, replica)
    case .wrapped(let agency, let slots):
      let own = try who.map { try WayIn.own(of: $0, among: slots) } ?? []
      let opened = try opened(own + [.agency(agency)], passphrase, field: "passphrase")
      try open(opened.key, for: opened.way, replica)
    }
    return ["sentence": "The keys are open. What waited goes to the hub now."]
  }

  private func open(_ key: SymmetricKey, for way: WayIn? = nil, _ replica: Replica) throws {
    try replica.engine.unlock(key)
    replica.forget()
    do { try refuseLeaver(way, replica) } catch {
      forgetKeys(replica)
      throw error
    }
    _ = try replica.engine.purgeDrained(now: replica.now)
  }

  private func lock(_ input: OperationInput, _ replica: Replica) throws -> JSON {
    try input.finish()
    guard case .wrapped = try keys.file() else {
      throw OperationError(
        .conflict,
        "The keys have no passphrase, so locking would keep nobody out. Set one with: "
          + "cafsync agency passphrase set.")
    }
    guard !replica.engine.isLocked else { return ["sentence": "The keys are locked already."] }
    let unsent = try replica.engine.unsentCount
    let decisions = try replica.store.unsentPolicyCount()
    forgetKeys(replica)
    let waits =
      unsent + decisions == 0
      ? "Everything has been sent."
      : "\(unsent) changes and \(decisions) decisions wait here until they are opened again."
    return [
      "sentence": .string("The keys are locked. \(waits) Open them with: cafsync agency unlock.")
    ]
  }

  private func forgetKeys(_ replica: Replica) {
    replica.engine.lock()
    replica.forget()
  }

  /// Who it is, by name and own passphrase; which opens the keys too. The agency's does not do
  /// here: it shows nobody's name.
  private func signIn(_ input: OperationInput, _ replica: Replica) throws -> JSON {
    let name = try input.required("name")
    let passphrase = try input.text("passphrase")
    try input.finish()
    var slots: [PractitionerKeySlot] = []
    if case .wrapped(_, let practitioners) = try keys.file() { slots = practitioners }
    let opened = try opened(
      WayIn.own(of: name, among: slots), passphrase, field: "passphrase",
      else: OperationError(
        .refused,
        "This name and this passphrase do not belong together. Try again, or open the pages with a "
          + "link.", field: "name"))
    if replica.engine.isLocked {
      try open(opened.key, for: opened.way, replica)
    } else {
      try refuseLeaver(opened.way, replica)
    }
    let person = try replica.practitioners().first { $0.id == opened.way.practitioner }
    return [
      "sentence": .string("\(person?.name ?? name) is signed in."),
      "practitioner": .string(person?.name ?? name),
    ]
  }

  // MARK: Guesses

  /// Every guess at any of the passphrases comes by here.
  func opened(
    _ ways: [WayIn], _ passphrase: String?, field: String, else refusal: OperationError? = nil
  ) throws -> (key: SymmetricKey, way: WayIn) {
    guard let passphrase else {
      throw OperationError(
        .usage, "The passphrase that is set is missing: give it.", field: field)
    }
    let waitMilliseconds = delay.remainingMilliseconds
    guard waitMilliseconds == 0 else {
      throw OperationError(
        .refused,
        "There were too many wrong passphrases. Wait \((waitMilliseconds + 999) / 1_000) s, then "
          + "try again; this one was not looked at.", field: field)
    }
    guard let opened = try AgencyKeys.open(ways, with: passphrase) else {
      delay.noteFailure()
      log.warning("a passphrase was refused", [:])
      throw refusal ?? AgencyKeys.wrongPassphrase(field: field)
    }
    return opened
  }

  // MARK: Who has left

  static let left = OperationError(
    .refused, "This practitioner is recorded as having left, and has no passphrase here any more.")

  private func refuseLeaver(_ way: WayIn?, _ replica: Replica) throws {
    guard let id = way?.practitioner, try replica.hasLeft(id) else { return }
    throw Self.left
  }

  /// Takes away the passphrases of those who have left, and signs them out, as far as can be told:
  /// whether this or another device recorded it.
  func dropLeavers(_ replica: Replica) {
    guard !replica.engine.isLocked else { return }
    do {
      try sessions.signOut { try replica.hasLeft($0) }
      guard keys.isOwn, case .wrapped(let agency, let slots) = try keys.file(), !slots.isEmpty
      else { return }
      let staying = try slots.filter { try !replica.hasLeft($0.practitioner) }
      guard staying.count < slots.count else { return }
      try keys.replace(with: .wrapped(agency, practitioners: staying))
      log.info("keys", ["dropped": .count(slots.count - staying.count)])
    } catch {
      log.warning("who has left may not be shut out yet", ["error": .error(error)])
    }
  }
}

extension Replica {
  /// Whether it is known that they work here no more: their last day is over, or is today.
  func hasLeft(_ id: PractitionerID) throws -> Bool {
    try practitioners().first { $0.id == id }.map(hasLeft) ?? false
  }

  /// The same of a name or identifier: nobody whom it may mean still works here.
  fileprivate func hasLeft(_ text: String) throws -> Bool {
    let folded = NameFolding.folded(text)
    let meant = try practitioners().filter {
      $0.agency == agency && ($0.id.text == text || NameFolding.folded($0.name) == folded)
    }
    return !meant.isEmpty && meant.allSatisfy(hasLeft)
  }

  private func hasLeft(_ person: Person) -> Bool { person.endedOn.map { $0 <= today } ?? false }

  func hasNewsOfPractitioners(_ outcome: AgencyOutcome) throws -> Bool {
    guard !outcome.changed.isEmpty else { return false }
    return try store.compartments(in: .practitioners).contains { outcome.changed.contains($0.id) }
  }
}

import Cryptography
import Glibc
import Operations
import ReplicaStore
import SQLite

/// What `cafsync hub check` looks at, one line each. It changes nothing, and goes on after what is
/// damaged; beside a hub that serves it reads on connections of its own.
struct HubCheck {
  enum Verdict: String {
    case good
    /// Nothing is lost or out yet, but a person should see to it.
    case look
    case wrong
  }

  struct Line {
    let name: String
    let verdict: Verdict
    /// What was found, and what to do when it is not good.
    let detail: String

    var json: JSON {
      [
        "name": .string(name), "verdict": .string(verdict.rawValue), "detail": .string(detail),
      ]
    }
  }

  let folder: HubFolder
  let now: UInt64
  private(set) var lines: [Line] = []

  init(folder: HubFolder, now: UInt64) {
    self.folder = folder
    self.now = now
  }

  /// Looks at everything. Whole: nothing is wrong.
  static func run(_ folder: HubFolder, now: UInt64) -> JSON {
    var check = HubCheck(folder: folder, now: now)
    check.look("rights of the files") { $0.rights() }
    check.look("schema") { try $0.schema() }
    check.look("store") { try $0.store() }
    check.look("left behind") { try $0.leftovers() }
    return [
      "isWhole": .bool(!check.lines.contains { $0.verdict == .wrong }),
      "atMilliseconds": .count(now), "checks": .array(check.lines.map(\.json)),
    ]
  }

  mutating func found(_ name: String, _ verdict: Verdict, _ detail: String) {
    lines.append(Line(name: name, verdict: verdict, detail: detail))
  }

  /// What stops one look is its result.
  private mutating func look(_ name: String, _ body: (inout HubCheck) throws -> Void) {
    do {
      try body(&self)
    } catch {
      found(name, .wrong, "\(error)")
    }
  }

  // MARK: Files

  private mutating func rights() {
    var open: [String] = []
    // A name that cannot be read is met by the other looks.
    let names = (try? Folder.names(in: folder.path)) ?? []
    for path in [folder.path] + names.map({ folder.path + "/" + $0 }) {
      var facts = stat()
      guard lstat(path, &facts) == 0 else { continue }
      if facts.st_mode & 0o077 != 0 || facts.st_uid != geteuid() && geteuid() != 0 {
        open.append(path)
      }
    }
    if open.isEmpty {
      found("rights of the files", .good, "Only their owner may read them.")
    } else {
      found(
        "rights of the files", .wrong,
        "Others may read \(open.joined(separator: ", ")): chmod go-rwx, chown to the hub's user.")
    }
  }

  private mutating func leftovers() throws {
    let left = try Folder.names(in: folder.path).filter {
      $0.hasPrefix(HubRestore.replacedPrefix) || $0 == HubRestore.stageName
    }
    if left.isEmpty { return found("left behind", .good, "Nothing.") }
    found(
      "left behind", .look,
      "\(left.joined(separator: ", ")): of a restore. Destroy it (shred) when the hub is well: it "
        + "may hold what has been erased.")
  }

  // MARK: The store

  private mutating func schema() throws {
    let database = try Database(path: folder.databasePath, options: Self.reading)
    defer { database.close() }
    let (found, known) = (try database.userVersion, ReplicaStore.hubSchemaVersion)
    if found == known {
      self.found("schema", .good, "Version \(found).")
    } else if found < known {
      self.found("schema", .look, "Version \(found) of \(known): run cafsync hub upgrade.")
    } else {
      self.found(
        "schema", .wrong, "Version \(found) is of a newer program; this one knows \(known).")
    }
  }

  static let reading = DatabaseOptions(readOnly: true, synchronous: .normal)

  private mutating func store() throws {
    let store = try ReplicaStore(
      readingDatabase: folder.databasePath, keys: folder.keysPath, master: folder.masterKey())
    defer { store.close() }
    integrity("replica.sqlite", try store.database.integrityCheck())
    integrity("keys.sqlite", try store.vault.integrityCheck())
    look("keys") { try $0.keys(store) }
    look("audit log") { try $0.audit(store) }
    look("policy journal") { try $0.journal(store) }
    look("disclosure ledger") { try $0.ledger(store) }
    look("recovery") { try $0.recovery(store) }
    look("backup") { try $0.backup(store) }
  }

  private mutating func integrity(_ file: String, _ faults: [String]) {
    guard let fault = faults.first else { return found(file, .good, "Every page is as written.") }
    found(
      file, .wrong,
      "\(fault). Keep a copy of the folder, then cafsync hub restore --replace with the newest "
        + "backup: devices give back what it lacks.")
  }

  /// Each compartment has a key that opens it, and no key stands without one. Looked at in an order
  /// in which what a hub that serves makes and destroys meanwhile is not taken for a fault.
  private mutating func keys(_ store: ReplicaStore) throws {
    let before = Set(try store.compartmentNumbers())
    let keys = try store.vault.numbers()
    let ending = Set(try store.scheduledHubPurges().map(\.compartment))
    var closed: [Int64] = []
    for number in before.subtracting(ending).sorted()
    where try !StoreFacts.opens(number, in: store) {
      closed.append(number)
    }
    let after = Set(try store.compartmentNumbers())
    closed = closed.filter { after.contains($0) }
    let orphans = keys.intersection(try store.vault.numbers()).subtracting(after)
      .subtracting([KeyVault.ownNumber])
    if let first = closed.first {
      found(
        "keys", .wrong,
        "\(closed.count) compartments do not open, the first is number \(first): cafsync hub "
          + "restore --replace, and devices give back what the backup lacks.")
    } else if !orphans.isEmpty {
      found(
        "keys", .look,
        "\(orphans.count) keys stand without a compartment: the next start sweeps them.")
    } else {
      found("keys", .good, "\(after.count) compartments open.")
    }
  }

  private mutating func audit(_ store: ReplicaStore) throws {
    let chain = try store.auditChain()
    if let line = chain.firstBroken {
      found("audit log", .wrong, OperatorWords.auditChanged(atLine: line))
    } else {
      found("audit log", .good, "\(chain.lines) lines, chained.")
    }
  }

  private mutating func ledger(_ store: ReplicaStore) throws {
    let differences = try store.ledgerDifferences()
    if differences.heldWithoutLine == 0 && differences.linesNotHeld == 0 {
      found("disclosure ledger", .good, "Says of every copy who holds it, and of no other.")
    } else {
      found(
        "disclosure ledger", .wrong,
        "\(differences.heldWithoutLine) copies are on no open line, and "
          + "\(differences.linesNotHeld) open lines are nobody's. The program is at fault: "
          + "report it.")
    }
  }

  private mutating func recovery(_ store: ReplicaStore) throws {
    let (waiting, unheard) = (try store.recoveringCount(), try store.unheardCount())
    if waiting == 0 && unheard == 0 {
      found("recovery", .good, "Nothing waits.")
    } else {
      found(
        "recovery", .look,
        "\(waiting) compartments wait until \(unheard) devices have been heard after a restore.")
    }
  }

  private mutating func backup(_ store: ReplicaStore) throws {
    guard let last = try store.integer(HubNote.backupName) else {
      return found("backup", .look, "None was ever taken: cafsync hub backup.")
    }
    let hours = (now - min(now, last)) / 3_600_000
    let hasFailed = try store.integer(HubNote.failureName).map { $0 > last } ?? false
    let detail =
      "The last one is \(hours) hours old" + (hasFailed ? "; one since has failed." : ".")
    found("backup", hasFailed || hours >= 48 ? .look : .good, detail)
  }
}

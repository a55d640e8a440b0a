import CaseRecords
import Causality
import Cryptography
import Glibc
import Operations
import ReplicaStore
import SyncEngine

/// The policy journal against the database, and the witness against both.
extension HubCheck {
  mutating func journal(_ store: ReplicaStore) throws {
    let secrets = try folder.secrets()
    let key = try folder.journalKey(secrets)
    let path = try folder.journalPath
    guard folder.exists(path) else {
      return found(
        "policy journal", .wrong,
        "\(path) is not there: mount its disk. Lost, it cannot be had again; the hub goes on "
          + "carefully without (see the README).")
    }
    let witnessPath = try folder.witnessPath
    let witness = folder.exists(witnessPath) ? try WitnessFile.read(witnessPath) : nil
    // The journal is written before the database: what the database has now, it must have by then.
    let known = try JournalContents(of: store)
    let (lines, holdsWitnessed) = try JournalContents.read(path, key, witness)
    let isLater =
      try AtomicFile.beginning(of: path, bytesMax: PolicyJournalFile.head.count)
      == PolicyJournalFile.laterHead
    let missing = known.subtracting(lines)
    var waiting = lines.subtracting(try JournalContents(of: store))
    if waiting > 0 {
      // What is just being committed.
      sleep(1)
      waiting = lines.subtracting(try JournalContents(of: store))
    }
    if missing > 0 && isLater {
      found(
        "policy journal", .look,
        "It took the place of a lost one: \(missing) earlier decisions are in the database alone. "
          + "Take a backup now; after the loss of the database every device has to be heard.")
    } else if missing > 0 {
      found(
        "policy journal", .wrong,
        "\(missing) decisions of the database are not in it. Put back the newest whole copy of it; "
          + "else take a backup now, and do not restore an older one.")
    } else if waiting > 0 {
      found(
        "policy journal", .look,
        "\(waiting) of its lines are not in the database: the next start takes them in.")
    } else {
      found("policy journal", .good, "\(lines.count) lines, chained, all in the database.")
    }
    try compare(witness, holdsWitnessed, store)
  }

  private mutating func compare(
    _ witness: Witness?, _ holdsWitnessed: Bool, _ store: ReplicaStore
  ) throws {
    let commits = try store.integer("commits") ?? 0
    let epoch = try store.integer("epoch") ?? 0
    guard let witness else {
      let isNew = commits <= 1
      return found(
        "witness", isNew ? .good : .look,
        isNew
          ? "The hub has committed nothing yet."
          : "There is none: the next start takes the database for a restored one.")
    }
    if witness.commits > commits || witness.epoch > epoch {
      found(
        "witness", .look,
        "It has seen \(witness.commits) commits, the database has \(commits): it was restored, and "
          + "the next start begins a new epoch.")
    } else if !holdsWitnessed {
      found(
        "witness", .look,
        "The policy journal is not the one that it has seen: the journal took the place of a lost "
          + "one, or one of the two is old. After a restore every device has to be heard.")
    } else {
      found("witness", .good, "Fits the journal and the database.")
    }
  }
}

/// What a journal and a database both know, by identifier.
private struct JournalContents {
  private var policy: Set<PolicyID> = []
  private var agencies: Set<AgencyID> = []
  private var devices: Set<DeviceID> = []
  private var revoked: Set<DeviceID> = []

  var count: Int { policy.count + agencies.count + devices.count + revoked.count }

  init(of store: ReplicaStore) throws {
    policy = Set(try store.allHubPolicy().map(\.entry.id))
    agencies = Set(try store.agencies().map(\.id)).subtracting([.hub])
    for device in try store.devices() {
      devices.insert(device.id)
      if device.revokedMilliseconds != nil { revoked.insert(device.id) }
    }
  }

  private init() {}

  static func read(
    _ path: String, _ key: SymmetricKey, _ witness: Witness?
  ) throws -> (JournalContents, holdsWitnessed: Bool) {
    var contents = JournalContents()
    let holdsWitnessed = try PolicyJournalFile.read(path: path, key: key, witness: witness) {
      switch $0 {
      case .policy(let entry, _, _): contents.policy.insert(entry.id)
      case .agency(let agency): contents.agencies.insert(agency.id)
      case .device(let id, _, _, _, _): contents.devices.insert(id)
      case .deviceRevoked(let id, _): contents.revoked.insert(id)
      }
    }
    return (contents, holdsWitnessed)
  }

  /// How many of these the other lacks.
  func subtracting(_ other: JournalContents) -> Int {
    policy.subtracting(other.policy).count + agencies.subtracting(other.agencies).count
      + devices.subtracting(other.devices).count + revoked.subtracting(other.revoked).count
  }
}

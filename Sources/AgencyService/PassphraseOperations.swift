import Causality
import Cryptography
import Operations
import ReplicaStore
import SyncEngine

// The agency's passphrase, and those of practitioners: which there are, and setting and removing
// them.
extension KeyOperations {
  /// Whether there is one, and whether `as` has one of their own.
  func show(_ input: OperationInput) throws -> JSON {
    let who = try input.text("as")
    try input.finish()
    guard case .wrapped(_, let slots) = try keys.file() else {
      return [
        "sentence": "The keys have no passphrase: whoever reads the data folder reads all.",
        "hasPassphrase": false, "hasOwn": false,
        "charactersMin": .count(AgencyKeys.passphraseCharactersMin),
      ]
    }
    let hasOwn = who.map { who in slots.contains { $0.belongs(to: who) } } ?? false
    return [
      "sentence": hasOwn
        ? "The keys open with a passphrase of one's own, and with the agency's."
        : "The keys open with the agency's passphrase.",
      "hasPassphrase": true, "hasOwn": .bool(hasOwn),
      "charactersMin": .count(AgencyKeys.passphraseCharactersMin),
    ]
  }

  func set(_ input: OperationInput, _ replica: Replica) throws -> JSON {
    let who = try input.text("as")
    let current = try input.text("current")
    let new = try input.text("passphrase") ?? ""
    try input.finish()
    try AgencyKeys.check(new)
    try keys.requireOwn()
    if let who { return try setOwn(who, current, new, replica) }
    let master: SymmetricKey
    var slots: [PractitionerKeySlot] = []
    switch try keys.file() {
    case .open(let key): master = key
    case .wrapped(let agency, let practitioners):
      master = try opened([.agency(agency)], current, field: "current").key
      slots = practitioners
    }
    let wrapped = try PassphraseWrappedKey(wrapping: master, passphrase: Array(new.utf8))
    try keys.replace(with: .wrapped(wrapped, practitioners: slots))
    return [
      "sentence": .string(
        "The passphrase is set. From its next start the daemon waits for it (cafsync agency "
          + "unlock), and until then only obeys withdrawals. Copies of master.key made before "
          + "still open this replica: destroy them, or keep one where only you can reach it, for "
          + "without it a forgotten passphrase means joining again.")
    ]
  }

  /// Their first one needs nothing but open keys: whoever may ask can read everything then.
  private func setOwn(
    _ who: String, _ current: String?, _ new: String, _ replica: Replica
  ) throws -> JSON {
    guard !replica.engine.isLocked, let master = replica.store.vault.master else {
      throw AgencyOperations.locked
    }
    guard case .wrapped(let agency, var slots) = try keys.file() else {
      throw OperationError(
        .conflict,
        "The keys lie in the open, so a passphrase of one's own would keep nobody out. Set the "
          + "agency's first, with: cafsync agency passphrase set.")
    }
    let id = try replica.practitioner(who)
    guard try !replica.hasLeft(id) else { throw Self.left }
    let place = slots.firstIndex { $0.practitioner == id }
    if let place {
      let own = WayIn(wrapped: slots[place].wrapped, practitioner: id)
      _ = try opened([own, .agency(agency)], current, field: "current")
    } else if slots.count >= MasterKeyFile.practitionersMax {
      throw OperationError(
        .conflict,
        "\(MasterKeyFile.practitionersMax) practitioners have passphrases of their own here, and "
          + "more are not kept. One has to be removed first, by whoever has it on the page Your "
          + "passphrase, or with: cafsync agency passphrase remove --as NAME.")
    }
    let slot = try PractitionerKeySlot(
      practitioner: id, name: replica.name(of: id), wrapping: master, passphrase: new)
    if let place { slots[place] = slot } else { slots.append(slot) }
    try keys.replace(with: .wrapped(agency, practitioners: slots))
    return [
      "sentence": .string(
        "\(try replica.name(of: id)) has a passphrase of their own. It opens the keys and signs in "
          + "to the pages on this device; if it is forgotten, the agency's opens them.")
    ]
  }

  func remove(_ input: OperationInput, _ replica: Replica) throws -> JSON {
    let who = try input.text("as")
    let current = try input.text("current")
    try input.finish()
    try keys.requireOwn()
    guard case .wrapped(let agency, let slots) = try keys.file() else {
      throw OperationError(.conflict, "The keys have no passphrase: there is nothing to remove.")
    }
    if let who { return try removeOwn(who, current, agency, slots) }
    guard slots.isEmpty else {
      throw OperationError(
        .conflict,
        "\(slots.count) with passphrases of their own would be left with keys that lie in the "
          + "open. Remove those first, each with: cafsync agency passphrase remove --as NAME.")
    }
    let master = try opened([.agency(agency)], current, field: "current").key
    try keys.replace(with: .open(master))
    return [
      "sentence": "The passphrase is removed: master.key opens this replica for whoever reads it."
    ]
  }

  private func removeOwn(
    _ who: String, _ current: String?, _ agency: PassphraseWrappedKey,
    _ slots: [PractitionerKeySlot]
  ) throws -> JSON {
    let ways = try WayIn.own(of: who, among: slots) + [.agency(agency)]
    let opened = try opened(ways, current, field: "current")
    let removed =
      opened.way.practitioner.map { [$0] }
      ?? slots.filter { $0.belongs(to: who) }.map(\.practitioner)
    guard removed.count == 1 else {
      throw OperationError(
        .conflict,
        removed.isEmpty
          ? "“\(who)” has no passphrase of their own here."
          : "Several are called “\(who)”: give the identifier, one of "
            + removed.map(\.text).joined(separator: ", ") + ".")
    }
    try keys.replace(
      with: .wrapped(agency, practitioners: slots.filter { !removed.contains($0.practitioner) }))
    return [
      "sentence": .string(
        "“\(who)” has no passphrase of their own any more. It still opens copies of master.key "
          + "that were made before: destroy them.")
    ]
  }
}

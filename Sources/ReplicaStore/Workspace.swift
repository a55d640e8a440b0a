package import CaseRecords
package import Causality
package import SyncProtocol

/// Compartments opened during one transaction: each is read and unsealed once, changed in memory,
/// and sealed and written once, however many changes a page brings for it.
package final class Workspace {
  package struct Entry {
    package var stored: StoredCompartment
    package var content: CompartmentContent
    /// The registers, encoded, are not longer than this.
    private var bytesMax: Int
    var isDirty = false

    init(stored: StoredCompartment, content: CompartmentContent, bytesMax: Int) {
      self.stored = stored
      self.content = content
      self.bytesMax = bytesMax
    }

    /// Whether the registers stay within their limit, less `reservedBytes`, with this change too.
    /// Counted roughly; encoded only when that is not enough to tell.
    package mutating func hasRoom(for change: Change, reservedBytes: Int = 0) -> Bool {
      let limit = SyncLimits.compartmentBytesMax - reservedBytes
      let added = change.writes.reduce(64) { $0 + $1.value.count + Self.writeOverheadBytesMax }
      bytesMax += added
      if bytesMax <= limit { return true }
      var after = content
      after.apply(change)
      let exact = after.encoded().count
      bytesMax = exact <= limit ? exact : bytesMax - added
      return exact <= limit
    }

    /// A record's and an author's identifier, two names, a stamp.
    private static let writeOverheadBytesMax = 32 + 2 * SyncLimits.nameBytesMax + 96

    /// Applies the next change of its actor; the caller has checked its context.
    package mutating func apply(_ change: Change) -> Bool {
      guard stored.vector.advance(to: change.dot) else { return false }
      content.apply(change)
      isDirty = true
      return true
    }

    /// Joins a state; adopting it when nothing is held.
    package mutating func join(_ other: CompartmentContent, vector: VersionVector) {
      if stored.vector.isEmpty {
        // Nothing is known here that could have superseded anything.
        content = other
      } else {
        content = content.joined(
          with: other, knownHere: stored.vector, knownThere: vector)
      }
      stored.vector.merge(vector)
      bytesMax = content.encoded().count
      isDirty = true
    }

    /// Two names of one write have become known: `dot` and `original`. Both have been applied here:
    /// where only one of them stands, the other was superseded, and so both are.
    package mutating func alias(_ dot: Dot, of original: Dot) {
      guard stored.vector.contains(dot), stored.vector.contains(original) else { return }
      for (id, record) in content.records {
        for (group, register) in record.groups {
          let isHere = register.siblings.contains { $0.dots.contains(dot) }
          if !isHere && !register.siblings.contains(where: { $0.dots.contains(original) }) {
            continue
          }
          var joined = register
          if !isHere {
            // The name that is gone is looked up, so that the one that stands goes too.
            joined.alias(original, of: dot)
            content.records[id]?.groups[group] = joined.siblings.isEmpty ? nil : joined
            isDirty = true
            continue
          }
          joined.alias(dot, of: original)
          content.records[id]?.groups[group] = joined.siblings.isEmpty ? nil : joined
          isDirty = true
        }
        if content.records[id]?.groups.isEmpty == true { content.records[id] = nil }
      }
    }

    /// Gives writes other dots.
    package mutating func rename(_ names: [Dot: Dot], under vector: VersionVector) {
      mapRegisters { register in
        guard register.siblings.contains(where: { $0.dots.contains { names[$0] != nil } }) else {
          return nil
        }
        return Register(
          siblings: register.siblings.map { sibling in
            Register.Sibling(dots: sibling.dots.map { names[$0] ?? $0 }, value: sibling.value)
          })
      }
      stored.vector = vector
      isDirty = true
    }

    /// What one person wrote at one moment is one write, under whatever dots it came.
    package mutating func foldRepeated() {
      mapRegisters { register in
        let values = Set(register.siblings.map(\.value))
        guard values.count < register.siblings.count else { return nil }
        return Register(
          siblings: values.map { value in
            Register.Sibling(
              dots: register.siblings.filter { $0.value == value }.flatMap(\.dots), value: value)
          })
      }
    }

    /// `body` gives nil for a register that stays as it is.
    private mutating func mapRegisters(_ body: (Register<Written>) -> Register<Written>?) {
      for (id, record) in content.records {
        for (group, register) in record.groups {
          guard let changed = body(register) else { continue }
          content.records[id]?.groups[group] = changed
          isDirty = true
        }
      }
    }

    /// Starts again from another state: the base of a re-minting.
    package mutating func replace(content: CompartmentContent, vector: VersionVector) {
      self.content = content
      stored.vector = vector
      bytesMax = content.encoded().count
      isDirty = true
    }
  }

  private let store: ReplicaStore
  private var entries: [CompartmentID: Entry] = [:]

  package init(store: ReplicaStore) { self.store = store }

  /// Nil when the compartment is not here.
  package func entry(_ id: CompartmentID) throws -> Entry? {
    if let known = entries[id] { return known }
    guard let stored = try store.compartment(id) else { return nil }
    let encoded = try store.encodedContent(of: stored)
    let entry = Entry(
      stored: stored, content: try store.content(encoded), bytesMax: encoded.count)
    entries[id] = entry
    return entry
  }

  /// As `entry`, without its content: whoever holds an entry while it is updated makes each update
  /// copy what it changes.
  package func stored(_ id: CompartmentID) throws -> StoredCompartment? {
    if let index = entries.index(forKey: id) { return entries.values[index].stored }
    return try entry(id)?.stored
  }

  /// As `stored`, made when absent.
  package func stored(creating compartment: Compartment) throws -> StoredCompartment {
    try stored(compartment.id) ?? entry(creating: compartment).stored
  }

  /// Whether it has been opened in this transaction.
  package func isOpen(_ id: CompartmentID) -> Bool { entries.index(forKey: id) != nil }

  /// As `entry`, made when absent.
  package func entry(creating compartment: Compartment) throws -> Entry {
    if let known = try entry(compartment.id) { return known }
    let content = CompartmentContent()
    let entry = Entry(
      stored: try store.create(compartment), content: content, bytesMax: content.encoded().count)
    entries[compartment.id] = entry
    return entry
  }

  package func update<T>(_ id: CompartmentID, _ body: (inout Entry) throws -> T) throws -> T? {
    guard try stored(id) != nil, var entry = entries.removeValue(forKey: id) else { return nil }
    defer { entries[id] = entry }
    return try body(&entry)
  }

  package var dirty: [CompartmentID] {
    entries.filter(\.value.isDirty).map(\.key).sorted()
  }

  /// Writes what changed. In the same transaction as everything that depends on it.
  package func flush() throws {
    for id in dirty {
      guard let entry = entries[id] else { continue }
      try store.save(entry.stored.number, vector: entry.stored.vector, content: entry.content)
      entries[id]?.isDirty = false
    }
  }
}

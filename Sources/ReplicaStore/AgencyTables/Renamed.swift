package import Causality
import SQLite

/// The old names of unsent changes that were given new ones.
extension ReplicaStore {
  /// The changes were `old`, in this order, and are `actor`'s first, second, … from now on.
  package func noteRenamed(_ old: [Dot], to actor: Actor, in compartment: Int64) throws {
    for dot in old {
      _ = try database.run(
        "INSERT INTO renamed (compartment, actor, old_actor, old_counter) VALUES (?, ?, ?, ?)",
        .integer(compartment), .actor(actor), .actor(dot.actor), .uint(dot.counter))
    }
  }

  /// Each renaming in a compartment, the first of them first.
  package func renamings(in compartment: Int64) throws -> [(actor: Actor, old: [Dot])] {
    let rows = try database.query(
      "SELECT actor, old_actor, old_counter FROM renamed WHERE compartment = ? ORDER BY position",
      .integer(compartment)
    ) { (actor: $0.actor(0), old: Dot(actor: $0.actor(1), counter: $0.unsigned(2))) }
    var result: [(actor: Actor, old: [Dot])] = []
    for row in rows {
      if result.last?.actor == row.actor {
        result[result.count - 1].old.append(row.old)
      } else {
        result.append((row.actor, [row.old]))
      }
    }
    return result
  }
}

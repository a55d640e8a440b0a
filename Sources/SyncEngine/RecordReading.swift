package import CaseRecords
import Causality
package import SyncProtocol

// Registers as the engine reads them: every sibling counts, and none is preferred, because which of
// two concurrent values holds is for a person to say.
extension RecordContent {
  /// False once everybody who wrote about it says that it is removed.
  package var isPresent: Bool {
    let lives = values("life")
    return lives.isEmpty || lives.contains { $0.text("life") != "removed" }
  }

  /// The values of a group, one for each sibling, in canonical order. What a newer version wrote in
  /// another form is left out here, and kept in the register.
  package func values(_ group: String) -> [GroupValue] {
    (groups[group]?.siblings ?? []).compactMap { Self.value($0.value.value) }
  }

  /// Nil where the bytes are no map of fields: nothing can be concluded from them.
  static func value(_ bytes: [UInt8]) -> GroupValue? { try? GroupValue(encoded: bytes) }
}

extension CompartmentContent {
  /// The records of a kind that are present, by identifier.
  package func records(of kind: String) -> [(id: RecordID, record: RecordContent)] {
    records.filter { $0.value.kind == kind && $0.value.isPresent }
      .sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }
}

import CBOR
import CaseRecords
import Causality
import Cryptography
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

extension Replica {
  /// A record in plain words: labels and values as a person reads them, and who wrote last.
  func words(
    _ id: RecordID, _ record: RecordContent, in stored: StoredCompartment
  ) throws -> JSON {
    let schema = SchemaRegistry.standard.schema(record.kind)
    var rows: [JSON] = []
    for group in schema?.groups ?? [] where !group.isHubOnly && group.name != "life" {
      let values = record.values(group.name)
      for field in group.fields where field.isForPeople {
        let texts = try values.compactMap { try words($0[field.name], field.type) }
        let distinct = texts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        guard !distinct.isEmpty else { continue }
        rows.append([
          "name": .string("\(group.name).\(field.name)"),
          "label": .string(FormWords.rowLabel(record.kind, group, field)),
          "text": .string(distinct.joined(separator: "\n— or —\n")),
        ])
      }
    }
    let about = record.values("about").first
    let caf: RecordID? =
      about?.identifier("assessment") ?? record.values("assessment").first?.identifier("assessment")
    let last = record.groups.values.flatMap(\.siblings).max { $0.value.time < $1.value.time }
    return [
      "record": .string(id.text), "kind": .string(record.kind),
      "title": .string(FormWords.title(of: record.kind, element: nil)),
      "caf": .string(caf?.text ?? ""), "element": .string(about?.text("element") ?? ""),
      "rows": .array(rows), "isRemoved": .bool(!record.isPresent),
      "isUndecided": .bool(record.groups.values.contains { $0.isUndecided }),
      "by": .string(try last.map { try name(of: $0.value.author) } ?? ""),
      "at": .string(last?.value.claimedMilliseconds.momentText ?? ""),
      "category": .string("\(stored.compartment.category)"),
      "custodian": .string(try name(of: stored.compartment.custodian)),
      "state": .string(try standing(of: stored).words),
    ]
  }

  /// One value as a person reads it; nil when there is none.
  func words(_ item: CBOR?, _ type: FieldType) throws -> String? {
    guard let item else { return nil }
    switch (type, item) {
    case (.identifier, .bytes(let bytes)):
      if let agency = AgencyID(bytes: bytes), try agencies().contains(where: { $0.id == agency }) {
        return try name(of: agency)
      }
      return nil
    case (_, .bool(let flag)): return flag ? "Yes" : "No"
    case (_, .array(let items)):
      let texts = try items.compactMap { try words($0, type) }
      return texts.isEmpty ? nil : texts.joined(separator: "; ")
    default:
      let text = FormField.text(item, type)
      return text.isEmpty ? nil : type.codeList?.label(for: text) ?? text
    }
  }

  /// The records of some kinds that are held here of a child, in plain words.
  func recordList(_ input: OperationInput) throws -> JSON {
    let child = try child(try input.required("child"))
    let kinds = try input.list("kinds")
    let isWithRemoved = input.flag("removed")
    try input.finish()
    if let stranger = kinds.first(where: { SchemaRegistry.standard.schema($0) == nil }) {
      throw OperationError(.usage, "“\(stranger)” is no kind of record.")
    }
    var found: [(kind: Int, id: RecordID, json: JSON)] = []
    for stored in try held(child) {
      for (id, record) in try store.content(of: stored).records {
        guard let kind = kinds.firstIndex(of: record.kind), record.isPresent || isWithRemoved
        else { continue }
        found.append((kind, id, try words(id, record, in: stored)))
      }
    }
    return [
      "child": .string(child.text), "name": .string(try childName(child)),
      "records": .array(
        found.sorted { ($0.kind, $0.id) < ($1.kind, $1.id) }.map(\.json)),
      "keeping": .string(kinds.contains("preCAF") ? preCAFKeepingWords : ""),
    ]
  }

  /// Tells one state of what is held of a child from another: for a page that is open, to notice
  /// that it shows something else than what is here now. Empty when nothing may be shown. Of one
  /// part (its compartment), whether it may be shown.
  func childRevision(_ input: OperationInput) throws -> JSON {
    let text = try input.required("child")
    let part = try input.text("part")
    try input.finish()
    guard let child = ChildID(text: text) else {
      throw OperationError(.usage, "An identifier is 32 hexadecimal digits.")
    }
    let held = try held(child)
    let isPartShown = part.map { part in held.contains { $0.id.text == part } } ?? true
    guard !held.isEmpty else { return ["revision": "", "isPartShown": .bool(isPartShown)] }
    var bytes: [UInt8] = []
    for stored in held {
      bytes += stored.id.bytes + stored.vector.encoded()
      bytes += try standing(of: stored).code.utf8
    }
    for known in try knownPolicy(of: child) {
      bytes += known.entry.id.bytes + Array("\(known.state)".utf8)
    }
    return [
      "revision": .string(Hex.text(sha256(bytes).prefix(16))),
      "isPartShown": .bool(isPartShown),
    ]
  }
}

extension FormWords {
  /// A field beside its value: called as its group is, where it is the only one to be read.
  static func rowLabel(_ kind: String, _ group: FieldGroup, _ field: Field) -> String {
    let isAlone = group.fields.filter(\.isForPeople).count == 1
    return isAlone ? label(kind, group.name) : label(kind, group.name, field.name)
  }
}

extension Field {
  /// Who somebody is can be read; which record one belongs to cannot.
  var isForPeople: Bool {
    switch type {
    case .identifier: name == "agency"
    case .identifiers, .parameters, .instant: false
    default: true
    }
  }
}

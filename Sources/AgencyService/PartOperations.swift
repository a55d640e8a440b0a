import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine

// Where the work is, for whoever wants to know it child by child; and what the hub sent back.
extension Replica {
  static let childrenOnPage = 25

  /// Parts of children's records and how far each has come, some children at a time; with `unsent`
  /// only those of whom something is not yet at the hub.
  func partList(_ input: OperationInput) throws -> JSON {
    let isUnsentOnly = input.flag("unsent")
    let number = try input.count("page", in: 1...100_000) ?? 1
    try input.finish()
    let children = try isUnsentOnly ? childrenUnsent() : store.children()
    let shown = children.dropFirst((number - 1) * Self.childrenOnPage).prefix(Self.childrenOnPage)
    let pages = (children.count + Self.childrenOnPage - 1) / Self.childrenOnPage
    return [
      "sentence": .string(
        isUnsentOnly
          ? (children.isEmpty
            ? "Of no child anything waits to be sent."
            : "Something of \(children.count) waits to be sent.")
          : "\(children.count) are held here."),
      "children": .array(try shown.compactMap { try standings(of: $0) }),
      "page": .count(number), "pages": .count(max(pages, 1)),
    ]
  }

  private func childrenUnsent() throws -> [ChildID] {
    let children = try store.outboxCompartments().compactMap { number in
      try store.compartment(number: number).flatMap { stored in
        try isShown(stored) ? stored.compartment.child : nil
      }
    }
    return Set(children).sorted()
  }

  /// Decisions of families that were recorded here and that the hub did not put in force, with why.
  func returnedList(_ input: OperationInput) throws -> JSON {
    try input.finish()
    let returned = try store.refusedPolicy()
    return [
      "sentence": .string(
        returned.isEmpty
          ? "No decision of a family has come back." : "\(returned.count) came back:"),
      "decisions": .array(
        try returned.map { known in
          let child = try known.entry.child.flatMap { try held($0).isEmpty ? nil : $0 }
          return [
            "sentence": .string(try words(known.entry.kind)), "why": .string(known.note),
            "by": .string(try name(of: known.entry.author)),
            "at": .string(known.entry.madeAtMilliseconds.momentText),
            "child": child.map { .string($0.text) } ?? .null,
            "name": .string(try child.map { try childName($0) } ?? ""),
          ]
        }),
    ]
  }
}

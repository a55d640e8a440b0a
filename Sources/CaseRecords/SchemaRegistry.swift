/// The record kinds that this version knows.
package struct SchemaRegistry: Sendable {
  /// Every kind of the data dictionary.
  package static let standard = SchemaRegistry(
    ChildSchemas.all + FamilySchemas.all + AssessmentSchemas.all + PlanSchemas.all
      + DeskSchemas.all + DirectorySchemas.all + IssueSchemas.all)

  /// In order of declaration.
  package let schemas: [RecordSchema]
  private let byKind: [String: RecordSchema]

  /// The kinds must differ: two schemas of one kind are a programmer's error.
  package init(_ schemas: [RecordSchema]) {
    self.schemas = schemas
    byKind = Dictionary(uniqueKeysWithValues: schemas.map { ($0.kind, $0) })
  }

  /// Nil for a kind of a newer version.
  package func schema(_ kind: String) -> RecordSchema? { byKind[kind] }

  package func group(_ kind: String, _ group: String) -> FieldGroup? {
    byKind[kind]?.group(group)
  }

  /// What a compartment of this category may hold, in order of declaration.
  package func kinds(in category: Category) -> [RecordSchema] {
    schemas.filter { $0.categories.contains(category) }
  }

  /// Whether a record of this kind belongs into a compartment of this category. A kind of a newer
  /// version may stand anywhere: it was put there by one who knows it.
  package func mayHold(_ kind: String, in category: Category) -> Bool {
    byKind[kind]?.categories.contains(category) ?? true
  }
}

import CaseRecords
import Foundation
import Testing

/// `Protocol/records.json`: the data dictionary for whoever writes another implementation. Written
/// by this test when the environment has `CAFSYNC_WRITE_VECTORS=1`, otherwise held against the
/// schemas: a kind, a group or a code cannot change unnoticed.
@Suite struct RecordCatalogueTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Protocol/records.json").standardized

  private struct Catalogue: Codable, Equatable {
    struct Kind: Codable, Equatable {
      let about: String
      let categories: [UInt8]
      let groups: [String: Group]
    }
    struct Group: Codable, Equatable {
      let fields: [String: String]
      let required: [String]
      let isRequired: Bool
      let hubOnly: Bool
    }
    var kinds: [String: Kind] = [:]
    var codes: [String: [String: String]] = [:]

    init(_ registry: SchemaRegistry) {
      for schema in registry.schemas {
        kinds[schema.kind] = Kind(
          about: schema.about, categories: schema.categories.map(\.rawValue).sorted(),
          groups: Dictionary(
            uniqueKeysWithValues: schema.groups.map { group in
              (
                group.name,
                Group(
                  fields: Dictionary(
                    uniqueKeysWithValues: group.fields.map { ($0.name, Self.name(of: $0.type)) }),
                  required: group.fields.filter(\.isRequired).map(\.name).sorted(),
                  isRequired: group.isRequired, hubOnly: group.isHubOnly)
              )
            }))
      }
      for list in CodeLists.all {
        codes[list.name] = Dictionary(
          uniqueKeysWithValues: list.codes.map { ($0.value, $0.label) })
      }
    }

    private static func name(of type: FieldType) -> String {
      switch type {
      case .code(let list): "code:\(list.name)"
      case .codes(let list): "codes:\(list.name)"
      case .shortText: "shortText"
      case .longText: "longText"
      case .texts: "texts"
      case .date: "date"
      case .instant: "instant"
      case .yesNo: "yesNo"
      case .count: "count"
      case .identifier: "identifier"
      case .identifiers: "identifiers"
      case .parameters: "parameters"
      case .nhsNumber: "nhsNumber"
      case .upn: "upn"
      case .postcode: "postcode"
      }
    }
  }

  @Test func theCatalogueIsTheSchemas() throws {
    let known = Catalogue(.standard)
    if ProcessInfo.processInfo.environment["CAFSYNC_WRITE_VECTORS"] == "1" {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      try (encoder.encode(known) + Data("\n".utf8)).write(to: Self.file)
    }
    let stored = try JSONDecoder().decode(Catalogue.self, from: Data(contentsOf: Self.file))
    // Named one by one: the whole of both would fill pages.
    #expect(stored.kinds.filter { known.kinds[$0.key] != $0.value }.keys.sorted() == [])
    #expect(known.kinds.keys.filter { stored.kinds[$0] == nil }.sorted() == [])
    #expect(stored.codes.filter { known.codes[$0.key] != $0.value }.keys.sorted() == [])
    #expect(known.codes.keys.filter { stored.codes[$0] == nil }.sorted() == [])
  }
}

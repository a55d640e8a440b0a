import CBOR
import CaseRecords
import Causality
import Cryptography
import SyncProtocol

/// Made-up index entries as a school would type them: twelve fields, together about 300 bytes.
enum BenchRecords {
  /// The groups of a child's record that are filled in, and their fields.
  static let groups: [(name: String, fields: [String])] = [
    ("name", ["given", "family"]), ("otherNames", ["otherNames"]), ("birth", ["dateOfBirth"]),
    ("sex", ["sex"]), ("ethnicity", ["ethnicity"]), ("locality", ["locality"]),
    ("language", ["firstLanguage", "interpreterNeeded"]), ("nhsNumber", ["nhsNumber"]),
    ("upn", ["upn"]), ("school", ["name"]),
  ]

  /// What one entry comes to as its values alone.
  static let bytesPerRecord = writes(50_000).reduce(0) { $0 + $1.value.count }

  static func value(_ number: Int, group: Int) -> [UInt8] {
    var fields = GroupValue()
    for name in groups[group].fields {
      switch name {
      case "otherNames": fields = fields.setting(name, ["Sample\(number % 61)"])
      case "interpreterNeeded": fields = fields.setting(name, number % 9 == 0)
      default: fields = fields.setting(name, text(number, groups[group].name, name))
      }
    }
    return fields.encoded()
  }

  private static func text(_ number: Int, _ group: String, _ field: String) -> String {
    switch (group, field) {
    case ("name", "given"): word(number, of: 2_000)
    case ("name", _): word(number / 7, of: 20_000)
    case ("birth", _): "20\(number % 18 + 10)-0\(number % 9 + 1)-\(number % 19 + 10)"
    case ("sex", _): number % 2 == 0 ? "female" : "male"
    case ("ethnicity", _): "whiteBritish"
    case ("locality", _): "huddersfieldSouth"
    case ("language", _): "English"
    case ("nhsNumber", _): "\(9_990_000_000 + number)"
    case ("upn", _): "A\(820_000_000_000 + number)"
    default: "Sample High School \(number % 40), Upper Sample Road"
    }
  }

  /// One of so many made-up names.
  private static func word(_ number: Int, of count: Int) -> String {
    let syllables = [
      "ba", "cor", "den", "fal", "gri", "hol", "jen", "kir", "lum", "mor", "nes", "pel", "ros",
      "sta", "tor", "wen",
    ]
    var rest = number % count
    var word = ""
    for _ in 0..<4 {
      word += syllables[rest % syllables.count]
      rest /= syllables.count
    }
    return word.prefix(1).uppercased() + word.dropFirst()
  }

  static func writes(_ number: Int) -> [Write] {
    groups.indices.map { group in
      Write(
        record: RecordID(high: 1, low: UInt64(number)), kind: "child", group: groups[group].name,
        value: value(number, group: group))
    }
  }

  static func compartment(
    _ category: CaseRecords.Category, custodian: AgencyID
  ) -> Compartment {
    var random = SecureRandom()
    return Compartment(
      id: CompartmentID(using: &random), child: ChildID(using: &random), category: category,
      custodian: custodian)
  }
}

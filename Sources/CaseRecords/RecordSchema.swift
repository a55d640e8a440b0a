package import CBOR

// What may stand in a record, declared as data.
//
// The domain's data dictionary is a list of kinds; each kind has field groups; each group is one
// register of the merge. That last step is the decision that matters here. Two people who write to
// different groups of one record while offline never disturb one another; two who write to the same
// group are both kept, side by side, until a person chooses. So a group holds only what makes no
// sense in halves (a given and a family name, an address and its postcode), and every other field
// is a group of its own.
//
// A schema checks what a person enters *here*. It is never a gate for what arrives: a kind, a group
// or a field that this version does not know comes from a newer one, is flagged as unknown, and is
// kept and passed on byte for byte.

/// What one field may hold, and its CBOR form.
package enum FieldType: Hashable, Sendable {
  /// Text of at most `RecordLimits.shortTextScalars`.
  case shortText
  /// Text of at most `RecordLimits.longTextBytes`.
  case longText
  /// Text: one code of the list.
  case code(CodeList)
  /// Array of codes of the list.
  case codes(CodeList)
  /// Array of short texts.
  case texts
  /// Text "yyyy-mm-dd".
  case date
  /// Unsigned: milliseconds since 1970.
  case instant
  /// True or false.
  case yesNo
  /// Unsigned, up to the bound.
  case count(atMost: Int)
  /// 16 bytes: a child, an agency, a practitioner, a record.
  case identifier
  /// Array of 16-byte strings.
  case identifiers
  /// Map of text to short text: what a prompt or a notice fills in.
  case parameters
  case nhsNumber
  case upn
  /// A short text; a warning if it does not look like a postcode.
  case postcode

  /// The bound that the field's documentation and messages name, with its unit; nil where the form
  /// of the value is its own bound.
  package var limit: (value: Int, unit: String)? {
    switch self {
    case .shortText, .postcode: (RecordLimits.shortTextScalars, "characters")
    case .longText: (RecordLimits.longTextBytes, "bytes")
    case .codes, .texts, .identifiers, .parameters: (RecordLimits.listItems, "entries")
    case .count(let most): (most, "")
    case .code, .date, .instant, .yesNo, .identifier, .nhsNumber, .upn: nil
    }
  }

  package var codeList: CodeList? {
    switch self {
    case .code(let list), .codes(let list): list
    default: nil
    }
  }

  /// The most that a valid value takes when encoded, its own head included.
  package var encodedBytesMax: Int {
    let head = 9
    switch self {
    case .shortText, .postcode, .nhsNumber, .upn, .date: return head + RecordLimits.shortTextBytes
    case .longText: return head + RecordLimits.longTextBytes
    case .code: return head + RecordLimits.codeBytes
    case .codes: return head + RecordLimits.listItems * (head + RecordLimits.codeBytes)
    case .texts: return head + RecordLimits.listItems * (head + RecordLimits.shortTextBytes)
    case .identifiers: return head + RecordLimits.listItems * (head + 16)
    case .parameters:
      return head + RecordLimits.listItems
        * (2 * head + RecordLimits.nameBytes + RecordLimits.shortTextBytes)
    case .instant, .yesNo, .count: return head
    case .identifier: return head + 16
    }
  }
}

package struct Field: Hashable, Sendable {
  package let name: String
  package let type: FieldType
  /// Must be present whenever its group is written. Few are: a blank is valid in an assessment.
  package let isRequired: Bool

  package init(_ name: String, _ type: FieldType, required: Bool = false) {
    self.name = name
    self.type = type
    isRequired = required
  }

  /// The name in plain words: "dateOfBirth" reads "date of birth".
  package var words: String { PlainWords.fromName(name) }
}

/// What must hold between the fields of one group.
package enum GroupRule: Hashable, Sendable {
  case atLeastOne([String])
  case atMostOne([String])
  case exactlyOne([String])
  /// The first date is not after the second, where both are given.
  case inOrder(String, String)
  /// The second must be given whenever the first is.
  case together(String, needs: String)
  /// The same where the first has just this value.
  case when(String, is: CBOR, needs: String)
}

/// One register of the merge.
package struct FieldGroup: Hashable, Sendable {
  package let name: String
  package let fields: [Field]
  package let rules: [GroupRule]
  /// A new record of the kind must have it.
  package let isRequired: Bool
  /// May be emptied again although some of its fields are required when it is not empty.
  package let isClearable: Bool
  /// Written by the hub alone; an agency's form does not offer it.
  package let isHubOnly: Bool

  package init(
    _ name: String, _ fields: [Field], rules: [GroupRule] = [], required: Bool = false,
    clearable: Bool = false, hubOnly: Bool = false
  ) {
    self.name = name
    self.fields = fields
    self.rules = rules
    isRequired = required
    isClearable = clearable
    isHubOnly = hubOnly
  }

  /// A group of one field of the same name.
  package static func one(
    _ name: String, _ type: FieldType, required: Bool = false, hubOnly: Bool = false
  ) -> FieldGroup {
    FieldGroup(
      name, [Field(name, type, required: required)], required: required, hubOnly: hubOnly)
  }

  package func field(_ name: String) -> Field? { fields.first { $0.name == name } }
}

/// One record kind.
package struct RecordSchema: Hashable, Sendable {
  /// The name on the wire and on disk: stable.
  package let kind: String
  /// What it is, in plain words.
  package let about: String
  /// The compartments that may hold it.
  package let categories: Set<Category>
  /// Every kind ends with the group `life`: removing a record while somebody edits it is a
  /// conflict for a person, like any other.
  package let groups: [FieldGroup]

  /// Absent from a record that nobody ever removed: it is present then.
  package static let life = FieldGroup(
    "life", [Field("life", .code(CodeLists.life), required: true)])

  package init(
    _ kind: String, _ about: String, in categories: Set<Category>, _ groups: [FieldGroup]
  ) {
    self.kind = kind
    self.about = about
    self.categories = categories
    self.groups = groups + [Self.life]
  }

  package func group(_ name: String) -> FieldGroup? { groups.first { $0.name == name } }
}

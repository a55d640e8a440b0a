/// The Child Index: basic details, who is involved, whether there is a CAF, who leads. And where
/// the child lives, which is a compartment apart because it can be shielded.
enum ChildSchemas {
  static let all = [child, involvement, leadProfessional, cafFlag, address, phone, distinctChild]

  static let child = RecordSchema(
    "child", "A child or young person, as one agency knows them", in: [.index],
    [
      // A record can start with a first name only, an unborn child's with a family name only.
      FieldGroup(
        "name", [Field("given", .shortText), Field("family", .shortText)],
        rules: [.atLeastOne(["given", "family"])], required: true),
      .one("otherNames", .texts),
      FieldGroup(
        "birth",
        [
          Field("dateOfBirth", .date), Field("expectedDate", .date),
          Field("estimatedAge", .count(atMost: RecordLimits.estimatedAgeYears)),
          Field("estimatedOn", .date),
        ],
        rules: [
          .atMostOne(["dateOfBirth", "expectedDate", "estimatedAge"]),
          .together("estimatedAge", needs: "estimatedOn"),
        ]),
      .one("sex", .code(CodeLists.sex)),
      .one("locality", .code(CodeLists.locality)),
      FieldGroup(
        "school",
        [
          Field("name", .shortText), Field("agency", .identifier), Field("rollStart", .date),
          Field("rollEnd", .date), Field("rollEndReason", .code(CodeLists.rollEnd)),
          Field("nextSchool", .shortText),
        ],
        rules: [.inOrder("rollStart", "rollEnd")]),
      universal("gp"), universal("dentist"), universal("nursery"),
      .one("ethnicity", .code(CodeLists.ethnicity)),
      FieldGroup(
        "language", [Field("firstLanguage", .shortText), Field("interpreterNeeded", .yesNo)]),
      FieldGroup("disability", [Field("disabled", .yesNo), Field("detail", .longText)]),
      .one("nhsNumber", .nhsNumber),
      .one("upn", .upn),
      .one("shielded", .yesNo),
    ])

  /// A service that every child should have: known, none or not known, and then who it is.
  private static func universal(_ name: String) -> FieldGroup {
    FieldGroup(
      name,
      [
        Field("state", .code(CodeLists.knownState), required: true), Field("name", .shortText),
        Field("phone", .shortText),
      ])
  }

  static let involvement = RecordSchema(
    "involvement", "An agency's work with the child", in: [.index, .sensitive],
    [
      .one("agency", .identifier, required: true),
      FieldGroup(
        "practitioner",
        [
          Field("practitioner", .identifier), Field("name", .shortText),
          Field("role", .shortText), Field("contact", .shortText),
        ]),
      .one("official", .code(CodeLists.official), required: true),
      FieldGroup(
        "period",
        [
          Field("status", .code(CodeLists.involvementStatus), required: true),
          Field("start", .date), Field("end", .date),
        ],
        rules: [.inOrder("start", "end")], required: true),
      // Recency and frequency are counted on one day, or they are not comparable.
      FieldGroup(
        "contacts",
        [
          Field("lastContact", .date),
          Field("contacts12Months", .count(atMost: RecordLimits.contacts)),
          Field("asOf", .date, required: true),
        ],
        rules: [.inOrder("lastContact", "asOf")]),
      .one("usedInCAF", .yesNo),
    ])

  static let leadProfessional = RecordSchema(
    "leadProfessional", "Who coordinates the support for the child", in: [.index],
    [
      FieldGroup(
        "lead",
        [
          Field("agency", .identifier, required: true), Field("practitioner", .identifier),
          Field("name", .shortText, required: true), Field("contact", .shortText),
          Field("since", .date), Field("until", .date),
        ],
        rules: [.inOrder("since", "until")], required: true),
      .one("basis", .code(CodeLists.leadBasis), required: true),
      // The entry of whoever leads until this one accepts.
      .one("inPlaceOf", .identifier),
      FieldGroup(
        "acceptance",
        [Field("accepted", .code(CodeLists.acceptance), required: true), Field("on", .date)]),
      FieldGroup(
        "deputy",
        [
          Field("practitioner", .identifier), Field("name", .shortText, required: true),
          Field("contact", .shortText),
        ], clearable: true),
      FieldGroup(
        "absence", [Field("from", .date, required: true), Field("to", .date)],
        rules: [.inOrder("from", "to")], clearable: true),
    ])

  private static let cafFlagFields = [
    Field("status", .code(CodeLists.cafStatus), required: true), Field("startedOn", .date),
    Field("agency", .identifier, required: true), Field("leadName", .shortText),
    Field("leadContact", .shortText),
  ]

  static let cafFlag = RecordSchema(
    "cafFlag", "That a CAF exists, how far it is and whom to contact; no content", in: [.index],
    [
      FieldGroup("declared", cafFlagFields, clearable: true),
      // What the hub derives from the CAF itself. Both stand side by side, so that neither
      // overwrites the other when they disagree.
      FieldGroup("derived", cafFlagFields, clearable: true, hubOnly: true),
    ])

  static let address = RecordSchema(
    "address", "Where the child lives or stays", in: [.whereabouts],
    [
      FieldGroup(
        "place", [Field("address", .longText, required: true), Field("postcode", .postcode)],
        required: true),
      .one("use", .code(CodeLists.addressUse)),
      FieldGroup(
        "period", [Field("from", .date), Field("to", .date)], rules: [.inOrder("from", "to")]),
    ])

  static let phone = RecordSchema(
    "phone", "A number to reach the child or the family", in: [.whereabouts],
    [
      FieldGroup(
        "number", [Field("number", .shortText, required: true), Field("whose", .shortText)],
        required: true),
      .one("use", .code(CodeLists.phoneUse)),
      .one("safeToCall", .shortText),
    ])

  /// A finding of the agency's own: to send it would tell others which children are known here.
  static let distinctChild = RecordSchema(
    "distinctChild", "That another child who is like this one is not the same", in: [.private],
    [
      FieldGroup(
        "other",
        [Field("child", .identifier, required: true), Field("on", .date, required: true)],
        required: true)
    ])
}

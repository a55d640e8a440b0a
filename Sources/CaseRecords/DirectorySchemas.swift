/// What every agency may read: the Service Directory (fields of Open Referral UK, and local ones),
/// the agencies, the practitioners and their training, the glossary, the agreement in plain words.
enum DirectorySchemas {
  static let all = [
    service, serviceQuestion, agency, practitioner, glossaryTerm, agreementText,
  ]

  static let service = RecordSchema(
    "service", "A service of the directory (Open Referral UK, with local fields)",
    in: [.directory],
    [
      .one("name", .shortText, required: true),
      .one("agency", .identifier),
      .one("status", .code(CodeLists.serviceStatus)),
      .one("url", .shortText),
      .one("description", .longText),
      .one("email", .shortText),
      FieldGroup(
        "ages",
        [Field("minimumAge", .count(atMost: 120)), Field("maximumAge", .count(atMost: 120))]),
      .one("assuredDate", .date),
      .one("alert", .longText),
      .one("schedules", .texts),
      .one("serviceAreas", .codes(CodeLists.locality)),
      .one("languages", .texts),
      .one("cost", .shortText),
      FieldGroup(
        "contact",
        [
          Field("name", .shortText), Field("phone", .shortText), Field("contactHours", .shortText),
        ]),
      .one("needs", .codes(CodeLists.need)),
      .one("weCanHelpWhen", .longText),
      .one("referralRoute", .longText),
    ])

  static let serviceQuestion = RecordSchema(
    "serviceQuestion", "What a service asks beyond the CAF", in: [.directory],
    [
      FieldGroup(
        "question",
        [
          Field("service", .identifier, required: true),
          Field("question", .shortText, required: true),
          Field("prefilledFrom", .code(CodeLists.elements)),
        ], required: true)
    ])

  static let agency = RecordSchema(
    "agency", "An agency of the district", in: [.directory],
    [
      .one("name", .shortText, required: true),
      .one("sector", .code(CodeLists.sector)),
      .one("localities", .codes(CodeLists.locality)),
      FieldGroup(
        "contact",
        [Field("phone", .shortText), Field("email", .shortText), Field("address", .longText)]),
    ])

  static let practitioner = RecordSchema(
    "practitioner", "A practitioner, their role and their training", in: [.practitioners],
    [
      .one("name", .shortText, required: true),
      .one("agency", .identifier, required: true),
      .one("role", .shortText),
      .one("authority", .codes(CodeLists.agencyRole)),
      .one("contact", .shortText),
      .one("localities", .codes(CodeLists.locality)),
      FieldGroup(
        "training", [Field("cafTrainedOn", .date), Field("refresherDue", .date)],
        rules: [.inOrder("cafTrainedOn", "refresherDue")]),
      FieldGroup(
        "employed", [Field("from", .date), Field("to", .date)], rules: [.inOrder("from", "to")]),
    ])

  static let glossaryTerm = RecordSchema(
    "glossaryTerm", "What an agency means by a word", in: [.glossary],
    [
      FieldGroup(
        "term",
        [
          Field("term", .shortText, required: true), Field("meaning", .longText, required: true),
        ], required: true),
      .one("agency", .identifier),
    ])

  /// Each version is a record of its own and never changes: consent names the version explained.
  static let agreementText = RecordSchema(
    "agreementText", "The sharing agreement in plain words, one version", in: [.agreement],
    [
      FieldGroup(
        "summary",
        [
          Field("version", .shortText, required: true), Field("title", .shortText),
          Field("text", .longText, required: true), Field("validFrom", .date, required: true),
          Field("language", .shortText),
        ], required: true)
    ])
}

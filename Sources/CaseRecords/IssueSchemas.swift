/// The issues log of a locality and its ECM group. A case is named by its CAF reference here, and
/// never by a child's name.
enum IssueSchemas {
  static let all = [
    issue, issueEscalation, issueResponse, ecmMeeting, ecmAttendance, ecmAgendaItem,
  ]

  static let issue = RecordSchema(
    "issue", "Something in the way of the work, raised for the ladder above", in: [.issues],
    [
      FieldGroup(
        "raised",
        [
          Field("on", .date, required: true), Field("agency", .identifier),
          Field("by", .shortText), Field("locality", .code(CodeLists.locality), required: true),
        ], required: true),
      .one("cafReference", .shortText),
      .one("process", .shortText),
      .one("issue", .longText, required: true),
      .one("tool", .shortText),
      .one("severity", .code(CodeLists.issueSeverity)),
      .one("level", .code(CodeLists.issueLevel)),
      .one("state", .code(CodeLists.issueState)),
      .one("owner", .shortText),
      .one("due", .date),
      .one("originatorToldOn", .date),
    ])

  static let issueEscalation = RecordSchema(
    "issueEscalation", "An issue goes one step up", in: [.issues],
    [
      FieldGroup(
        "escalation",
        [
          Field("issue", .identifier, required: true),
          Field("to", .code(CodeLists.issueLevel), required: true),
          Field("on", .date, required: true), Field("by", .shortText), Field("why", .longText),
        ], required: true)
    ])

  static let issueResponse = RecordSchema(
    "issueResponse", "What came back down", in: [.issues],
    [
      FieldGroup(
        "response",
        [
          Field("issue", .identifier, required: true), Field("on", .date, required: true),
          Field("from", .code(CodeLists.issueLevel)), Field("by", .shortText),
          Field("response", .longText, required: true),
        ], required: true)
    ])

  static let ecmMeeting = RecordSchema(
    "ecmMeeting", "A meeting of the locality's ECM group", in: [.issues],
    [
      FieldGroup(
        "when",
        [
          Field("locality", .code(CodeLists.locality), required: true),
          Field("on", .date, required: true), Field("time", .shortText),
          Field("place", .shortText), Field("convener", .shortText),
        ], required: true),
      .one("notes", .longText),
    ])

  static let ecmAttendance = RecordSchema(
    "ecmAttendance", "Who came to an ECM group meeting", in: [.issues],
    [
      FieldGroup(
        "person",
        [
          Field("meeting", .identifier, required: true), Field("agency", .identifier),
          Field("name", .shortText, required: true),
        ], required: true),
      FieldGroup(
        "attended", [Field("attended", .yesNo, required: true), Field("why", .longText)],
        clearable: true),
    ])

  static let ecmAgendaItem = RecordSchema(
    "ecmAgendaItem", "A case on the agenda: only with consent to be discussed there", in: [.issues],
    [
      FieldGroup(
        "item",
        [
          Field("meeting", .identifier, required: true),
          Field("cafReference", .shortText, required: true),
          Field("consentReference", .shortText, required: true),
        ], required: true),
      .one("contribution", .longText),
      .one("decision", .longText),
      .one("update", .longText),
    ])
}

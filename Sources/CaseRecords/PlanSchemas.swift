import CBOR

/// What was concluded, who meets, who does what by when, and what the family says about it.
enum PlanSchemas {
  static let all = [conclusion, action, tacMeeting, tacInvitation, comment]

  static let conclusion = RecordSchema(
    "conclusion", "The conclusions of an assessment and the family's view of them", in: [.plan],
    [
      .one("assessment", .identifier),
      .one("conclusions", .longText),
      .one("howThingsWillLook", .longText),
      .one("reviewOn", .date),
      .one("familyPriority", .longText),
      .one("childComment", .longText),
      .one("parentComment", .longText),
      FieldGroup(
        "familyAgrees", [Field("agrees", .yesNo, required: true), Field("why", .longText)],
        clearable: true),
    ])

  static let action = RecordSchema(
    "action", "One thing to be done: outcome wanted, owner, due date, what came of it", in: [.plan],
    [
      .one("outcomeWanted", .longText),
      .one("ecmOutcome", .code(CodeLists.ecmOutcome)),
      .one("action", .longText),
      FieldGroup(
        "owner",
        [
          Field("agency", .identifier), Field("practitioner", .identifier),
          Field("name", .shortText, required: true), Field("contact", .shortText),
        ], required: true),
      .one("due", .date),
      FieldGroup(
        "status",
        [Field("status", .code(CodeLists.actionStatus), required: true), Field("on", .date)]),
      .one("progress", .longText),
      .one("outcome", .longText),
      FieldGroup("strength", [Field("element", .identifier), Field("strength", .longText)]),
      .one("need", .code(CodeLists.need)),
      .one("forChildren", .identifiers),
    ])

  static let tacMeeting = RecordSchema(
    "tacMeeting", "A meeting of the Team Around the Child", in: [.plan],
    [
      FieldGroup(
        "when",
        [
          Field("on", .date, required: true), Field("time", .shortText), Field("place", .shortText),
        ], required: true),
      FieldGroup(
        "convener",
        [
          Field("agency", .identifier), Field("name", .shortText, required: true),
          Field("contact", .shortText),
        ], required: true),
      FieldGroup(
        "family",
        [
          Field("invited", .yesNo, required: true), Field("present", .yesNo),
          Field("whyNot", .longText),
        ],
        rules: [
          .when("invited", is: .bool(false), needs: "whyNot"),
          .when("present", is: .bool(false), needs: "whyNot"),
        ], required: true),
      .one("views", .longText),
      .one("decisions", .longText),
      .one("dissent", .longText),
      .one("nextReview", .date),
    ])

  static let tacInvitation = RecordSchema(
    "tacInvitation", "One person's invitation to a meeting, the reply, the attendance", in: [.plan],
    [
      FieldGroup(
        "invited",
        [
          Field("meeting", .identifier, required: true), Field("agency", .identifier),
          Field("practitioner", .identifier), Field("name", .shortText, required: true),
          Field("on", .date),
        ], required: true),
      FieldGroup(
        "reply", [Field("reply", .code(CodeLists.reply), required: true), Field("on", .date)],
        clearable: true),
      FieldGroup(
        "attended", [Field("attended", .yesNo, required: true), Field("why", .longText)],
        clearable: true),
    ])

  static let comment = RecordSchema(
    "comment", "What a person says about the plan", in: [.plan],
    [
      FieldGroup(
        "comment",
        [
          Field("by", .code(CodeLists.commentBy), required: true), Field("name", .shortText),
          Field("on", .date), Field("text", .longText, required: true),
        ], required: true),
      .one("about", .identifier),
    ])
}

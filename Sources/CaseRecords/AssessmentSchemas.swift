import CBOR

/// The Common Assessment, its elements, what specialists add, and what stays with the agency.
enum AssessmentSchemas {
  static let all = [
    assessment, assessmentPerson, workingService, element, specialistAssessment, specialistAnswer,
    preCAF, note,
  ]

  static let assessment = RecordSchema(
    "assessment", "One Common Assessment: its frame, without the elements", in: [.development],
    [
      FieldGroup(
        "started",
        [
          Field("on", .date, required: true), Field("agency", .identifier, required: true),
          Field("practitioner", .identifier), Field("assessor", .shortText),
          Field("contact", .shortText),
        ], required: true),
      .one("ledTo", .longText),
      FieldGroup(
        "state",
        [
          Field("state", .code(CodeLists.assessmentState), required: true), Field("on", .date),
          Field("closureReason", .code(CodeLists.closureReason)),
        ],
        rules: [.when("state", is: .text("closed"), needs: "closureReason")], required: true),
      .one("version", .count(atMost: 9_999)),
      .one("visits", .texts),
      .one("homeAndFamilyState", .code(CodeLists.sectionState)),
      .one("conclusionsState", .code(CodeLists.sectionState)),
      .one("reviewDue", .date),
    ])

  static let assessmentPerson = RecordSchema(
    "assessmentPerson", "Who was present, assessed or wrote with others", in: [.development],
    [
      .one("assessment", .identifier, required: true),
      FieldGroup(
        "person",
        [
          Field("name", .shortText, required: true),
          Field("role", .code(CodeLists.personRole), required: true),
          Field("agency", .identifier), Field("contact", .shortText),
        ], required: true),
    ])

  static let workingService = RecordSchema(
    "workingService", "A service working with the child, as the assessment names it",
    in: [.development],
    [
      .one("assessment", .identifier, required: true),
      FieldGroup(
        "service",
        [
          Field("name", .shortText, required: true), Field("agency", .identifier),
          Field("practitioner", .shortText), Field("contact", .shortText),
        ], required: true),
      .one("involvement", .identifier),
    ])

  /// Strengths, needs, evidence and a differing view are registers apart: a school and a health
  /// visitor fill one element together, offline, and nothing collides unless they write in the
  /// same box.
  static let element = RecordSchema(
    "element", "One element of the assessment (CAFElement says which compartment holds which)",
    in: [.development, .health, .parenting],
    [
      FieldGroup(
        "about",
        [
          Field("assessment", .identifier, required: true),
          Field("element", .code(CodeLists.elements), required: true),
        ], required: true),
      .one("state", .code(CodeLists.sectionState)),
      .one("strengths", .longText),
      .one("needs", .longText),
      FieldGroup(
        "evidence",
        [
          Field("source", .code(CodeLists.evidenceSource)), Field("evidence", .longText),
          Field("involvement", .identifier),
        ]),
      FieldGroup("differingView", [Field("view", .longText), Field("whose", .shortText)]),
      .one("needCodes", .codes(CodeLists.need)),
    ])

  static let specialistAssessment = RecordSchema(
    "specialistAssessment",
    "An assessment of another service: that it exists, who holds it, "
      + "how old it is", in: [.development, .health, .parenting, .sensitive],
    [
      FieldGroup(
        "assessment",
        [
          Field("title", .shortText, required: true), Field("on", .date),
          Field("holder", .identifier), Field("holderName", .shortText),
          Field("contact", .shortText),
        ], required: true),
      .one("outOfDateAfter", .date),
      .one("summary", .longText),
    ])

  static let specialistAnswer = RecordSchema(
    "specialistAnswer", "The answer to a service's extra question: only what the CAF lacks",
    in: [.development, .health, .parenting, .sensitive],
    [
      FieldGroup(
        "question",
        [
          Field("service", .identifier), Field("question", .shortText, required: true),
          Field("prefilledFrom", .code(CodeLists.elements)),
        ], required: true),
      .one("answer", .longText),
    ])

  /// Five questions and three more: each is answered by itself.
  static let preCAF = RecordSchema(
    "preCAF", "The checklist that decides whether a CAF is worth doing; never leaves the replica",
    in: [.private],
    [
      FieldGroup(
        "made", [Field("on", .date, required: true), Field("practitioner", .identifier)],
        required: true),
      .one("state", .code(CodeLists.preCAFState)),
      .one("healthy", .code(CodeLists.checkAnswer)),
      .one("safeFromHarm", .code(CodeLists.checkAnswer)),
      .one("learningAndDeveloping", .code(CodeLists.checkAnswer)),
      .one("positiveEffectOnOthers", .code(CodeLists.checkAnswer)),
      .one("freeFromPoverty", .code(CodeLists.checkAnswer)),
      .one("servicesNeeded", .longText),
      .one("canProvide", .code(CodeLists.checkAnswer)),
      .one("cafNext", .code(CodeLists.checkAnswer)),
    ])

  static let note = RecordSchema(
    "note", "The agency's own dated note", in: [.private, .sensitive],
    [
      FieldGroup(
        "note",
        [
          Field("on", .date, required: true), Field("title", .shortText),
          Field("text", .longText, required: true),
        ], required: true)
    ])
}

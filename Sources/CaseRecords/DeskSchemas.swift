/// Between the hub and one agency, one compartment for each thread: enquiries and their answers,
/// prompts, notices. Made offline like any other record; the answer arrives like any other record.
enum DeskSchemas {
  static let all = [enquiry, enquiryAnswer, prompt, notice]

  static let enquiry = RecordSchema(
    "enquiry", "An agency asks the Child Index about a child", in: [.desk],
    [
      FieldGroup(
        "subject",
        [
          Field("given", .shortText), Field("family", .shortText), Field("otherNames", .texts),
          Field("dateOfBirth", .date),
          Field("estimatedAge", .count(atMost: RecordLimits.estimatedAgeYears)),
        ],
        rules: [
          .atLeastOne(["given", "family"]), .atMostOne(["dateOfBirth", "estimatedAge"]),
        ], required: true),
      FieldGroup(
        "reason",
        [
          Field("reason", .code(CodeLists.enquiryReason), required: true),
          Field("detail", .longText),
        ], required: true),
      // With the family's consent, or with an override and its reason; never with neither.
      FieldGroup(
        "basis",
        [
          Field("consentReference", .shortText), Field("overrideReason", .longText),
          Field("decidedBy", .shortText),
        ],
        rules: [
          .exactlyOne(["consentReference", "overrideReason"]),
          .together("overrideReason", needs: "decidedBy"),
        ], required: true),
      FieldGroup(
        "asked",
        [
          Field("on", .instant, required: true), Field("practitioner", .identifier),
          Field("by", .shortText),
        ], required: true),
    ])

  static let enquiryAnswer = RecordSchema(
    "enquiryAnswer", "The hub's answer: existence and a contact, never content", in: [.desk],
    [
      // One register: an answer is true as of one moment, with the coverage of that moment.
      FieldGroup(
        "answer",
        [
          Field("enquiry", .identifier, required: true),
          Field("outcome", .code(CodeLists.enquiryOutcome), required: true),
          Field("cafStatus", .code(CodeLists.cafStatus)), Field("leadName", .shortText),
          Field("leadContact", .shortText),
          Field("agenciesReporting", .count(atMost: RecordLimits.agencies), required: true),
          Field("agenciesTotal", .count(atMost: RecordLimits.agencies), required: true),
          Field("oldestSyncAgencyName", .shortText),
          Field("oldestSyncDays", .count(atMost: RecordLimits.days)),
          Field("asOf", .instant, required: true), Field("expires", .instant, required: true),
        ],
        required: true, hubOnly: true)
    ])

  static let prompt = RecordSchema(
    "prompt", "The hub asks the agency to do something", in: [.desk],
    [
      FieldGroup(
        "prompt",
        [
          Field("text", .code(CodeLists.prompt), required: true), Field("parameters", .parameters),
          Field("child", .identifier), Field("on", .instant, required: true),
        ],
        required: true, hubOnly: true),
      answered,
    ])

  static let notice = RecordSchema(
    "notice", "The hub tells the agency something", in: [.desk],
    [
      FieldGroup(
        "notice",
        [
          Field("text", .code(CodeLists.notice), required: true), Field("parameters", .parameters),
          Field("child", .identifier), Field("on", .instant, required: true),
        ],
        required: true, hubOnly: true),
      answered,
    ])

  private static let answered = FieldGroup(
    "state",
    [
      Field("state", .code(CodeLists.deskState), required: true), Field("by", .shortText),
      Field("on", .instant), Field("why", .longText),
    ])
}

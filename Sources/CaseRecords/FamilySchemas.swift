/// The household: family members and carers, the home, and the link between siblings.
enum FamilySchemas {
  static let all = [familyMember, home, familyLink]

  static let familyMember = RecordSchema(
    "familyMember", "A parent, carer, brother, sister or other member of the family",
    in: [.household],
    [
      FieldGroup(
        "name", [Field("given", .shortText), Field("family", .shortText)],
        rules: [.atLeastOne(["given", "family"])], required: true),
      .one("relationship", .code(CodeLists.relationship), required: true),
      .one("parentalResponsibility", .code(CodeLists.parentalResponsibility), required: true),
      .one("isCarer", .yesNo),
      .one("livesHere", .yesNo),
      FieldGroup(
        "birth",
        [
          Field("dateOfBirth", .date), Field("estimatedAge", .count(atMost: 120)),
          Field("estimatedOn", .date),
        ],
        rules: [
          .atMostOne(["dateOfBirth", "estimatedAge"]),
          .together("estimatedAge", needs: "estimatedOn"),
        ]),
      .one("contact", .shortText),
      // The sibling's school and services, so that the plan of one child shows the others.
      .one("school", .shortText),
      .one("services", .texts),
      .one("child", .identifier),
    ])

  static let home = RecordSchema(
    "home", "The family and home as they are now", in: [.household],
    [
      .one("description", .longText),
      .one("languages", .texts),
      .one("interpreterNeeded", .yesNo),
    ])

  static let familyLink = RecordSchema(
    "familyLink",
    "That children are of one family: the household is written once, consent stays "
      + "with each child", in: [.household],
    [
      .one("family", .identifier, required: true),
      // The sibling in whose compartment the household is written.
      .one("writtenWith", .identifier),
    ])
}

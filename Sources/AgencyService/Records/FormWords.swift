import CaseRecords

/// What a form calls things. Where nothing better is written here, the schema's own names are said
/// in plain words.
enum FormWords {
  static func title(of kind: String, element: CAFElement?) -> String {
    element?.label ?? titles[kind] ?? capitalised(PlainWords.fromName(kind))
  }

  /// What a group asks.
  static func label(_ kind: String, _ group: String) -> String {
    labels["\(kind).\(group)"] ?? capitalised(PlainWords.fromName(group))
  }

  /// What a field asks; a group of one field is asked once.
  static func label(_ kind: String, _ group: String, _ field: String) -> String {
    labels["\(kind).\(group).\(field)"]
      ?? (group == field ? label(kind, group) : capitalised(PlainWords.fromName(field)))
  }

  static func hint(_ kind: String, _ group: String, _ field: String) -> String {
    hints["\(kind).\(group).\(field)"] ?? hints["\(kind).\(group)"] ?? ""
  }

  static func guidance(of place: RecordPlace) -> [String] {
    if let element = place.element { return ElementGuidance.prompts(for: element) }
    return guidance[place.schema.kind] ?? []
  }

  private static func capitalised(_ words: String) -> String {
    words.prefix(1).uppercased() + words.dropFirst()
  }

  private static let titles = [
    "child": "The child's details", "involvement": "Our work with the child",
    "leadProfessional": "Lead professional: deputy and absence", "address": "Address",
    "phone": "Phone number", "familyMember": "Member of the family", "home": "The home",
    "assessment": "How the assessment began", "assessmentPerson": "Who took part",
    "workingService": "A service working with the child", "conclusion": "Conclusions",
    "specialistAssessment": "A specialist assessment", "specialistAnswer": "A service's question",
    "preCAF": "Pre-CAF checklist", "note": "Private note", "action": "Action",
    "tacMeeting": "Meeting of the Team Around the Child", "tacInvitation": "Invitation",
    "comment": "What somebody says about the plan",
  ]

  private static let labels = [
    "assessment.ledTo": "What led to this assessment?",
    "assessment.visits": "Visits: date and who was there",
    "assessment.reviewDue": "To be reviewed on",
    "assessment.homeAndFamilyState": "Home and family: how far it is",
    "assessment.conclusionsState": "Conclusions: how far they are",
    "element.state": "How far this section is",
    "element.strengths": "Strengths",
    "element.needs": "Needs",
    "element.evidence": "Where this comes from",
    "element.evidence.source": "How it is known",
    "element.evidence.involvement": "From whose work with the child",
    "action.strength.element": "From which section",
    "element.evidence.evidence": "What was seen or said",
    "element.differingView": "Somebody sees it differently",
    "element.differingView.view": "What they say",
    "element.differingView.whose": "Who",
    "element.needCodes": "Needs that services help with",
    "conclusion.conclusions": "What was concluded?",
    "conclusion.howThingsWillLook": "How will things look at the review?",
    "conclusion.reviewOn": "Review on",
    "conclusion.familyPriority": "What matters most to the family?",
    "conclusion.childComment": "What the child or young person says",
    "conclusion.parentComment": "What the parent or carer says",
    "conclusion.familyAgrees": "Does the family agree?",
    "conclusion.familyAgrees.agrees": "The family agrees",
    "conclusion.familyAgrees.why": "If not, why not",
    "action.outcomeWanted": "What should be better afterwards?",
    "action.ecmOutcome": "Every Child Matters outcome",
    "action.action": "What will be done?",
    "action.owner": "Who will do it?",
    "action.owner.name": "Name",
    "action.due": "By when?",
    "action.status.on": "As of",
    "action.strength.strength": "The strength that it builds on",
    "action.strength": "Strength",
    "action.outcome": "What came of it",
    "tacMeeting.when": "When and where",
    "tacMeeting.when.on": "Date",
    "tacMeeting.family": "The family",
    "tacMeeting.family.invited": "The family is invited",
    "tacMeeting.family.present": "The family was there",
    "tacMeeting.family.whyNot": "If not, why not",
    "tacMeeting.views": "What was said",
    "tacMeeting.dissent": "What was not agreed",
    "tacInvitation.invited": "Who is invited",
    "tacInvitation.attended.attended": "Was there",
    "tacInvitation.attended": "Attendance",
    "tacInvitation.attended.why": "If not, why not",
    "familyMember.isCarer": "Cares for the child",
    "familyMember.livesHere": "Lives in this household",
    "familyMember.services": "Services they have",
    "familyMember.birth.estimatedAge": "Age in years, if the date is not known",
    "home.description": "The family and home as they are now",
    "child.birth": "Birth",
    "child.birth.estimatedAge": "Age in years, if the date is not known",
    "child.birth.expectedDate": "Expected on, if not yet born",
    "child.gp": "GP", "child.upn": "UPN", "child.nhsNumber": "NHS number",
    "child.gp.state": "GP", "child.dentist.state": "Dentist", "child.nursery.state": "Nursery",
    "involvement.contacts.contacts12Months": "Contacts in the last 12 months",
    "involvement.contacts.asOf": "Counted on",
    "involvement.usedInCAF": "Used in the CAF",
    "involvement.official": "Official or unofficial",
    "preCAF.healthy": "Is the child healthy?",
    "preCAF.safeFromHarm": "Is the child safe from harm?",
    "preCAF.learningAndDeveloping": "Is the child learning and developing?",
    "preCAF.positiveEffectOnOthers": "Does the child have a positive effect on others?",
    "preCAF.freeFromPoverty": "Is the child free from the effects of poverty?",
    "preCAF.servicesNeeded": "Which services are needed?",
    "preCAF.canProvide": "Can you provide them?",
    "preCAF.cafNext": "Is a CAF next?",
    "preCAF.state": "This checklist is",
    "note.note.on": "Date", "note.note": "Note",
    "leadProfessional.deputy": "Deputy", "leadProfessional.absence": "Absence",
  ]

  private static let hints = [
    "assessment.visits": "One on each line",
    "child.otherNames": "One on each line",
    "familyMember.services": "One on each line",
    "home.languages": "One on each line",
    "element.strengths": "What is going well, in plain words",
    "element.needs": "What is difficult, in plain words",
    "conclusion.childComment": "In their own words",
    "conclusion.parentComment": "In their own words",
    "phone.safeToCall": "When and how it is safe to call",
    "tacMeeting.family.whyNot": "Needed when the family is not invited, or was not there",
  ]

  private static let guidance = [
    "preCAF": [
      "The checklist helps to decide whether a CAF is worth doing. It stays on this device and is "
        + "deleted if no CAF follows."
    ],
    "home": [
      "Who lives there, how they get on, and what has changed lately. It is written once for all "
        + "children of the family."
    ],
    "tacMeeting": [
      "The family is invited to every meeting, or there is a reason why not. The lead professional "
        + "is invited always."
    ],
  ]
}

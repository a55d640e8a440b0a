/// Every code list of the records, with its words. A code is never reused and never changes its
/// meaning; a list may grow. The domain's own wording is kept where it has one.
package enum CodeLists {
  package static let all: [CodeList] = [
    life, sex, ethnicity, knownState, involvementStatus, official, cafStatus, assessmentState,
    closureReason, sectionState, evidenceSource, elementsPart1, elementsPart2, elementsPart3,
    elements, personRole, relationship, parentalResponsibility, capacityBasis, leadBasis,
    acceptance, ecmOutcome, actionStatus, reply, commentBy, checkAnswer, preCAFState, enquiryReason,
    enquiryOutcome, deskState, prompt, notice, serviceStatus, need, sector, locality, agencyRole,
    issueLevel, issueSeverity, issueState, rollEnd, phoneUse, addressUse,
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  package static func named(_ name: String) -> CodeList? { byName[name] }

  // Of every record
  package static let life = CodeList("life", ["present": "Present", "removed": "Removed"])

  // The child
  package static let sex = CodeList(
    "sex", ["male": "Male", "female": "Female", "unknown": "Not known"])
  /// The 16 + 1 codes of the NHS and the schools census, from the census of 2001.
  package static let ethnicity = CodeList(
    "ethnicity",
    [
      "A": "White: British", "B": "White: Irish", "C": "White: any other background",
      "D": "Mixed: White and Black Caribbean", "E": "Mixed: White and Black African",
      "F": "Mixed: White and Asian", "G": "Mixed: any other background",
      "H": "Asian or Asian British: Indian", "J": "Asian or Asian British: Pakistani",
      "K": "Asian or Asian British: Bangladeshi", "L": "Asian or Asian British: any other",
      "M": "Black or Black British: Caribbean", "N": "Black or Black British: African",
      "P": "Black or Black British: any other", "R": "Chinese", "S": "Any other ethnic group",
      "Z": "Not stated",
    ])
  package static let knownState = CodeList(
    "knownState", ["known": "Has one", "none": "Has none", "unknown": "Not known"])
  package static let rollEnd = CodeList(
    "rollEnd",
    [
      "nextSchool": "Moved to another school", "excluded": "Excluded", "left": "Left, age 16+",
      "movedAway": "Moved away", "homeEducated": "Taught at home", "unknown": "Not known",
    ])
  package static let locality = CodeList(
    "locality",
    [
      "batley": "Batley", "dewsbury": "Dewsbury", "huddersfieldSouth": "Huddersfield South",
      "elsewhereKirklees": "Elsewhere in Kirklees", "calderdale": "Calderdale",
      "wakefield": "Wakefield", "elsewhere": "Elsewhere",
    ])
  package static let phoneUse = CodeList(
    "phoneUse", ["home": "Home", "mobile": "Mobile", "work": "Work", "other": "Other"])
  package static let addressUse = CodeList(
    "addressUse", ["home": "Home", "temporary": "Temporary", "other": "Other", "past": "Past"])

  // Involvement and lead
  package static let involvementStatus = CodeList(
    "involvementStatus", ["active": "Active", "past": "Past"])
  package static let official = CodeList(
    "official", ["official": "Official", "unofficial": "Unofficial"])
  package static let leadBasis = CodeList(
    "leadBasis",
    [
      "completedCAF": "Completed the CAF", "mostContact": "Has most contact with the family",
      "convenedTAC": "Convened the Team Around the Child", "familyChoice": "The family's choice",
      "other": "Other",
    ])
  package static let acceptance = CodeList(
    "acceptance", ["asked": "Asked", "accepted": "Accepted", "declined": "Declined"])
  package static let cafStatus = CodeList(
    "cafStatus",
    ["inProgress": "In progress", "complete": "Complete", "closed": "Closed"])

  // The assessment
  package static let assessmentState = CodeList(
    "assessmentState",
    [
      "draft": "Draft", "complete": "Complete", "inReview": "In review", "closed": "Closed",
      "reopened": "Reopened",
    ])
  package static let closureReason = CodeList(
    "closureReason",
    [
      "needsMet": "The needs are met", "disengaged": "The family no longer takes part",
      "consentWithdrawn": "Consent was withdrawn",
      "movedAuthority": "Moved to another authority",
      "movedToSocialCare": "Moved to social care",
    ])
  package static let sectionState = CodeList(
    "sectionState",
    [
      "untouched": "Not started", "started": "Started", "done": "Done", "notNeeded": "Not needed",
    ])
  package static let evidenceSource = CodeList(
    "evidenceSource",
    [
      "observed": "Observed", "saidByFamily": "Said by the family",
      "fromInvolvement": "From an agency's involvement",
    ])
  package static let elementsPart1 = CAFElement.codeList(part: 1)
  package static let elementsPart2 = CAFElement.codeList(part: 2)
  package static let elementsPart3 = CAFElement.codeList(part: 3)
  package static let elements = CodeList("element", CAFElement.codes(CAFElement.allCases))
  package static let personRole = CodeList(
    "personRole",
    [
      "present": "Was present", "assessor": "Assessor", "coAuthor": "Co-author",
      "leadProfessional": "Lead professional", "child": "Child or young person",
      "parentOrCarer": "Parent or carer",
    ])
  package static let preCAFState = CodeList(
    "preCAFState", ["saved": "Saved", "skipped": "Skipped", "discarded": "Discarded"])
  package static let checkAnswer = CodeList(
    "checkAnswer", ["yes": "Yes", "no": "No", "notSure": "Not sure"])

  // The family
  package static let relationship = CodeList(
    "relationship",
    [
      "mother": "Mother", "father": "Father", "stepParent": "Step-parent",
      "grandparent": "Grandparent", "sibling": "Brother or sister",
      "halfSibling": "Half-brother or half-sister", "auntOrUncle": "Aunt or uncle",
      "fosterCarer": "Foster carer", "partner": "Partner of the young person",
      "ownChild": "Child of the young person", "otherRelative": "Other relative",
      "other": "Other",
    ])
  package static let parentalResponsibility = CodeList(
    "parentalResponsibility", ["yes": "Yes", "no": "No", "unknown": "Not known"])
  package static let capacityBasis = CodeList(
    "capacityBasis",
    [
      "sixteenOrOver": "16 or over", "competentUnderSixteen": "Under 16 and competent to decide",
      "parentalResponsibility": "Has parental responsibility", "other": "Other",
    ])

  // The plan
  package static let ecmOutcome = CodeList(
    "ecmOutcome",
    [
      "beHealthy": "Be healthy", "staySafe": "Stay safe", "enjoyAndAchieve": "Enjoy and achieve",
      "positiveContribution": "Make a positive contribution",
      "economicWellbeing": "Achieve economic wellbeing",
    ])
  package static let actionStatus = CodeList(
    "actionStatus",
    [
      "open": "To do", "started": "Started", "done": "Done", "dropped": "Dropped",
    ])
  package static let reply = CodeList(
    "reply",
    [
      "notYet": "No reply yet", "accepted": "Coming", "declined": "Not coming",
      "sendsReport": "Sends a report",
    ])
  package static let commentBy = CodeList(
    "commentBy",
    ["child": "Child or young person", "parent": "Parent or carer", "practitioner": "Practitioner"])

  // Between the hub and one agency
  package static let enquiryReason = CodeList(
    "enquiryReason",
    [
      "beforeCAF": "Before a CAF is started", "concern": "A concern about the child",
      "newReferral": "A new referral", "meeting": "To prepare a meeting",
      "movedIn": "The family has moved here", "other": "Other",
    ])
  package static let enquiryOutcome = CodeList(
    "enquiryOutcome",
    [
      "knownCAF": "The child is known, with a CAF",
      "knownNoCAF": "The child is known, without a CAF",
      // What an unknown child and one known only to a sensitive service have in common.
      "noEntry": "No entry that can be shared",
      "severalPossible": "Several children may be meant: ask with a date of birth",
      "basisMissing": "Not answered: give the family's consent, or an override with its reason",
    ])
  package static let deskState = CodeList(
    "deskState", ["open": "Open", "done": "Done", "declined": "Declined"])
  package static let prompt = CodeList(
    "prompt",
    [
      "discussWithAgencies": "Discuss with the agencies involved, with the family's consent",
      "confirmInvolvement": "Confirm that your involvement is still right",
      "acceptLead": "You are asked to be lead professional: accept or decline",
      "chaseRoll": "A place on a school roll ended with no next school: find out more",
      "chooseLead": "This child has no lead professional: agree on one",
      "reviewShield": "A shield on whereabouts is due for review",
      "reviewPlan": "A plan is due for review",
    ])
  package static let notice = CodeList(
    "notice",
    [
      "enquiryMade": "An agency was told that the child is known and who leads",
      "cafAlsoStarted": "Another agency has started a CAF for the same child",
      "quarantined": "A change is kept apart until a person decides",
      "quarantineReleased": "A change that was kept apart now stands in the record",
      "quarantineReturned": "A change that was kept apart was returned: take it up or discard it",
      "consentByOther": "Another agency has recorded a consent or override for the child",
      "consentStale": "A consent did not know of a withdrawal: ask the family again",
      "duplicateSupport": "Two practitioners of one service work with the family",
      "issueResponded": "An issue that you raised has a response",
    ])

  // The directory and the practitioners
  package static let serviceStatus = CodeList(
    "serviceStatus",
    [
      "active": "Active", "inactive": "Inactive", "defunct": "Defunct",
      "temporarilyClosed": "Temporarily closed",
    ])
  package static let need = CodeList(
    "need",
    [
      "behaviour": "Children's behaviour", "parentSupport": "Parent support",
      "feeding": "Feeding children", "attendance": "School attendance and truancy",
      "money": "Money, benefits and rent arrears", "home": "Unsafe home or eviction",
      "noDoctor": "No GP or dentist", "violence": "Violence at home",
      "grandparents": "Grandparents caring", "isolation": "Feeling isolated or unsafe",
      "emotional": "Emotional wellbeing", "excluded": "Excluded or between schools",
      "slowDevelopment": "Slow to develop (under 5)",
      "holidays": "Things to do in the holidays", "youngParents": "Young parents",
      "goods": "Household goods",
    ])
  package static let sector = CodeList(
    "sector",
    [
      "council": "Council service", "health": "Health", "school": "School", "police": "Police",
      "youthJustice": "Youth justice", "housing": "Housing", "voluntary": "Voluntary sector",
      "careers": "Connexions", "earlyYears": "Early years", "other": "Other",
    ])
  package static let agencyRole = CodeList(
    "agencyRole",
    [
      "practitioner": "Practitioner", "manager": "Manager", "indexStaff": "Child Index staff",
      "coordinator": "Family support coordinator", "administrator": "Administrator",
    ])

  // The issues log
  package static let issueLevel = CodeList(
    "issueLevel",
    [
      "ecmGroup": "ECM group", "lpig": "Local managers' group (LPIG)",
      "iwpBoard": "Integrated Working Pilot board", "ecmBoard": "ECM board",
      "lpsb": "Local Public Service Board",
    ])
  package static let issueSeverity = CodeList(
    "issueSeverity", ["low": "Low", "medium": "Medium", "high": "High"])
  package static let issueState = CodeList(
    "issueState", ["open": "Open", "escalated": "Escalated", "closed": "Closed"])
}

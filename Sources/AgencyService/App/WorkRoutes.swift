import HTTPWire
import Operations
import PageServer
import Pages

extension Routes {
  /// The daily work around a child: who leads, what others know, what is asked of one.
  static let work: [Route] = [
    .get("children", "*", "lead") { visit, arguments in
      visit.leadPage(arguments[0], status: 200, .blank)
    },
    .post("children", "*", "lead") { visit, arguments in
      let input = visit.signed(
        Visit.leadFields, and: ["child": arguments[0]])
      visit.change(
        ("lead-set", input), next: { _ in LocalPath("children", arguments[0], "lead") },
        refused: { error, _ in
          visit.leadPage(
            arguments[0], status: error.httpStatus, visit.filled(error, within: Visit.leadFields))
        })
    },
    .post("children", "*", "lead", "*", "answer") { visit, arguments in
      guard let answer = visit.form["answer"], ["accept", "decline"].contains(answer) else {
        return visit.refuseLead(Visit.noAnswer, of: arguments[0])
      }
      let input = visit.signed([], and: ["child": arguments[0], "record": arguments[1]])
        .with("decline", .bool(answer == "decline"))
      visit.changeLead("lead-accept", input, of: arguments[0])
    },
    .post("children", "*", "lead", "*", "end") { visit, arguments in
      var about = ["child": arguments[0], "record": arguments[1]]
      about["on"] = visit.form["on-" + arguments[1]]
      visit.changeLead("lead-end", visit.signed([], and: about), of: arguments[0])
    },
    .get("enquiries") { visit, _ in
      visit.show([("check-list", [:])]) { EnquiryPages.list($0, $1[0]) }
    },
    .get("enquire") { visit, _ in visit.enquiryForm(status: 200, .blank) },
    .post("enquire") { visit, _ in visit.enquire() },
    .get("tasks", "*") { visit, arguments in visit.taskPage(arguments[0], status: 200, .blank) },
    .post("tasks", "*") { visit, arguments in
      visit.change(
        ("task-answer", visit.signed(["state", "why"], and: ["task": arguments[0]])),
        next: { _ in LocalPath() },
        refused: { error, _ in
          visit.taskPage(
            arguments[0], status: error.httpStatus, visit.filled(error, within: ["why"]))
        })
    },
  ]
}

extension Visit {
  fileprivate static let leadFields = ["agency", "name", "contact", "basis", "inPlaceOf"]
  private static let enquiryFields = [
    "given", "family", "dateOfBirth", "estimatedAge", "reason", "detail", "consent", "override",
    "decidedBy",
  ]

  // MARK: Lead professional

  fileprivate func leadPage(_ child: String, status: Int, _ filled: Filled) {
    let about: JSON = ["child": .string(child)]
    show(
      [("child-revision", about), ("lead-list", about), ("worklist", signed([]))], status: status
    ) {
      LeadPage.page($0, $1[1], roles: $1[2]["leadRoles"] ?? [:], revision: $1[0], filled)
    }
  }

  fileprivate func changeLead(_ name: String, _ input: JSON, of child: String) {
    change(
      (name, input), next: { _ in LocalPath("children", child, "lead") },
      refused: { error, _ in refuseLead(error, of: child) })
  }

  fileprivate func refuseLead(_ error: OperationError, of child: String) {
    leadPage(
      child, status: error.httpStatus,
      .blank(Filled.Problem(field: nil, sentence: error.sentence)))
  }

  // MARK: Enquiries

  fileprivate func enquiryForm(status: Int, _ filled: Filled) {
    show([("check-form", [:])], status: status) { EnquiryPages.form($0, $1[0], filled) }
  }

  fileprivate func enquire() {
    // From the page that found nobody: what was typed there goes along.
    guard form["step"] != "ask" else { return enquiryForm(status: 200, asTyped) }
    change(
      ("check", signed(Self.enquiryFields)),
      next: { answer in
        let children = answer["children"]?.arrayValue ?? []
        return children.count == 1
          ? LocalPath("children", children[0]["child"]?.stringValue ?? "") : LocalPath("enquiries")
      },
      refused: { error, _ in
        enquiryForm(status: error.httpStatus, filled(error, within: Self.enquiryFields))
      })
  }

  // MARK: Tasks

  fileprivate func taskPage(_ task: String, status: Int, _ filled: Filled) {
    show([("task-list", ["all": true])], status: status) { frame, answers in
      let tasks = answers[0]["tasks"]?.arrayValue ?? []
      return TaskPage.page(frame, tasks.first { $0["task"]?.stringValue == task }, filled)
    }
  }

  /// The form as it was sent. Its fields are named as the operation's are, and what a schema finds
  /// in them it calls `group.field`.
  fileprivate func filled(_ error: OperationError, within names: [String]) -> Filled {
    let problems = (error.details?["problems"]?.arrayValue ?? []).map { problem in
      let name = problem["field"]?.stringValue ?? problem["group"]?.stringValue
      return Filled.Problem(
        field: name.flatMap { names.contains($0) ? $0 : nil },
        sentence: problem["sentence"]?.stringValue ?? error.sentence)
    }
    let field = error.field.flatMap { names.contains($0) ? $0 : nil }
    return Filled(
      form.fields,
      problems.isEmpty ? [Filled.Problem(field: field, sentence: error.sentence)] : problems)
  }
}

import HTTPWire
import Operations
import PageServer
import Pages

extension Routes {
  static let assessments: [Route] = [
    .get("children", "*", "caf") { visit, arguments in
      visit.show([("caf-show", ["child": .string(arguments[0])])]) {
        AssessmentPages.overview($0, child: arguments[0], $1[0])
      }
    },
    .post("children", "*", "caf") { visit, arguments in
      visit.change(
        ("caf-start", visit.signed(["ledTo"], and: ["child": arguments[0]])),
        next: { LocalPath("children", arguments[0], "caf", $0["caf"]?.stringValue ?? "") },
        refused: { error, _ in visit.failed(error, nil) })
    },
    .get("children", "*", "caf", "*") { visit, arguments in
      let child: JSON = .string(arguments[0])
      visit.show(
        [
          ("child-revision", ["child": child]),
          ("caf-tasks", ["child": child, "caf": .string(arguments[1])]),
        ]
      ) { AssessmentPages.taskList($0, $1[1], revision: $1[0]) }
    },
    .post("children", "*", "caf", "*", "state") { visit, arguments in
      let input = visit.signed(
        ["state", "closureReason"], and: ["child": arguments[0], "caf": arguments[1]])
      visit.change(
        ("caf-complete", input),
        next: { _ in LocalPath("children", arguments[0], "caf", arguments[1]) },
        refused: { error, _ in visit.failed(error, nil) })
    },
    .get("children", "*", "caf", "*", "print") { visit, arguments in
      let child: JSON = .string(arguments[0])
      let kinds: JSON = .array(Self.printedKinds.map { .string($0) })
      visit.show([
        ("child-revision", ["child": child]),
        ("caf-tasks", ["child": child, "caf": .string(arguments[1])]),
        ("record-list", ["child": child, "kinds": kinds]),
      ]) { PrintPage.page($0, tasks: $1[1], records: $1[2], revision: $1[0]) }
    },
    .get("children", "*", "caf", "*", "child") { visit, arguments in
      visit.childVersion(arguments, .blank, status: 200)
    },
    .post("children", "*", "caf", "*", "child") { visit, arguments in
      visit.saveChildVersion(arguments)
    },
    .get("children", "*", "caf", "*", "entries", "*") { visit, arguments in
      let (child, kind): (JSON, String) = (.string(arguments[0]), arguments[2])
      visit.show([
        ("child-revision", ["child": child]),
        ("record-list", ["child": child, "kinds": [.string(kind)]]),
      ]) {
        RecordListPage.ofAssessment($0, caf: arguments[1], kind: kind, $1[1], revision: $1[0])
      }
    },
    .get("children", "*", "caf", "*", "*") { visit, arguments in
      visit.elementPage(arguments, .blank, status: 200)
    },
    .post("children", "*", "caf", "*", "*") { visit, arguments in visit.saveElement(arguments) },
  ]

  private static let printedKinds = [
    "assessment", "assessmentPerson", "workingService", "familyMember", "home", "element",
    "specialistAssessment", "specialistAnswer", "conclusion", "action", "tacMeeting",
    "tacInvitation", "comment",
  ]
}

extension Visit {
  /// One section of a CAF: the child, the CAF and the element as the address names them.
  fileprivate func elementPage(_ names: [String], _ filled: Filled, status: Int) {
    let about: [String: String] = ["child": names[0], "caf": names[1]]
    let form = signed([], and: about.merging(["kind": "element", "element": names[2]]) { $1 })
    show([("record-form", form), ("caf-tasks", input([], and: about))], status: status) {
      AssessmentPages.elementPage($0, $1[0], tasks: $1[1], filled)
    }
  }

  fileprivate func childVersion(_ names: [String], _ filled: Filled, status: Int) {
    let input = signed([], and: ["child": names[0], "caf": names[1]])
    show([("child-version", input)], status: status) {
      ChildVersionPage.page($0, $1[0], filled)
    }
  }

  fileprivate func saveChildVersion(_ names: [String]) {
    var input = JSON.Object()
    for field in form.fields where field.name != "formToken" {
      input[field.name] = .string(field.value)
    }
    input["child"] = .string(names[0])
    input["caf"] = .string(names[1])
    input["as"] = .string(session.person)
    change(
      ("child-version-write", .object(input)),
      next: { _ in LocalPath("children", names[0], "caf", names[1]) },
      refused: { error, filled in childVersion(names, filled, status: error.httpStatus) })
  }

  fileprivate func saveElement(_ names: [String]) {
    saveRecord(
      child: names[0], kind: "element", record: form["record"] ?? "",
      next: LocalPath("children", names[0], "caf", names[1]))
  }
}

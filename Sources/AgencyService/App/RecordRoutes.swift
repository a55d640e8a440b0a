import HTTPWire
import Operations
import PageServer
import Pages

extension Routes {
  /// Records as forms and as lists, whatever their kind.
  static let records: [Route] = [
    .get("children", "*", "add", "*") { visit, arguments in
      visit.recordForm(child: arguments[0], kind: arguments[1], record: nil)
    },
    .get("children", "*", "records", "*", "*") { visit, arguments in
      visit.recordForm(child: arguments[0], kind: arguments[1], record: arguments[2])
    },
    .post("children", "*", "records", "*", "*") { visit, arguments in
      let (child, kind) = (arguments[0], arguments[1])
      visit.saveRecord(
        child: child, kind: kind, record: arguments[2], next: Visit.back(of: kind, child).path)
    },
    .post("children", "*", "remove", "*", "*") { visit, arguments in
      let (child, kind) = (arguments[0], arguments[1])
      let input = visit.signed([], and: ["child": child, "kind": kind, "record": arguments[2]])
      visit.change(
        ("record-remove", input), next: { _ in Visit.back(of: kind, child).path },
        refused: { error, _ in visit.failed(error, nil) })
    },
    list(
      "plan", "Plan and actions",
      [
        .init(kind: "conclusion", heading: "Conclusions", adding: nil),
        .init(kind: "action", heading: "Actions", adding: "Add an action"),
        .init(
          kind: "tacMeeting", heading: "Meetings of the Team Around the Child",
          adding: "Call a meeting"),
        .init(kind: "tacInvitation", heading: "Invitations and attendance", adding: nil),
        .init(kind: "comment", heading: "What people say about it", adding: "Add a comment"),
      ]),
    list(
      "details", "Details",
      [
        .init(kind: "child", heading: "On the index", adding: nil),
        .init(kind: "involvement", heading: "Who is involved", adding: "Add our work"),
        .init(kind: "address", heading: "Addresses", adding: "Add an address"),
        .init(kind: "phone", heading: "Phone numbers", adding: "Add a number"),
      ]),
    list(
      "pre-caf", "Pre-CAF",
      [.init(kind: "preCAF", heading: "Checklists", adding: "Fill in the checklist")],
      intro: "May be saved, skipped or discarded. It never leaves this device."),
    list(
      "notes", "Private notes",
      [.init(kind: "note", heading: "Notes of this agency", adding: "Write a note")],
      intro: "Only this agency's own; they never leave this device."),
  ]

  private static func list(
    _ address: String, _ title: String, _ parts: [RecordListPage.Part], intro: String = ""
  ) -> Route {
    .get("children", "*", address) { visit, arguments in
      let child: JSON = .string(arguments[0])
      let kinds: JSON = .array(parts.map { .string($0.kind) })
      visit.show(
        [
          ("child-revision", ["child": child]), ("record-list", ["child": child, "kinds": kinds]),
        ]
      ) {
        let said = [intro, $1[1]["keeping"]?.stringValue ?? ""].filter { !$0.isEmpty }
        return RecordListPage.page(
          $0, title, parts, $1[1], revision: $1[0], intro: said.joined(separator: " "))
      }
    }
  }
}

extension Visit {
  /// The page that a record of this kind is part of.
  static func back(of kind: String, _ child: String) -> (name: String, path: LocalPath) {
    let part: (name: String, address: String)? =
      switch kind {
      case "familyMember", "home", "familyLink": ("The family", "family")
      case "conclusion", "action", "tacMeeting", "tacInvitation", "comment":
        ("Plan and actions", "plan")
      case "child", "address", "phone": ("Details", "details")
      case "preCAF": ("Pre-CAF", "pre-caf")
      case "note": ("Private notes", "notes")
      case "leadProfessional": ("Lead professional", "lead")
      case "assessment", "assessmentPerson", "workingService", "specialistAssessment":
        ("The CAF", "caf")
      default: nil
      }
    guard let part else { return ("The child", LocalPath("children", child)) }
    return (part.name, LocalPath("children", child, part.address))
  }

  /// What a form is about, besides its child and its kind.
  private static let context = ["record", "caf", "element", "meeting", "category"]

  fileprivate func recordForm(child: String, kind: String, record: String?) {
    var named = ["child": child, "kind": kind]
    if let record { named["record"] = record }
    show([("record-form", signed(Self.context, and: named))]) { frame, answers in
      Self.page(frame, answers[0], .blank, child: child, kind: kind)
    }
  }

  private static func page(
    _ frame: Page.Frame, _ form: JSON, _ filled: Filled, child: String, kind: String
  ) -> Page {
    RecordPage.page(
      frame, form, filled,
      to: LocalPath("children", child, "records", kind, form["record"]?.stringValue ?? ""),
      back: back(of: kind, child))
  }

  /// Saves a form, for a person who sent it or for the script that does so while they type.
  func saveRecord(child: String, kind: String, record: String, next: LocalPath) {
    let question = ("record-write", recordInput(child: child, kind: kind, record: record))
    guard form["autosave"] == nil else { return autosave(question) }
    change(
      question, next: { _ in next },
      refused: { error, filled in
        let again = signed(Self.context, and: ["child": child, "kind": kind, "record": record])
        app.ask([("record-form", again)]) { result in
          // Where the record is gone, what was typed is still told where it is.
          guard case .success(let answers) = result else {
            return withFrame { frame in failed(error, frame) }
          }
          show([], status: error.httpStatus) { frame, _ in
            Self.page(frame, answers[0], filled, child: child, kind: kind)
          }
        }
      })
  }

  private func autosave(_ question: Question) {
    app.ask([question]) { result in
      switch result {
      case .success(let answers): give(PageResponse.json(200, answers[0]))
      case .failure(let error):
        give(PageResponse.json(error.httpStatus, ["sentence": .string(error.sentence)]))
      }
    }
  }

  func recordInput(child: String, kind: String, record: String) -> JSON {
    var values = JSON.Object()
    var was = JSON.Object()
    for (name, value) in form.fields {
      if name.hasPrefix("was.") {
        was[String(name.dropFirst(4))] = .string(value)
      } else if name.contains(".") {
        // Several answers to one question are one text, an answer on each line.
        let before = values[name]?.stringValue
        values[name] = .string(before.map { $0 + "\n" + value } ?? value)
      }
    }
    // Nothing ticked is sent as nothing: where the form had the question, it was answered so.
    for group in was.names where !values.names.contains(where: { $0.hasPrefix(group + ".") }) {
      values["\(group).\(group)"] = ""
    }
    var input = JSON.Object()
    for name in Self.context + ["seen"] { input[name] = form[name].map { .string($0) } }
    input["child"] = .string(child)
    input["kind"] = .string(kind)
    input["record"] = .string(record)
    input["values"] = .object(values)
    input["was"] = .object(was)
    input["as"] = .string(session.person)
    return .object(input)
  }
}

import CaseRecords
import Causality
import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// The child's version of the CAF: each question is about one box of the assessment, and shows and
/// writes that box. So nothing has to be carried over, and nobody speaks for the child afterwards.
enum ChildVersion {
  struct Question {
    let name: String
    let question: String
    let hint: String
    /// The element whose box it is; nil for the conclusions.
    let element: CAFElement?
    let group: String
  }

  static let questions = [
    Question(
      name: "goodAt", question: "What are you good at? What do you like doing?",
      hint: "At home, at school, anywhere", element: .identity, group: "strengths"),
    Question(
      name: "people", question: "Who helps you? Who do you like to be with?", hint: "",
      element: .relationships, group: "strengths"),
    Question(
      name: "worries", question: "What worries you, or makes you sad or cross?", hint: "",
      element: .emotionalSocialDevelopment, group: "needs"),
    Question(
      name: "school", question: "What is hard at school, nursery or work?", hint: "",
      element: .participation, group: "needs"),
    Question(
      name: "hopes", question: "What do you wish for?", hint: "Soon, or when you are older",
      element: .aspirations, group: "strengths"),
    Question(
      name: "say", question: "What do you want to tell the people who help you?", hint: "",
      element: nil, group: "childComment"),
  ]
}

extension Replica {
  /// The questions, with what stands in their boxes now. A box of a part that is not held here is
  /// not asked, and one in which two answers stand waits for somebody to choose.
  func childVersion(_ input: OperationInput) throws -> JSON {
    let child = try input.required("child")
    let caf = try assessment(of: self.child(child), try input.required("caf"))
    let author = try input.text("as")
    try input.finish()
    let asked = try ChildVersion.questions.compactMap { question in
      try self.asked(question, of: caf, author: author)
    }
    return [
      "child": .string(caf.child.text), "name": .string(try childName(caf.child)),
      "caf": .string(caf.id.text), "questions": .array(asked),
    ]
  }

  private func asked(
    _ question: ChildVersion.Question, of caf: HeldCAF, author: String?
  ) throws -> JSON? {
    let isHeld =
      try caf.custodian == agency
      || held(caf.child).contains {
        $0.compartment.category == (question.element?.category ?? .plan)
          && $0.compartment.custodian == caf.custodian
      }
    guard isHeld else { return nil }
    let form = try recordForm(
      OperationInput(.object(formValues(question, of: caf, author: author))))
    let box = form["boxes"]?.arrayValue?.first { $0["group"]?.stringValue == question.group }
    guard let box, box["isUndecided"] == false else { return nil }
    return [
      "name": .string(question.name), "question": .string(question.question),
      "hint": .string(question.hint), "was": box["was"] ?? "", "seen": form["seen"] ?? "",
      "value": box["fields"]?.arrayValue?.first?["value"] ?? "",
    ]
  }

  /// Saves the answers, each into its box.
  func childVersionWrite(_ input: OperationInput) throws -> JSON {
    let caf = try assessment(
      of: try child(try input.required("child")), try input.required("caf"))
    let author = try input.text("as")
    var typed: [(ChildVersion.Question, answer: String, was: String, seen: String)] = []
    for question in ChildVersion.questions {
      guard case .string(let answer)? = input.json(question.name) else { continue }
      typed.append(
        (
          question, answer, try input.text("was." + question.name) ?? "",
          try input.text("seen." + question.name) ?? ""
        ))
    }
    for question in ChildVersion.questions {
      for name in ["was.", "seen."] { _ = input.json(name + question.name) }
    }
    try input.finish()
    for (question, answer, was, seen) in typed {
      var object = formValues(question, of: caf, author: author)
      object["seen"] = .string(seen)
      object["was"] = [question.group: .string(was)]
      object["values"] = ["\(question.group).\(question.group)": .string(answer)]
      _ = try recordWrite(OperationInput(.object(object)))
    }
    return ["sentence": "What you wrote is kept, on this device."]
  }

  private func formValues(
    _ question: ChildVersion.Question, of caf: HeldCAF, author: String?
  ) -> JSON.Object {
    var object = JSON.Object()
    object["child"] = .string(caf.child.text)
    object["caf"] = .string(caf.id.text)
    object["kind"] = question.element == nil ? "conclusion" : "element"
    object["element"] = question.element.map { .string($0.rawValue) }
    object["as"] = author.map { .string($0) }
    return object
  }
}

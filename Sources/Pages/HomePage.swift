package import Operations

/// What waits for whoever has just opened the laptop.
package enum HomePage {
  /// - Parameters:
  ///   - status: What `status` answers.
  ///   - tasks: What `task-list` answers.
  ///   - conflicts: What `conflict-list` answers.
  package static func page(
    _ frame: Page.Frame, status: JSON, tasks: JSON, conflicts: JSON
  ) -> Page {
    Page("Home", frame) {
      element(.h1) { "Home" }
      element(.p) { element(.a, .href(LocalPath("find"))) { "Find a child" } }
      element(.section, .labelledBy("tasks")) {
        element(.h2, .id("tasks")) { "To see to" }
        taskList(tasks["tasks"]?.arrayValue ?? [])
      }
      element(.section, .labelledBy("conflicts")) {
        element(.h2, .id("conflicts")) { "Two answers to one question" }
        conflictList(conflicts["conflicts"]?.arrayValue ?? [])
      }
      element(.section, .labelledBy("waiting")) {
        element(.h2, .id("waiting")) { "How far the work has come" }
        SyncPage.figures(status)
      }
    }
  }

  private static func taskList(_ tasks: [JSON]) -> HTML {
    if tasks.isEmpty { return element(.p) { "Nothing waits to be done." } }
    return element(.ul, .class("list")) {
      for task in tasks {
        element(.li) {
          element(.strong) { task["sentence"]?.stringValue ?? "" }
          if let details = task["details"]?.stringValue, !details.isEmpty {
            element(.p, .class("hint")) { details }
          }
          element(.p, .class("hint")) {
            task["on"]?.stringValue ?? ""
            if let child = task["child"]?.stringValue {
              " "
              element(.a, .href(LocalPath("children", child))) { "See the child" }
            }
          }
        }
      }
    }
  }

  private static func conflictList(_ conflicts: [JSON]) -> HTML {
    if conflicts.isEmpty { return element(.p) { "None in what is held here." } }
    return element(.ul, .class("list")) {
      for conflict in conflicts {
        element(.li) {
          element(.strong) { conflict["field"]?.stringValue ?? "" }
          if let child = conflict["child"]?.stringValue {
            " "
            element(.a, .href(LocalPath("children", child))) {
              conflict["name"]?.stringValue ?? "See the child"
            }
          }
          element(.p, .class("hint")) {
            "\(conflict["values"]?.arrayValue?.count ?? 0) answers. Both are kept until a person "
              + "chooses."
          }
        }
      }
    }
  }
}

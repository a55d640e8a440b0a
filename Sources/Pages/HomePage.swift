package import Operations

/// What waits for whoever has just opened the laptop.
package enum HomePage {
  /// - Parameters:
  ///   - work: What `worklist` answers.
  ///   - status: What `status` answers.
  ///   - tasks: What `task-list` answers.
  ///   - conflicts: What `conflict-list` answers.
  package static func page(
    _ frame: Page.Frame, work: JSON, status: JSON, tasks: JSON, conflicts: JSON
  ) -> Page {
    Page("Home", frame) {
      element(.h1) { "Home" }
      element(.p) { link("Find a child", to: LocalPath("find")) }
      let undecided = conflicts.items("conflicts").count
      if undecided > 0 {
        element(.p) {
          tag("\(undecided) to decide", .wrong)
          " "
          link("Two answers to one question", to: LocalPath("conflicts"))
        }
      }
      section("alerts", "To see to") { alerts(work) }
      section("tasks", "Asked by the hub") { taskList(tasks.items("tasks")) }
      section("children", "My children") { children(work) }
      section("waiting", "How far the work has come") {
        SyncPage.figures(status)
        element(.p) { link("More about sync", to: LocalPath("sync")) }
      }
    }
  }

  // MARK: Alerts

  @HTMLBuilder private static func alerts(_ work: JSON) -> HTML {
    let all = work.items("alerts")
    let own = all.filter { $0.isTrue("isOwn") }
    let others = all.filter { !$0.isTrue("isOwn") }
    if own.isEmpty { element(.p) { "Nothing is yours to see to, by what is held here." } }
    list { for alert in own { self.alert(alert) } }
    if !others.isEmpty {
      element(.details) {
        element(.summary) { "With others, for children you work with: \(others.count)" }
        list { for alert in others { self.alert(alert) } }
      }
    }
    more(work, "alertsNotListed")
  }

  private static func alert(_ alert: JSON) -> HTML {
    let due = alert.text("due")
    let days = [
      due.isEmpty ? "" : "due \(due)",
      alert.text("since").isEmpty ? "" : "since \(alert.text("since"))",
      "with \(alert.text("owner"))",
    ]
    return element(.li) {
      link(alert.text("name"), to: place(of: alert))
      element(.p) { alert.text("sentence") }
      element(.p, .class("hint")) { days.filter { !$0.isEmpty }.joined(separator: ", ") }
    }
  }

  /// Where it is seen to.
  private static func place(of alert: JSON) -> LocalPath {
    let child = alert.text("child")
    switch alert.text("kind") {
    case "noLead", "leadAsked", "leadAbsent", "leadLeft":
      return LocalPath("children", child, "lead")
    case "actionOverdue", "reviewOverdue": return LocalPath("children", child, "plan")
    case "preCAFEnds": return LocalPath("children", child, "pre-caf")
    case "assessmentOutOfDate": return LocalPath("children", child, "caf")
    case "staleInvolvement", "universalGap", "offRoll":
      return LocalPath("children", child, "details")
    default: return LocalPath("children", child)
    }
  }

  @HTMLBuilder private static func more(_ work: JSON, _ name: String) -> HTML {
    let count = work[name]?.integerValue ?? 0
    if count > 0 { element(.p, .class("hint")) { "\(count) more are not listed here." } }
  }

  // MARK: Tasks and children

  private static func taskList(_ tasks: [JSON]) -> HTML {
    if tasks.isEmpty { return element(.p) { "Nothing waits to be answered." } }
    return list {
      for task in tasks {
        element(.li) {
          link(task.text("sentence"), to: LocalPath("tasks", task.text("task")))
          element(.p, .class("hint")) {
            [task.text("name"), task.text("details"), task.text("on")].filter { !$0.isEmpty }
              .joined(separator: ", ")
          }
        }
      }
    }
  }

  @HTMLBuilder private static func children(_ work: JSON) -> HTML {
    let children = work.items("children")
    if children.isEmpty {
      element(.p) { "You are not named as working with any child, by what is held here." }
    }
    list {
      for child in children {
        element(.li) {
          link(child.text("name"), to: LocalPath("children", child.text("child")))
          " " + child.text("birth")
          element(.p, .class("hint")) {
            (child.texts("why").map { $0 == "CAF" ? "wrote the CAF" : $0 } + [child.text("caf")]
              + [child.text("lead").isEmpty ? "" : "lead professional: " + child.text("lead")])
              .filter { !$0.isEmpty }.joined(separator: "; ")
          }
        }
      }
    }
    more(work, "childrenNotListed")
  }
}

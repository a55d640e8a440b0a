package import Operations

/// Something that the hub asks of this agency, or tells it: done, or declined with the reason.
package enum TaskPage {
  /// - Parameter task: One of those that `task-list` answers; nil when it is not there.
  package static func page(_ frame: Page.Frame, _ task: JSON?, _ filled: Filled) -> Page {
    Page("Task", frame, hasErrors: !filled.problems.isEmpty) {
      backLink("Home", to: LocalPath())
      errorSummary(filled.problems)
      if let task {
        element(.h1) { task.text("sentence") }
        summaryList([
          ("About", task.html("name")), ("More", task.html("details")), ("Since", task.html("on")),
          ("State", .text(PlainName.of(task.text("state")))),
        ])
        if !task.text("child").isEmpty {
          element(.p) { link("See the child", to: LocalPath("children", task.text("child"))) }
        }
        postForm(LocalPath("tasks", task.text("task")), token: frame.formToken) {
          textArea(
            FieldText(
              "why", "What was done, or why not",
              hint: "May stay blank when it is done"), filled,
            rows: 3)
          element(.div, .class("actions")) {
            button("Done", "state", "done")
            button("Decline", "state", "declined")
          }
        }
      } else {
        element(.h1) { "This task is not here any more" }
        insetText("Somebody has answered it, or it concerned a record that may not be shown now.")
      }
    }
  }
}

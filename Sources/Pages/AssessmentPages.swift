package import Operations

/// The CAF: which there are, what there is to fill in, one section a page, and on paper.
package enum AssessmentPages {
  /// - Parameter answer: What `caf-show` answers.
  package static func overview(_ frame: Page.Frame, child: String, _ answer: JSON) -> Page {
    let cafs = answer.items("cafs")
    return Page("The CAF", frame) {
      backLink("The child", to: LocalPath("children", child))
      element(.h1) { "The Common Assessment" }
      if cafs.isEmpty { insetText(answer.text("sentence")) }
      list {
        for caf in cafs {
          element(.li) {
            link(
              "CAF of " + caf.text("custodian"),
              to: LocalPath("children", child, "caf", caf.text("caf")))
            element(.p, .class("hint")) {
              caf["frame"] == .null
                ? "Only parts of it may be held here"
                : "\(caf.items("elements").count) sections written in what is held here"
            }
          }
        }
      }
      section("start", "Start a CAF") {
        element(.p) {
          "“In progress” then stands on the index. What is written stays on this device until the "
            + "family has consented."
        }
        postForm(LocalPath("children", child, "caf"), token: frame.formToken) {
          textArea(
            FieldText("ledTo", "What led to this assessment?", hint: "May stay blank"), .blank,
            rows: 3)
          button("Start")
        }
      }
    }
  }

  /// - Parameter tasks: What `caf-tasks` answers.
  package static func taskList(_ frame: Page.Frame, _ tasks: JSON, revision: JSON) -> Page {
    let (child, caf) = (tasks.text("child"), tasks.text("caf"))
    let elements = tasks.items("parts").flatMap { $0.items("elements") }
    let done = elements.count { ["done", "notNeeded"].contains($0.text("state")) }
    return Page("CAF", frame, child: (child, revision.text("revision"))) {
      backLink(tasks.text("name"), to: LocalPath("children", child))
      element(.h1) { "CAF: " + tasks.text("name") }
      summaryList([
        ("State", tasks.html("stateWords")), ("Closed because", tasks.html("closureReason")),
        ("Kept by", tasks.html("custodian")),
        ("Sections finished", .text("\(done) of \(elements.count). Blank ones are allowed.")),
      ])
      element(.nav, .class("ways"), .label("This CAF")) {
        element(.ul) {
          element(.li) {
            link("The child's own page", to: LocalPath("children", child, "caf", caf, "child"))
          }
          element(.li) { link("Print", to: LocalPath("children", child, "caf", caf, "print")) }
          element(.li) {
            link(
              "How it began", to: LocalPath("children", child, "records", "assessment", caf))
          }
        }
      }
      for part in tasks.items("parts") {
        section("part" + part.text("part"), part.text("title")) {
          element(.ul, .class("tasks")) {
            for task in part.items("elements") {
              self.task(task, at: LocalPath("children", child, "caf", caf, task.text("element")))
            }
          }
        }
      }
      section("others", "The rest of the assessment") {
        element(.ul, .class("tasks")) {
          for other in tasks.items("others") { self.other(other, child: child, caf: caf) }
        }
      }
      states(frame, tasks)
    }
  }

  private static func task(_ task: JSON, at path: LocalPath) -> HTML {
    let state = task.text("state")
    return element(.li) {
      element(.span) {
        if state == "notHeld" { task.text("label") } else { link(task.text("label"), to: path) }
      }
      element(.span) {
        if task.isTrue("isUndecided") {
          tag("Two answers", .wrong)
          " "
        }
        tag(
          task.text("words"),
          state == "done" ? .done : state == "started" ? .waiting : .plain)
      }
    }
  }

  private static func other(_ other: JSON, child: String, caf: String) -> HTML {
    let kind = other.text("kind")
    let path =
      switch kind {
      case "familyMember", "home": LocalPath("children", child, "family")
      case "action", "tacMeeting": LocalPath("children", child, "plan")
      case "conclusion": LocalPath("children", child, "add", "conclusion", query: [("caf", caf)])
      default: LocalPath("children", child, "caf", caf, "entries", kind)
      }
    return element(.li) {
      element(.span) { link(other.text("label"), to: path) }
      element(.span) {
        tag(
          other.text("count") == "0" ? "None yet" : other.text("count") + " written",
          other.text("count") == "0" ? .plain : .waiting)
      }
    }
  }

  private static func states(_ frame: Page.Frame, _ tasks: JSON) -> HTML {
    let path = LocalPath("children", tasks.text("child"), "caf", tasks.text("caf"), "state")
    let state = tasks.text("state")
    return section("state", "How the CAF stands") {
      if state == "closed" {
        postForm(path, token: frame.formToken) {
          hiddenField("state", "reopened")
          button("Open it again")
        }
      } else {
        if state != "complete" {
          postForm(path, token: frame.formToken) {
            hiddenField("state", "complete")
            element(.p) { "Sections may stay blank: a CAF is complete when you say so." }
            button("The CAF is complete")
          }
        } else {
          postForm(path, token: frame.formToken) {
            hiddenField("state", "inReview")
            button("Begin the review")
          }
        }
        element(.details) {
          element(.summary) { "Close the CAF" }
          postForm(path, token: frame.formToken) {
            hiddenField("state", "closed")
            select(
              FieldText("closureReason", "Why"), .blank,
              tasks.items("closureReasons").map {
                Option(value: $0.text("value"), label: $0.text("label"))
              })
            element(.p) {
              "When social care takes over, the CAF and the lead professional go on."
            }
            button("Close the CAF")
          }
        }
      }
    }
  }

  /// One section, with the ways to the ones before and after it.
  package static func elementPage(
    _ frame: Page.Frame, _ form: JSON, tasks: JSON, _ filled: Filled
  ) -> Page {
    let (child, caf, name) = (form.text("child"), form.text("caf"), form.text("element"))
    let all = tasks.items("parts").flatMap { $0.items("elements") }
      .filter { $0.text("state") != "notHeld" }
    let place = all.firstIndex { $0.text("element") == name }
    let path = { (element: String) in LocalPath("children", child, "caf", caf, element) }
    return Page(
      form.text("title"), frame, hasErrors: !filled.problems.isEmpty, child: (child, ""),
      seen: form.text("seen")
    ) {
      backLink("CAF: " + form.text("name"), to: LocalPath("children", child, "caf", caf))
      errorSummary(filled.problems)
      element(.h1) { form.text("title") }
      RecordPage.guidance(form)
      RecordPage.form(frame, form, filled, to: path(name))
      element(.nav, .class("ways"), .label("Sections")) {
        element(.ul) {
          if let place, place > 0 { neighbour("Before: ", all[place - 1], path) }
          if let place, place + 1 < all.count { neighbour("Next: ", all[place + 1], path) }
        }
      }
    }
  }

  private static func neighbour(
    _ word: String, _ task: JSON, _ path: (String) -> LocalPath
  ) -> HTML {
    element(.li) { link(word + task.text("label"), to: path(task.text("element"))) }
  }
}

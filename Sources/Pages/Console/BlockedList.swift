import Operations

/// "Nothing blocks anything", or what does: what each thing that is stuck is blocked by, in words.
enum BlockedList {
  /// - Parameter answer: What `blocked` answers.
  @HTMLBuilder static func content(_ answer: JSON, now: JSON?) -> HTML {
    let things = answer.items("things")
    if things.isEmpty { element(.p) { tag("Nothing blocks anything", .done) } }
    list {
      for thing in things {
        element(.li) {
          element(.p) {
            severity(thing.text("severity"))
            " " + thing.text("what")
          }
          element(.p, .class("hint")) { thing.text("do") }
        }
      }
    }
    if let more = answer["leftOut"]?.unsignedValue, more > 0 {
      element(.p, .class("hint")) { "\(more) more are not listed here." }
    }
  }

  private static func severity(_ name: String) -> HTML {
    switch name {
    case "critical": tag("Now", .wrong)
    case "warning": tag("Soon", .waiting)
    default: tag("To know")
    }
  }
}

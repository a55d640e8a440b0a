import Operations

/// The last backup and the last check, and how to have another one.
enum UpkeepSections {
  /// - Parameter upkeep: What `upkeep` answers.
  @HTMLBuilder static func sections(_ frame: Page.Frame, _ upkeep: JSON, now: JSON?) -> HTML {
    let running = upkeep["running"] ?? .null
    section("backup", "Backup") {
      backup(upkeep, now: now)
      if upkeep["canBackUp"]?.boolValue == true {
        button("Back up now", "backup", frame, running, now: now)
      } else {
        element(.p, .class("hint")) {
          "To have one made from here, name its two folders in the hub’s configuration: backup."
        }
      }
    }
    section("check", "Check") {
      check(upkeep["check"] ?? .null, now: now)
      button("Check now", "check", frame, running, now: now)
    }
  }

  @HTMLBuilder private static func button(
    _ label: String, _ operation: String, _ frame: Page.Frame, _ running: JSON, now: JSON?
  ) -> HTML {
    if running.text("operation") == operation {
      element(.p) {
        tag("Under way", .waiting)
        " For \(ConsolePage.age(running["sinceMilliseconds"], now: now)), begun by "
          + "\(running.text("who"))."
      }
    } else if running.text("operation").isEmpty {
      postForm(LocalPath("capacity", operation), token: frame.formToken) {
        Pages.button(label)
      }
    }
  }

  @HTMLBuilder private static func backup(_ upkeep: JSON, now: JSON?) -> HTML {
    let last = upkeep["backupMilliseconds"]?.unsignedValue
    let answer = upkeep["backup"] ?? .null
    if last == nil {
      element(.p) {
        tag("None", .wrong)
        " No backup has been made: cafsync hub backup DIR --keys KEYDIR"
      }
    } else {
      element(.p) {
        "The last was made \(ConsolePage.time(upkeep["backupMilliseconds"])), "
          + "\(ConsolePage.age(upkeep["backupMilliseconds"], now: now)) ago."
      }
      if !answer.text("database").isEmpty {
        summaryList([
          ("Compartments", .text(ConsolePage.number(answer["compartments"]))),
          ("Size", .text(ConsolePage.bytes(answer["bytes"]))),
          ("Database", .text(answer.text("database"))), ("Keys", .text(answer.text("keys"))),
        ])
      }
    }
    if let failed = upkeep["backupFailedMilliseconds"]?.unsignedValue, failed > last ?? 0 {
      element(.p) {
        tag("Failed", .wrong)
        " Since then one has failed, \(ConsolePage.time(upkeep["backupFailedMilliseconds"])): "
          + upkeep.text("backupFailure")
      }
    }
  }

  @HTMLBuilder private static func check(_ answer: JSON, now: JSON?) -> HTML {
    if answer["atMilliseconds"]?.unsignedValue == nil {
      element(.p) { "None has been made while this hub was served." }
    } else {
      element(.p) {
        answer["isWhole"]?.boolValue == true ? tag("Whole", .done) : tag("Damaged", .wrong)
        " Made \(ConsolePage.time(answer["atMilliseconds"])), "
          + "\(ConsolePage.age(answer["atMilliseconds"], now: now)) ago, by \(answer.text("who"))."
      }
      ConsolePage.table(
        "What it looked at", ["Checked", "", "Found"],
        answer.items("checks").map { line in
          [.text(line.text("name")), verdict(line.text("verdict")), .text(line.text("detail"))]
        })
    }
  }

  private static func verdict(_ word: String) -> HTML {
    switch word {
    case "good": tag("Good", .done)
    case "look": tag("Look", .waiting)
    default: tag("Wrong", .wrong)
    }
  }
}

package import Operations

/// The first page: is everybody in step, and if not, what has to be seen to.
package enum BoardPage {
  /// How many devices it lists.
  package static let devicesMax = 100

  /// - Parameters:
  ///   - status: What `status` answers, asked for `devicesMax` devices.
  ///   - blocked: What `blocked` answers.
  package static func page(_ frame: Page.Frame, status: JSON, blocked: JSON) -> Page {
    Page("Board", frame) {
      element(.h1) { "Board" }
      section("blocked", "What is stuck, and what it waits for") {
        BlockedList.content(blocked, now: status["nowMilliseconds"])
      }
      section("figures", "How it stands") { figures(status) }
      section("agencies", "Agencies and their devices") {
        AgencyPages.devices(status.items("devices"), now: status["nowMilliseconds"])
        notListed(status)
      }
      section("room", "What it takes") {
        sizes(status)
        element(.p) { link("Room, backup, slow statements", to: LocalPath("capacity")) }
      }
    }
  }

  private static func notListed(_ status: JSON) -> HTML {
    let listed = UInt64(status.items("devices").count)
    let count = status["devicesAll"]?.unsignedValue ?? listed
    return count <= listed
      ? .empty
      : element(.p) {
        "Listed: \(listed) of \(count), those that are not in step first. The others stand with "
        link("their agencies", to: LocalPath("agencies"))
        "."
      }
  }

  private static func figures(_ status: JSON) -> HTML {
    let pending = status["pendingPurges"]?.unsignedValue ?? 0
    let since = ConsolePage.age(
      status["pendingPurgesSinceMilliseconds"], now: status["nowMilliseconds"])
    return summaryList([
      ("Compartments", .text(ConsolePage.number(status["compartments"]))),
      ("Decisions of families and agencies", .text(ConsolePage.number(status["policyEntries"]))),
      (
        "Purges not confirmed",
        pending == 0
          ? tag("None", .done)
          : .joined([tag("\(pending)", .wrong), .text(" the oldest for \(since)")])
      ),
      ("Purges confirmed", .text(ConsolePage.number(status["purgeReceipts"]))),
      ("Changes set apart", count(status["quarantined"], to: LocalPath("apart"))),
      ("Kept only until the custodian has it", .text(ConsolePage.number(status["lettingGo"]))),
      ("Held back after a restore", count(status["recovering"], to: LocalPath("recovery"))),
      ("Audit log, at the last backup", audit(status)),
      ("Devices that wait for news now", .text(ConsolePage.number(status["waitingPolls"]))),
      ("Lease", .text("\(ConsolePage.number(status["leaseDays"])) days")),
    ])
  }

  private static func audit(_ status: JSON) -> HTML {
    if let line = status["auditBrokenLine"]?.unsignedValue {
      return .joined([
        tag("Changed at line \(line)", .wrong), .text(" "),
        link("See to it", to: LocalPath("audit")),
      ])
    }
    return status["lastBackupMilliseconds"]?.unsignedValue == nil
      ? tag("Not looked at yet", .waiting) : tag("Whole", .done)
  }

  /// A count that has to be zero, with where it is seen to.
  private static func count(_ value: JSON?, to path: LocalPath) -> HTML {
    value?.unsignedValue ?? 0 == 0
      ? tag("None", .done)
      : .joined([tag(ConsolePage.number(value), .wrong), .text(" "), link("See to it", to: path)])
  }

  private static func sizes(_ status: JSON) -> HTML {
    summaryList(
      (status["bytes"]?.objectValue?.members ?? []).map {
        ($0.name, .text(ConsolePage.bytes($0.value)))
      })
  }
}

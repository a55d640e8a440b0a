import HTTPTransport
import HTTPWire
import Operations
import PageServer
import Pages

extension ConsoleRoutes {
  /// What an operator looks up: conflicts, events, disclosures, reports, and how a restore stands.
  static let questions: [ConsoleRoute] = [
    .get("conflicts") { visit, _ in
      visit.show([("conflicts", [:])]) { frame, answers, standing in
        OpenConflictsPage.page(frame, answers[0], now: standing["nowMilliseconds"])
      }
    },
    .get("identity") { visit, _ in
      visit.show([("events", visit.paging)]) { frame, answers, _ in
        EventsPage.page(frame, answers[0])
      }
    },
    .get("capacity") { visit, _ in
      visit.show([("capacity", [:])]) { frame, answers, standing in
        CapacityPage.page(frame, answers[0], now: standing["nowMilliseconds"])
      }
    },
    .get("ledger") { visit, _ in visit.showLedger() },
    .get("reports") { visit, _ in visit.showReports() },
    .post("reports", "close") { visit, _ in
      visit.change(
        ("report-needs-close", [:]), next: LocalPath("reports"),
        said: { _ in "The report is closed. It is never made again." })
    },
    .get("recovery") { visit, _ in
      visit.show([("status", [:])]) { frame, answers, _ in
        RecoveryPage.page(frame, status: answers[0])
      }
    },
    .post("recovery", "end") { visit, _ in
      visit.change(
        ("finish-recovery", [:]), next: LocalPath("recovery"),
        said: { "Let out: \($0["letOut"]?.integerValue ?? 0) compartments." })
    },
  ]
}

extension ConsoleVisit {
  /// A question that cannot be answered is shown with what was wrong with it.
  fileprivate func showLedger() {
    let child = arrived.form["child"] ?? ""
    let agency = arrived.form["agency"] ?? ""
    @Sendable func page(_ status: Int, _ answer: JSON?, _ filled: Filled) {
      show([("agencies", [:])], status: status) { frame, answers, _ in
        LedgerPage.page(
          frame, answer, agencies: answers[0], child: child, agency: agency, filled)
      }
    }
    if child.isEmpty && agency.isEmpty { return page(200, nil, .blank) }
    var question: JSON = [:]
    if !child.isEmpty { question = question.with("child", .string(child)) }
    if !agency.isEmpty { question = question.with("agency", .string(agency)) }
    if let after = arrived.form["after"] { question = question.with("after", .string(after)) }
    ask([("ledger", question)]) { result in
      switch result {
      case .success(let answers): page(200, answers[0], .blank)
      case .failure(let failure):
        page(failure.httpStatus, nil, filled(failure, field: child.isEmpty ? "agency" : "child"))
      }
    }
  }

  private var needs: Question { ("report-needs", arrived.input(["report"])) }

  /// Of the reports, those that name nobody, and count children only in what may be given out.
  func showCounts() {
    show([needs, ("report-coverage", [:])]) { frame, answers, _ in
      ReportsPage.counts(frame, needs: answers[0], coverage: answers[1])
    }
  }

  fileprivate func showReports() {
    let names = ["coverage", "enquiries", "training", "issues"]
    show([needs] + names.map { ("report-" + $0, [:]) }) { frame, answers, _ in
      ReportsPage.page(
        frame,
        ReportsPage.Answers(
          coverage: answers[1], needs: answers[0], enquiries: answers[2], training: answers[3],
          issues: answers[4]))
    }
  }
}

import CaseRecords
import Causality
import Operations
import SyncEngine
import SyncProtocol

/// Row 11: of how many agencies the index has heard lately. The hub says it with each answer to an
/// enquiry, and it is true of the moment of that answer; nothing else here knows it.
struct CoverageAnswers {
  struct Answer: Hashable {
    let reporting: Int
    let total: Int
    let oldestAgency: String?
    let oldestDays: Int?
    /// Milliseconds since 1970.
    let asOf: UInt64
    let expires: UInt64

    /// The newest of the answers in one thread; nil when there is none yet.
    init?(_ content: CompartmentContent) {
      let answers = content.records(of: "enquiryAnswer").flatMap { $0.record.values("answer") }
      let newest = answers.max { ($0.instant("asOf") ?? 0) < ($1.instant("asOf") ?? 0) }
      guard let newest, let reporting = newest.count("agenciesReporting"),
        let total = newest.count("agenciesTotal"), let asOf = newest.instant("asOf")
      else { return nil }
      self.reporting = reporting
      self.total = total
      oldestAgency = newest.text("oldestSyncAgencyName")
      oldestDays = newest.count("oldestSyncDays")
      self.asOf = asOf
      expires = newest.instant("expires") ?? asOf
    }

    var words: String {
      let oldest = oldestAgency.map { "; oldest sync: \($0), \(oldestDays ?? 0) days" } ?? ""
      return "\(reporting) of \(total) agencies reporting" + oldest
    }
  }

  private var answers: [CompartmentID: Answer] = [:]

  mutating func update(_ id: CompartmentID, _ answer: Answer?) { answers[id] = answer }

  var newest: Answer? { answers.values.max { ($0.asOf, $0.total) < ($1.asOf, $1.total) } }
}

extension Replica {
  /// How complete the index is, by the newest answer held here that has not run out.
  func coverage() throws -> JSON {
    guard let answer = try coverageAnswers().newest, answer.expires > now else {
      return [
        "sentence": .string(
          "How many agencies report to the index is not known here as of \(now.momentText): the "
            + "hub says it with its answer to an enquiry."),
        "isKnown": false,
      ]
    }
    return [
      "sentence": .string("\(answer.words). As of \(answer.asOf.momentText)."),
      "isKnown": true, "agenciesReporting": .count(answer.reporting),
      "agenciesTotal": .count(answer.total),
      "oldestSyncAgencyName": answer.oldestAgency.map { .string($0) } ?? .null,
      "oldestSyncDays": answer.oldestDays.map { .count($0) } ?? .null,
      "asOf": .count(answer.asOf),
    ]
  }
}

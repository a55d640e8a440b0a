import CaseRecords
import Operations
import ReplicaStore

/// Of how many agencies of each locality the index has heard lately: what an answer to an enquiry
/// says, for each locality, and who is silent. Voluntary bodies are agencies like the others.
/// Confidential services are not counted: the report may be handed to any agency.
struct CoverageReport {
  let core: HubCore

  /// As in the answers to enquiries: silent is who has not exchanged for a week.
  private static let silentDays: UInt64 = 7
  private static let dayMilliseconds: UInt64 = 86_400_000

  private struct Contact {
    let agency: HubAgency
    let atMilliseconds: UInt64?
    let days: UInt64?

    var isSilent: Bool { days.map { $0 >= CoverageReport.silentDays } ?? true }
    var isVoluntary: Bool { agency.sector == "voluntary" }
  }

  func answer() throws -> JSON {
    let contacts = try core.store.lastContacts()
    let now = core.now
    let agencies = try core.store.agencies().filter { $0.id != .hub && !$0.isSensitive }
      .map { agency in
        let at = contacts[agency.number]
        return Contact(
          agency: agency, atMilliseconds: at,
          days: at.map { (now - min($0, now)) / Self.dayMilliseconds })
      }
    let byLocality = Dictionary(grouping: agencies, by: \.agency.locality)
    // Codes in the order of their list; a locality that no list has stands at the end.
    let listed = CodeLists.locality.codes.map(\.value)
    let codes =
      listed.filter { byLocality[$0] != nil }
      + byLocality.keys.filter { !listed.contains($0) }
      .sorted()
    return [
      "asOfMilliseconds": .count(now), "silentDays": .count(Self.silentDays),
      "localities": .array(
        codes.map { code in
          row(code, CodeLists.locality.label(for: code) ?? code, byLocality[code] ?? [])
        }),
      "all": row("all", "The whole district", agencies),
    ]
  }

  private func row(_ code: String, _ label: String, _ agencies: [Contact]) -> JSON {
    let silent = agencies.filter(\.isSilent)
    let oldest = agencies.filter { $0.days != nil }.min { left, right in
      (left.atMilliseconds ?? 0, left.agency.name) < (right.atMilliseconds ?? 0, right.agency.name)
    }
    let reporting = agencies.count - silent.count
    let oldestWords = oldest.map { "; oldest sync: \($0.agency.name), \($0.days ?? 0) days" }
    return [
      "locality": .string(code), "label": .string(label),
      "words": .string(
        "\(reporting) of \(agencies.count) agencies reporting\(oldestWords ?? "")"),
      "agencies": .count(agencies.count), "reporting": .count(reporting),
      "voluntary": .count(agencies.count(where: \.isVoluntary)),
      "voluntaryReporting": .count(agencies.count { $0.isVoluntary && !$0.isSilent }),
      "oldestAgency": oldest.map { .string($0.agency.name) } ?? .null,
      "oldestMilliseconds": oldest?.atMilliseconds.map { .count($0) } ?? .null,
      "oldestDays": oldest?.days.map { .count($0) } ?? .null,
      "silent": .array(
        silent.sorted { $0.agency.name < $1.agency.name }.map { contact in
          [
            "agency": .string(contact.agency.name), "sector": .string(contact.agency.sector),
            "lastContactMilliseconds": contact.atMilliseconds.map { .count($0) } ?? .null,
            "days": contact.days.map { .count($0) } ?? .null,
          ]
        }),
    ]
  }
}

import CaseRecords
import Causality
import HTTPTransport
import Operations
import ReplicaStore
import SyncEngine

// The audit log as the operator reads it: who did what, when, to what; identifiers and names of
// agencies and devices, nothing of a child.
extension HubAdministration {
  /// A page of the log, newest first; `next` is what `before` is to be for the page after it.
  func listAudit(_ arguments: JSON) throws -> JSON {
    let paging = try HubPaging(arguments)
    var filter = AuditFilter()
    filter.before = paging.before
    filter.sinceMilliseconds = arguments["sinceMilliseconds"]?.unsignedValue ?? 0
    if arguments["action"] != nil { filter.action = try text(arguments, "action") }
    if arguments["who"] != nil {
      filter.who = try text(arguments, "who")
      filter.whoIdentifier = try core.store.agency(named: filter.who)?.id.text ?? ""
    }
    // One more tells whether there is a next page.
    let lines = try core.store.auditLines(filter, limit: paging.limit + 1)
    let page = lines.prefix(paging.limit)
    let names = try names()
    return [
      "lines": .array(
        page.map { line in
          [
            "number": .integer(line.number), "atMilliseconds": .count(line.atMilliseconds),
            "who": .string(line.who), "name": .string(names[line.who] ?? line.who),
            "action": .string(line.action), "subject": .string(line.subject),
          ]
        }),
      "next": lines.count > page.count ? page.last.map { .integer($0.number) } ?? .null : .null,
    ]
  }

  /// What agencies and devices are called, by their identifiers.
  private func names() throws -> [String: String] {
    var names: [String: String] = [:]
    var agencies: [Int64: String] = [:]
    for agency in try core.store.agencies() {
      agencies[agency.number] = agency.name
      names[agency.id.text] = agency.name
    }
    for device in try core.store.devices() {
      names[device.id.text] = "\(device.name) (\(agencies[device.agency] ?? ""))"
    }
    return names
  }

  /// Walks the whole chain. `head`: a digest that was noted down, which has to be on the way.
  func verifyAudit(_ arguments: JSON) throws -> JSON {
    var noted: [UInt8]?
    if arguments["head"] != nil {
      guard let head = Hex.bytes(try text(arguments, "head")), head.count == 32 else {
        throw LocalFailure(
          .usage, "head is the 64 hexadecimal digits that an earlier check showed.")
      }
      noted = head
    }
    let chain = try core.store.auditChain(noted: noted)
    if let broken = chain.firstBroken {
      throw LocalFailure(.damaged, OperatorWords.auditChanged(atLine: broken))
    }
    if noted != nil && chain.noted == nil {
      throw LocalFailure(
        .damaged,
        "No line of the audit log has that digest: lines were changed or taken away since it was "
          + "noted down, or the hub was restored from an older backup. Keep the folder as it is, "
          + "and find out which.")
    }
    return [
      "lines": .count(chain.lines), "whole": true, "head": .string(Hex.text(chain.head)),
      "notedLine": chain.noted.map { .integer($0) } ?? .null,
    ]
  }
}

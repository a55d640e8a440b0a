import Foundation
import HTTPWire
import Operations
import PageServer
import TestDaemons
import Testing

@testable import HubService

extension CanaryHub {
  /// Opens every page of the console's own table of addresses and sends every form; returns what
  /// of the table was left out.
  func visitConsole(_ shown: ShownTexts) throws -> [String] {
    try hub.ask(
      "operator-add",
      ["name": .string(Self.operatorName), "passphrase": .string(Self.passphrase)])
    let link = try #require(
      try hub.ask("console-open", ["name": .string(Self.operatorName)])["url"]?.stringValue)
    shown.addSecret(String(link.suffix(20)), givenBy: "console-open")
    let reader = try ConsoleReader(link: link)
    var left = ConsoleRoutes.all
    func note(_ method: HTTPMethod, _ path: String) {
      let segments = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
      left.removeAll { $0.arguments(method, segments) != nil }
    }
    for path in try pages() {
      note(.get, path)
      let page = try reader.get(path)
      shown.add("page \(path)", page.text)
      #expect(page.status == 200, "\(path): \(page.status)")
    }
    for path in ["/nothing", "/events?revision=none", "/sign-in?link=used", "/pages.js"] {
      shown.add("page \(path)", try reader.get(path).text)
    }
    let coordinator = try ConsoleReader(named: "Cy Coe", at: hub, role: "coordinator")
    for route in ConsoleRoutes.coordinators
    where route.method == .get && !route.pattern.isEmpty {
      let path = "/" + route.pattern.joined(separator: "/")
      shown.add("coordinator's page \(path)", try coordinator.get(path).text)
    }
    shown.add("coordinator's refusal", try coordinator.get("/audit").text)
    for (path, fields) in try forms() {
      note(.post, path)
      let answer = try reader.post(path, fields)
      #expect([200, 303, 400, 403, 404, 409].contains(answer.status), "\(path): \(answer.status)")
      // Where it led to says what was done.
      let said = answer.status == 303 ? try reader.get("/audit").text : answer.text
      shown.add("form \(path)", said)
    }
    return left.map { "\($0.method) \($0.pattern.joined(separator: "/"))" }
  }

  private func pages() throws -> [String] {
    let agency = try identifier(of: "Robin")
    let device = try device(of: "Robin")
    return [
      "/", "/agencies", "/agencies/\(agency)", "/agencies/\(agency)/end",
      "/agencies/\(agency)/remove", "/devices/\(device)", "/devices/\(device)/revoke",
      "/withdrawals", "/withdrawals?all=yes", "/apart", "/audit", "/conflicts", "/identity",
      "/capacity", "/ledger", "/ledger?child=\(child)", "/ledger?child=\(erased)",
      "/ledger?agency=\(agency)", "/reports", "/recovery", "/operators", "/operators/codes",
    ]
  }

  private func forms() throws -> [(String, [String: String])] {
    try hub.ask("agency-add", ["name": "Crane", "sector": "health", "locality": "batley"])
    let agency = try identifier(of: "Crane")
    let lost = try device(of: "Finch")
    return [
      ("/agencies", ["name": "Swift", "sector": "health", "locality": "batley"]),
      ("/agencies", ["name": "Swift", "sector": "none"]),
      ("/agencies/\(agency)/code", [:]), ("/agencies/\(agency)/end", [:]),
      ("/agencies/\(agency)/sign", ["version": "2"]), ("/agencies/\(agency)/remove", [:]),
      ("/devices/\(lost)/revoke", [:]), ("/apart/1/return", [:]), ("/apart/1/release", [:]),
      ("/apart/999/release", [:]), ("/audit/verify", [:]), ("/reports/close", [:]),
      ("/capacity/check", [:]), ("/capacity/backup", [:]),
      ("/recovery/end", [:]),
      ("/operators/passphrase", ["current": "wrong herons", "passphrase": "a", "again": "a"]),
      ("/operators/codes", ["current": Self.passphrase, "key": "none", "code": "000000"]),
      ("/operators/codes/remove", ["code": "000000"]), ("/sign-out", [:]),
    ]
  }
}

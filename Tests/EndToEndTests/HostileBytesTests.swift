import CaseRecords
import Causality
import CBOR
import Foundation
import HTTPTransport
import HTTPWire
import Operations
import SyncProtocol
import TestDaemons
import Testing

extension EndToEnd {
  /// What somebody sends who has a device's secret, and no cafsync.
  @Suite("Bytes that no cafsync would send")
  struct HostileBytes {
    private struct Case {
      let name: String
      let body: [UInt8]
      let status: Int
      let refusal: RefusalCode
    }

    @Test("each is refused by its number and a sentence, and the hub goes on unmoved")
    func refused() throws {
      let district = try TestDistrict(["Alder"], recording: true)
      let (hub, alder) = (district.hub, district.agencies[0])
      let child = try district.sharedChild()
      try alder.note("note-Alder-1-end", on: child)
      try alder.synchronise()
      let credential = try #require(district.lines[0].credential)
      try alder.stop()
      let before = try hub.ask("status")
      let client = try HTTPClient(HTTPClientOptions(baseURL: hub.url))
      for hostile in Self.cases {
        let response = try client.send(
          HTTPClientRequest(
            .post, "/v1/exchange",
            headers: ["Content-Type": "application/cbor", "Authorization": credential],
            body: hostile.body))
        #expect(response.status == hostile.status, "\(hostile.name)")
        guard
          case .refused(let code, let sentence, let whatToDo) = try ExchangeReply(
            encoded: response.body)
        else {
          Issue.record("\(hostile.name): answered")
          continue
        }
        #expect(code == hostile.refusal, "\(hostile.name): \(sentence)")
        #expect(!sentence.isEmpty && !whatToDo.isEmpty, "\(hostile.name)")
      }
      #expect(hub.process?.isRunning == true)
      for key in ["commits", "compartments", "quarantined"] {
        #expect(try hub.ask("status")[key] == before[key], "\(key)")
      }
      try alder.start()
      try alder.synchronise()
      #expect(try alder.notes(on: child) == ["note-Alder-1-end"])
    }

    @Test("a body at the limit is read, and one of a byte more is not")
    func bodyLimit() throws {
      let district = try TestDistrict(["Alder"], recording: true)
      let credential = try #require(district.lines[0].credential)
      let client = try HTTPClient(HTTPClientOptions(baseURL: district.hub.url))
      for (extra, status) in [(0, 400), (1, 413)] {
        // At the limit it is read as far as its first byte, which is no envelope's.
        let response = try client.send(
          HTTPClientRequest(
            .post, "/v1/exchange",
            headers: ["Content-Type": "application/cbor", "Authorization": credential],
            body: [UInt8](repeating: 0, count: SyncLimits.bodyBytesMax + extra)))
        #expect(response.status == status, "\(extra) over the limit")
      }
      try district.agencies[0].synchronise()
    }

    private static var cases: [Case] {
      var newer = request()
      newer.protocolVersion = SyncLimits.protocolVersion + 1
      let deep = [UInt8](repeating: 0x81, count: 1_000_000)
      // An array of 2^32 items, a byte string of 2^60 bytes, a text that is no UTF-8.
      let long: [UInt8] = [0xa1, 0x01, 0x9a, 0xff, 0xff, 0xff, 0xff]
      let wide: [UInt8] = [0xa1, 0x01, 0x5b, 0x10, 0, 0, 0, 0, 0, 0, 0]
      let garbled: [UInt8] = [0xa2, 0x01, 0x01, 0x18, 0x63, 0x62, 0xff, 0xfe]
      let twice: [UInt8] = [0xa2, 0x01, 0x01, 0x01, 0x01]
      let endless: [UInt8] = [0xbf, 0x01, 0x01]
      return [
        Case(name: "a newer protocol", body: newer.encoded(), status: 426, refusal: .newerProtocol),
        Case(
          name: "an array in an array, a million deep", body: Envelope.sealed(deep), status: 400,
          refusal: .malformed),
        Case(
          name: "four thousand million items", body: Envelope.sealed(long), status: 400,
          refusal: .malformed),
        Case(name: "2^60 bytes", body: Envelope.sealed(wide), status: 400, refusal: .malformed),
        Case(name: "a key twice", body: Envelope.sealed(twice), status: 400, refusal: .malformed),
        Case(name: "no length", body: Envelope.sealed(endless), status: 400, refusal: .malformed),
        Case(
          name: "a text that is no UTF-8", body: Envelope.sealed(garbled), status: 400,
          refusal: .malformed),
        Case(name: "no envelope", body: Array("hello".utf8), status: 400, refusal: .malformed),
        Case(
          name: "half a body", body: Array(request().encoded().dropLast(9)), status: 400,
          refusal: .malformed),
        Case(name: "an altered body", body: altered, status: 400, refusal: .malformed),
        Case(
          name: "a field of a megabyte",
          body: write(CBOR.text(String(repeating: "x", count: 1 << 20)).encoded), status: 400,
          refusal: .malformed),
        Case(
          name: "a value that is no UTF-8", body: write([0x62, 0xff, 0xfe]), status: 400,
          refusal: .malformed),
        Case(
          name: "a value as deep as a well",
          body: write([UInt8](repeating: 0x81, count: 1_000) + [0]), status: 400,
          refusal: .malformed),
      ]
    }

    private static func request() -> ExchangeRequest {
      ExchangeRequest(
        epoch: 1, incarnation: IncarnationID(high: 1, low: 2), token: nil,
        digest: HoldingsDigest(), policySeen: 0, wallMilliseconds: 1_700_000_000_000)
    }

    private static var altered: [UInt8] {
      var body = request().encoded()
      body[body.count - 1] ^= 1
      return body
    }

    /// A request that writes the value somewhere.
    private static func write(_ value: [UInt8]) -> [UInt8] {
      var request = request()
      let compartment = Compartment(
        id: CompartmentID(high: 3, low: 4), child: ChildID(high: 5, low: 6), category: .index,
        custodian: AgencyID(high: 7, low: 8))
      let change = Change(
        dot: Dot(actor: Actor(rawValue: 9), counter: 1), context: VersionVector(),
        writes: [
          Write(record: RecordID(high: 1, low: 1), kind: "comment", group: "text", value: value)
        ],
        time: HybridTime(milliseconds: 1_700_000_000_000, logical: 0),
        claimedMilliseconds: 1_700_000_000_000, author: PractitionerID(high: 5, low: 5))
      request.page = Page(compartments: [compartment], items: [.change(compartment.id, change)])
      return request.encoded()
    }
  }
}

import CBOR
import CaseRecords
import Causality
import Testing

@Suite("What a person enters is held against the schema")
struct ValidationTests {
  private func codes(
    _ kind: String, _ group: String, _ fields: [String: CBOR]
  ) -> [ValidationIssue.Code] {
    SchemaRegistry.standard.validate(kind: kind, group: group, value: GroupValue(fields))
      .map(\.code)
  }

  @Test func formsAreCheckedFieldByField() {
    let agency = CBOR.bytes(AgencyID(high: 1, low: 2).bytes)
    typealias Row = (String, String, [String: CBOR], [ValidationIssue.Code])
    let table: [Row] = [
      // A first name and an estimated age are enough (a child known to nobody).
      ("child", "name", ["given": .text("Sam")], []),
      ("child", "name", ["given": .text(" \n")], [.atLeastOne]),
      ("child", "name", [:], [.atLeastOne]),
      ("child", "birth", [:], []),
      ("child", "birth", ["estimatedAge": .unsigned(6)], [.incomplete]),
      ("child", "birth", ["estimatedAge": .unsigned(6), "estimatedOn": .text("2007-04-01")], []),
      ("child", "birth", ["expectedDate": .text("2007-09-01")], []),
      (
        "child", "birth",
        ["expectedDate": .text("2007-09-01"), "dateOfBirth": .text("2007-09-01")], [.atMostOne]
      ),
      ("child", "birth", ["dateOfBirth": .text("30.4.2007")], [.notADate]),
      ("child", "birth", ["dateOfBirth": .unsigned(2007)], [.wrongType]),
      ("child", "ethnicity", ["ethnicity": .text("J")], []),
      ("child", "ethnicity", ["ethnicity": .text("I")], [.notInList]),
      ("child", "nhsNumber", ["nhsNumber": .text("9991234578")], []),
      ("child", "nhsNumber", ["nhsNumber": .text("9991234571")], [.checkDigit]),
      ("child", "upn", ["upn": .text("B801200005001")], []),
      ("child", "upn", ["upn": .text("C801200005001")], [.checkDigit]),
      ("child", "gp", ["state": .text("none")], []),
      ("child", "gp", ["name": .text("Dr")], [.missing]),
      (
        "child", "school", ["rollStart": .text("2006-09-01"), "rollEnd": .text("2006-08-31")],
        [.outOfOrder]
      ),
      ("address", "place", ["address": .text("1 High St"), "postcode": .text("?")], [.looksWrong]),
      ("involvement", "official", [:], [.missing]),
      ("involvement", "official", ["official": .text("unofficial")], []),
      ("involvement", "agency", ["agency": agency], []),
      ("involvement", "agency", ["agency": .bytes([1, 2])], [.wrongType]),
      ("involvement", "contacts", ["lastContact": .text("2007-01-01")], [.missing]),
      ("leadProfessional", "deputy", [:], []),
      ("leadProfessional", "deputy", ["contact": .text("x")], [.missing]),
      ("cafFlag", "derived", ["status": .text("complete"), "agency": agency], []),
      ("enquiry", "basis", [:], [.exactlyOne]),
      ("enquiry", "basis", ["consentReference": .text("C 12")], []),
      ("enquiry", "basis", ["overrideReason": .text("harm")], [.incomplete]),
      (
        "enquiry", "basis", ["overrideReason": .text("harm"), "decidedBy": .text("A Manager")], []
      ),
      (
        "enquiry", "basis",
        [
          "consentReference": .text("C 12"), "overrideReason": .text("harm"),
          "decidedBy": .text("A Manager"),
        ], [.exactlyOne]
      ),
      ("tacMeeting", "family", [:], [.missing]),
      ("tacMeeting", "family", ["invited": .bool(true), "present": .bool(true)], []),
      ("tacMeeting", "family", ["invited": .bool(false)], [.incomplete]),
      ("tacMeeting", "family", ["invited": .bool(false), "whyNot": .text("unsafe")], []),
      ("assessment", "state", ["state": .text("closed")], [.incomplete]),
      (
        "assessment", "state", ["state": .text("closed"), "closureReason": .text("needsMet")], []
      ),
      ("service", "needs", ["needs": .array([.text("money"), .text("gold")])], [.notInList]),
      ("service", "needs", ["needs": .array([.unsigned(1)])], [.wrongType]),
    ]
    for (kind, group, fields, expected) in table {
      #expect(codes(kind, group, fields) == expected, "\(kind).\(group) \(fields)")
    }
  }

  @Test func onlyAPostcodeIsMerelyWarnedOf() {
    let issues = SchemaRegistry.standard.validate(
      kind: "address", group: "place",
      value: GroupValue(["address": .text("somewhere"), "postcode": .text("XX")]))
    #expect(issues.map(\.isWarning) == [true])
    #expect(issues.map(\.isUnknown) == [false])
  }

  @Test func anItemThatIsNoMapIsRefusedWithASentence() {
    for item in [CBOR.null, .array([]), .map([.init(key: .unsigned(1), value: .null)])] {
      let issues = SchemaRegistry.standard.validate(kind: "child", group: "name", value: item)
      #expect(issues.map(\.code) == [.wrongType])
      #expect(issues.first?.sentence.isEmpty == false)
    }
  }

  @Test func aNewRecordNeedsItsRequiredGroups() {
    let registry = SchemaRegistry.standard
    #expect(
      registry.missing(kind: "involvement", written: ["agency"]).map(\.field)
        == ["official", nil])
    #expect(
      registry.missing(kind: "involvement", written: ["agency", "official", "period"]).isEmpty)
    #expect(registry.missing(kind: "element", written: ["about"]).isEmpty)
    #expect(registry.missing(kind: "kindOfNextYear", written: []).isEmpty)
  }

  @Test func theUnknownIsFlaggedValidAndKeptByteForByte() throws {
    let future: [String: CBOR] = [
      "given": .text("Zofia"), "pronoun": .text("she"),
      "nested": .map([.init(key: .unsigned(7), value: .tagged(1, .unsigned(9)))]),
      "half": .float(1.5), "none": .undefined,
    ]
    let bytes = GroupValue(future).encoded()
    let value = try GroupValue(encoded: bytes)
    #expect(value.encoded() == bytes)
    for (kind, group) in [("child", "name"), ("child", "soul"), ("dream", "life")] {
      let issues = SchemaRegistry.standard.validate(kind: kind, group: group, value: value)
      #expect(!issues.isEmpty)
      #expect(issues.allSatisfy { $0.isWarning && $0.isUnknown }, "\(kind).\(group)")
    }
    // An edit of the field known passes the others on.
    let edited = try GroupValue(encoded: value.setting("given", "Zosia").encoded())
    #expect(edited.setting("given", "Zofia").encoded() == bytes)
  }
}

@Suite("Group values")
struct GroupValueTests {
  @Test func everyTypeReadsBackAsItWasSet() throws {
    let agency = AgencyID(high: 3, low: 4)
    let date = try #require(CalendarDate("2007-04-30"))
    let value = GroupValue()
      .setting("text", "Łucja").setting("texts", ["a", "b"]).setting("date", date)
      .setting("count", count: 13).setting("instant", instant: 1_177_891_200_000)
      .setting("yes", true).setting("agency", agency).setting("agencies", [agency])
      .setting("parameters", parameters: ["name": "x"])
    let read = try GroupValue(encoded: value.encoded())
    #expect(read == value)
    #expect(read.text("text") == "Łucja")
    #expect(read.texts("texts") == ["a", "b"])
    #expect(read.date("date") == date)
    #expect(read.count("count") == 13)
    #expect(read.instant("instant") == 1_177_891_200_000)
    #expect(read.yesNo("yes") == true)
    #expect(read.identifier("agency", as: AgencyID.self) == agency)
    #expect(read.identifiers("agencies", as: AgencyID.self) == [agency])
    #expect(read.parameters("parameters") == ["name": "x"])
    #expect(read.text("yes") == nil && read.texts("agencies") == nil && read.count("text") == nil)
    #expect(read.identifiers("texts", as: AgencyID.self) == nil)
    #expect(read.setting("text", String?.none)["text"] == nil)
    #expect(GroupValue(["n": .unsigned(.max)]).count("n") == nil)
    #expect(GroupValue().isBlank && !value.isBlank)
  }

  @Test func theOrderOfSettingDoesNotShowInTheBytes() {
    let one = GroupValue().setting("family", "B").setting("given", "A")
    let other = GroupValue().setting("given", "A").setting("family", "B")
    #expect(one.encoded() == other.encoded())
  }

  @Test func bytesThatAreNoGroupValueAreRefused() {
    #expect(throws: GroupValueError.notAMapOfNamedFields) {
      _ = try GroupValue(encoded: CBOR.map([.init(key: .unsigned(1), value: .null)]).encoded)
    }
    // One word in two Unicode spellings: two keys to CBOR, one to Swift.
    let twice = CBOR.map([
      .init(key: .text("\u{E9}"), value: .null), .init(key: .text("e\u{301}"), value: .null),
    ])
    #expect(throws: GroupValueError.notAMapOfNamedFields) {
      _ = try GroupValue(encoded: twice.encoded)
    }
    for bytes: [UInt8] in [[], [0xa1], [0xa0, 0x00], [0xbf, 0xff]] {
      #expect(throws: GroupValueError.self) { _ = try GroupValue(encoded: bytes) }
    }
  }
}

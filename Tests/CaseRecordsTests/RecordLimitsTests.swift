import CBOR
import CaseRecords
import Testing

@Suite("Record limits hold, and hold together")
struct RecordLimitsTests {
  @Test func limitsStandInTheRightRelations() {
    #expect(RecordLimits.shortTextBytes == RecordLimits.shortTextScalars * 4)
    #expect(RecordLimits.shortTextBytes < RecordLimits.longTextBytes)
    #expect(RecordLimits.longTextBytes < RecordLimits.groupBytes)
    #expect(RecordLimits.codeBytes <= RecordLimits.shortTextBytes)
    #expect(RecordLimits.instantMilliseconds < 1 << 53)
    #expect(
      CalendarDate(millisecondsSince1970: RecordLimits.instantMilliseconds)?.text == "2199-12-31")
    #expect(RecordLimits.nesting < CBORLimits.standard.depthMax)
  }

  /// Whatever passes field by field fits into one register.
  @Test func everyGroupFilledToItsLimitsFitsIntoARegister() {
    for schema in SchemaRegistry.standard.schemas {
      for group in schema.groups {
        let most = group.fields.reduce(9) {
          $0 + 9 + $1.name.utf8.count + $1.type.encodedBytesMax
        }
        #expect(most <= RecordLimits.groupBytes, "\(schema.kind).\(group.name)")
      }
    }
  }

  @Test func textsAndListsAreTakenAtTheLimitAndRefusedPastIt() {
    typealias Probe = (kind: String, group: String, field: String, make: (Int) -> CBOR, limit: Int)
    let texts: (Int) -> CBOR = { .array(Array(repeating: .text("x"), count: $0)) }
    let probes: [Probe] = [
      ("child", "name", "given", { .text(String(repeating: "é", count: $0)) }, 200),
      ("child", "name", "given", { .text(String(repeating: "😀", count: $0)) }, 200),
      ("element", "needs", "needs", { .text(String(repeating: "n", count: $0)) }, 65_536),
      ("child", "otherNames", "otherNames", texts, 64),
      ("child", "birth", "estimatedAge", { .unsigned(UInt64($0)) }, 25),
      (
        "service", "needs", "needs",
        { .array(Array(repeating: .text("money"), count: $0)) }, 64
      ),
      (
        "action", "forChildren", "forChildren",
        { .array(Array(repeating: .bytes(Array(repeating: 1, count: 16)), count: $0)) }, 64
      ),
      (
        "enquiry", "asked", "on", { .unsigned(UInt64($0)) },
        Int(RecordLimits.instantMilliseconds)
      ),
    ]
    for probe in probes {
      var value = GroupValue()
      if probe.field == "estimatedAge" { value = value.setting("estimatedOn", "2007-04-01") }
      let at = SchemaRegistry.standard.validate(
        kind: probe.kind, group: probe.group,
        value: value.setting(probe.field, item: probe.make(probe.limit)))
      #expect(at.isEmpty, "\(probe.kind).\(probe.field): \(at)")
      let past = SchemaRegistry.standard.validate(
        kind: probe.kind, group: probe.group,
        value: value.setting(probe.field, item: probe.make(probe.limit + 1)))
      #expect(past.count == 1 && past.first?.isWarning == false, "\(probe.kind).\(probe.field)")
      if probe.limit <= 65_536 {
        #expect(past.first?.sentence.contains("\(probe.limit)") == true)
      }
    }
  }

  @Test func parametersAreTakenAtTheLimitAndRefusedPastIt() {
    func issues(_ count: Int) -> [ValidationIssue] {
      let parameters = Dictionary(uniqueKeysWithValues: (0..<count).map { ("p\($0)", "v") })
      return SchemaRegistry.standard.validate(
        kind: "prompt", group: "prompt",
        value: GroupValue(["text": .text("chaseRoll"), "on": .unsigned(1)])
          .setting("parameters", parameters: parameters))
    }
    #expect(issues(64).isEmpty)
    #expect(issues(65).map(\.code) == [.tooMany])
  }

  @Test func groupsAreTakenAtTheLimitAndRefusedPastIt() {
    func unknown(_ count: Int) -> GroupValue {
      GroupValue(Dictionary(uniqueKeysWithValues: (0..<count).map { ("f\($0)", CBOR.null) }))
    }
    func errors(_ value: GroupValue) -> [ValidationIssue.Code] {
      SchemaRegistry.standard.validate(kind: "newKind", group: "g", value: value)
        .filter { !$0.isWarning }.map(\.code)
    }
    #expect(errors(unknown(32)).isEmpty)
    #expect(errors(unknown(33)) == [.tooMany])

    // One byte string under a one-letter key: 1 (map) + 2 (key) + 5 (head) + content.
    func sized(_ bytes: Int) -> GroupValue {
      GroupValue(["f": .bytes(Array(repeating: 0, count: bytes - 8))])
    }
    #expect(sized(RecordLimits.groupBytes).encoded().count == RecordLimits.groupBytes)
    #expect(errors(sized(RecordLimits.groupBytes)).isEmpty)
    #expect(errors(sized(RecordLimits.groupBytes + 1)) == [.tooLarge])
    #expect(throws: GroupValueError.tooLarge(bytes: RecordLimits.groupBytes + 1)) {
      _ = try GroupValue(encoded: sized(RecordLimits.groupBytes + 1).encoded())
    }

    func nested(_ levels: Int) -> CBOR { (0..<levels).reduce(.null) { item, _ in .array([item]) } }
    #expect(errors(GroupValue(["f": nested(8)])).isEmpty)
    #expect(errors(GroupValue(["f": nested(9)])) == [.tooDeep])

    let longName = String(repeating: "n", count: 65)
    #expect(errors(GroupValue([String(longName.dropLast()): .null])).isEmpty)
    #expect(errors(GroupValue([longName: .null])) == [.tooLong])
  }
}

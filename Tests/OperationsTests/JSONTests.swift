import Operations
import Testing

@Suite struct JSONTests {
  @Test func `what is written is read back the same, in every style`() throws {
    let values: [JSON] = [
      nil, true, false, 0, -1, .integer(.max), .integer(.min), .unsigned(.max), 0.5, 1e-7,
      .number(.leastNonzeroMagnitude), .number(.greatestFiniteMagnitude), "",
      "é\u{1F600}\"\\\n\t\u{1}\u{7f}\u{2028}", [], [1, [2, [3]]], [:], ["b": 1, "a": ["c": nil]],
    ]
    for value in values {
      for style in [JSON.Style.compact, .pretty, .sorted, .init(pretty: true, sorted: true)] {
        #expect(try JSON.parse(value.text(style)) == value)
        #expect(try JSON.parse(value.bytes(style), .json5) == value)
      }
    }
  }

  @Test func `texts are written as RFC 8259 wants them`() {
    let cases: [(value: JSON, style: JSON.Style, text: String)] = [
      (["b": 1, "a": [true, nil]], .compact, #"{"b":1,"a":[true,null]}"#),
      (["b": 1, "a": []], .sorted, #"{"a":[],"b":1}"#),
      (["b": 1, "a": [2, [:]]], .pretty, "{\n  \"b\": 1,\n  \"a\": [\n    2,\n    {}\n  ]\n}"),
      ("\"\\/\n\r\t\u{8}\u{1f}\u{7f}é", .compact, #""\"\\/\n\r\t\u0008\u001f\u007fé""#),
      (.number(.infinity), .compact, "null"), (.number(.nan), .compact, "null"),
      (.number(1), .compact, "1.0"), (.unsigned(.max), .compact, "18446744073709551615"),
    ]
    for (value, style, text) in cases { #expect(value.text(style) == text) }
  }

  @Test func `integers stay exact and numbers are read by their form`() throws {
    let cases: [(text: String, value: JSON)] = [
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .unsigned(9_223_372_036_854_775_808)),
      ("18446744073709551615", .unsigned(.max)), ("-0", 0), ("1.0", .number(1)),
      ("1e2", .number(100)), ("-1.5E-1", .number(-0.15)), ("0.1e+1", .number(1)),
      ("1e-400", .number(0)),
    ]
    for (text, value) in cases { #expect(try JSON.parse(text) == value, "\(text)") }
    #expect(JSON.count(UInt64.max) == .unsigned(.max))
    #expect(JSON.count(7) == .integer(7))
  }

  @Test func `escapes and blanks are understood`() throws {
    let cases: [(text: String, value: JSON)] = [
      (#""\u00e9\uD83D\uDE00\/\b\f""#, "é\u{1F600}/\u{8}\u{C}"), (" \t\r\n[ 1 , 2 ]\n", [1, 2]),
      (#"{"a":{"b":[]}}"#, ["a": ["b": []]]),
    ]
    for (text, value) in cases { #expect(try JSON.parse(text) == value, "\(text)") }
  }

  @Test func `JSON5 is for configuration only`() throws {
    let cases: [(text: String, value: JSON)] = [
      ("// a\n{a: 1, /* b\n */ $b_1: 'it\"s', \"c\": [1,],}", ["a": 1, "$b_1": "it\"s", "c": [1]]),
      ("'\\x41\\'\\v\\0\\\nz'", "A'\u{B}\0z"), ("'a\\\r\nb'", "ab"), ("0xFf", 255), ("-0x10", -16),
      ("+1", 1), (".5", 0.5), ("5.", .number(5)), ("\u{FEFF}\u{A0}1", 1), ("1 // end", 1),
    ]
    for (text, value) in cases {
      #expect(try JSON.parse(text, .json5) == value, "\(text)")
      #expect(throws: JSONError.self, "\(text)") { try JSON.parse(text) }
    }
  }

  @Test func `what is wrong is refused with its place`() {
    let cases: [(text: String, position: String)] = [
      ("", "1:1"), ("{", "1:2"), ("[1", "1:3"), ("[1 2]", "1:4"), ("[1,]", "1:4"), ("{,}", "1:2"),
      ("{\"a\" 1}", "1:6"), ("{\"a\":1,}", "1:8"), ("{a:1}", "1:2"), ("'a'", "1:1"), ("1 2", "1:3"),
      ("nul", "1:4"), ("TRUE", "1:5"), ("NaN", "1:4"), ("01", "1:1"), ("-", "1:1"), ("1.", "1:3"),
      ("1e", "1:3"), ("1e999", "1:1"), ("+1", "1:1"), ("18446744073709551616", "1:1"),
      ("-9223372036854775809", "1:1"), ("\"a", "1:1"), ("\"a\nb\"", "1:3"), ("\"\\x41\"", "1:3"),
      ("\"\\u12\"", "1:6"), ("\"\\ud800\"", "1:8"), ("\"\\ud800\\u0041\"", "1:14"),
      ("\"\\udc00\"", "1:8"), ("{\n \"é\": 1,\n \"é\": 2}", "3:2"), ("[\r\n\"é\", x]", "2:7"),
      ("/", "1:1"), ("// a", "1:1"), ("\u{FEFF}1", "1:1"),
    ]
    for (text, position) in cases {
      let error = #expect(throws: JSONError.self, "\(text)") { try JSON.parse(text) }
      #expect(error?.position.description == position, "\(text): \(error?.problem ?? "")")
    }
    let json5: [(text: String, position: String)] = [
      ("1 /* a", "1:3"), ("{a:1,a:2}", "1:6"), ("Infinity", "1:9"), ("0x", "1:1"), (".", "1:2"),
      ("[,]", "1:2"), ("'\\1'", "1:3"), ("{1a: 1}", "1:2"),
    ]
    for (text, position) in json5 {
      let error = #expect(throws: JSONError.self, "\(text)") { try JSON.parse(text, .json5) }
      #expect(error?.position.description == position, "\(text): \(error?.problem ?? "")")
    }
  }

  @Test func `bytes that are no UTF-8 are refused, in comments too`() {
    for bytes: [UInt8] in [
      [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0xFF], [0x31, 0x2F, 0x2F, 0xFF],
    ] {
      #expect(throws: JSONError.self) { try JSON.parse(bytes, .json5) }
    }
  }

  @Test func `depth and length are bounded at the limit`() throws {
    for depth in [1, 2, 32, 256] {
      let reading = JSON.Reading(maximumDepth: depth)
      func nested(_ count: Int) -> String {
        String(repeating: "[", count: count) + String(repeating: "]", count: count)
      }
      _ = try JSON.parse(nested(depth), reading)
      #expect(throws: JSONError.self) { try JSON.parse(nested(depth + 1), reading) }
      let bomb = String(repeating: "{\"a\":", count: 100_000)
      #expect(throws: JSONError.self) { try JSON.parse(bomb, reading) }
    }
    let reading = JSON.Reading(maximumBytes: 5)
    #expect(try JSON.parse("\"abc\"", reading) == "abc")
    #expect(throws: JSONError.self) { try JSON.parse("\"abcd\"", reading) }
  }

  @Test func `every cut of a text is refused, never a crash`() throws {
    let bytes = Array(#"{"a":[1,-2.5e3,"\u00e9\n\ud83d\ude00é",true,null],"b":{"c":false}}"#.utf8)
    _ = try JSON.parse(bytes)
    for count in 0..<bytes.count {
      for reading in [JSON.Reading.json, .json5] {
        #expect(throws: JSONError.self) { try JSON.parse(Array(bytes[..<count]), reading) }
      }
    }
  }

  @Test func `members keep their order and can be changed`() {
    var object = JSON.Object()
    for name in ["c", "a", "b"] { object[name] = .string(name) }
    object["a"] = nil
    object["c"] = 1
    object["a"] = 2
    #expect(object.names == ["c", "b", "a"])
    #expect(JSON.object(object).text() == #"{"c":1,"b":"b","a":2}"#)
    #expect(JSON.object(object) == ["a": 2, "b": "b", "c": 1])
    let value = JSON.object(object)
    #expect(value["c"]?.integerValue == 1 && value["c"]?.unsignedValue == 1)
    #expect(value["b"]?.stringValue == "b" && value["c"]?.stringValue == nil)
    #expect(value["z"] == nil && value["c"]?["d"] == nil && value["c"]?.doubleValue == 1)
    #expect(value.objectValue?.count == 3 && value.arrayValue == nil && value.boolValue == nil)
  }
}

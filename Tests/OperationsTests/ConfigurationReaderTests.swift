import Operations
import Testing

@Suite struct ConfigurationReaderTests {
  private func reader(_ text: String) throws -> ConfigurationReader {
    try ConfigurationReader(bytes: Array(text.utf8), file: "hub.json5")
  }

  @Test func `settings are read, and left out they have their defaults`() throws {
    let file = try reader(
      """
      // The hub.
      {
        name: 'Northside', port: 9000, tls: true, peers: ['a', 'b'],
        log: { form: 'json' },
        agencies: [{ name: 'one' }, { name: 'two' }],
      }
      """)
    #expect(file.requiredString("name") == "Northside")
    #expect(file.integer("port", default: 1, in: 1...65_535) == 9_000)
    #expect(file.integer("limit", default: 7, in: 1...10) == 7)
    #expect(file.bool("tls", default: false) && !file.bool("quiet", default: false))
    #expect(file.list("peers") == ["a", "b"] && file.list("others", default: ["c"]) == ["c"])
    #expect(file.optionalString("motto") == nil)
    let log = file.object("log")
    #expect(log.string("form", default: "logfmt", oneOf: ["logfmt", "json"]) == "json")
    #expect(log.string("level", default: "info") == "info")
    #expect(file.object("nothing").string("level", default: "info") == "info")
    #expect(file.objects("agencies").map { $0.requiredString("name") } == ["one", "two"])
    #expect(file.has("tls") && !file.has("quiet"))
    try file.finish()
  }

  @Test func `all mistakes are told at once, each with its line`() throws {
    let file = try reader(
      """
      {
        prot: 9000,
        limit: 11,
        tls: 'yes',
        peers: ['a', 1],
        log: {
          form: 'xml',
          levle: 'info',
        },
        agencies: [
          { nmae: 'one' },
        ],
        zebra: null,
        share: 1.5,
        folder: '',
      }
      """)
    #expect(file.integer("port", default: 8_700, in: 1...65_535) == 8_700)
    #expect(file.integer("limit", default: 7, in: 1...10) == 7)
    #expect(file.integer("share", default: 3, in: 1...10) == 3)
    #expect(file.bool("tls", default: true))
    #expect(file.list("peers", default: ["c"]) == ["c"])
    #expect(file.string("folder", default: "x") == "")
    file.reject("folder", "should name a folder")
    let log = file.object("log")
    #expect(log.string("form", default: "logfmt", oneOf: ["logfmt", "json"]) == "logfmt")
    #expect(log.string("level", default: "info") == "info")
    #expect(file.objects("agencies").map { $0.requiredString("name") } == [""])
    let error = #expect(throws: ConfigurationError.self) { try file.finish() }
    #expect(
      error?.problems == [
        "hub.json5:2: \"prot\" is not a setting; did you mean \"port\"?",
        "hub.json5:3: \"limit\" should be a whole number from 1 to 10, not 11",
        "hub.json5:4: \"tls\" should be true or false, not a text",
        "hub.json5:5: \"peers\" should be a list of texts, not a list",
        "hub.json5:7: \"log.form\" should be one of logfmt, json",
        "hub.json5:8: \"log.levle\" is not a setting; did you mean \"level\"?",
        "hub.json5:11: \"agencies.0.name\" is missing; it must be given",
        "hub.json5:11: \"agencies.0.nmae\" is not a setting; did you mean \"name\"?",
        "hub.json5:13: \"zebra\" is not a setting; known here: agencies, folder, limit, log, "
          + "peers, port, share, tls",
        "hub.json5:14: \"share\" should be a whole number from 1 to 10, not a fraction",
        "hub.json5:15: \"folder\" should name a folder",
      ])
  }

  @Test func `a file that holds no settings is refused at once`() {
    let cases: [(text: String, problem: String)] = [
      ("[]", "hub.json5:1: the file should hold one object: { name: value, … }"),
      ("{a: 1\n b: 2}", "hub.json5:2:2: a comma or the closing bracket should stand here"),
      ("{a: 1,\n a: 2}", "hub.json5:2:2: the name \"a\" stands here twice"),
    ]
    for (text, problem) in cases {
      let error = #expect(throws: ConfigurationError.self) { try reader(text) }
      #expect(error?.problems == [problem])
    }
    let size = ConfigurationReader.maximumBytes
    #expect(throws: ConfigurationError.self) { try reader(String(repeating: " ", count: size + 1)) }
    #expect(throws: FileError(.read, "/nowhere/hub.json5", .notFound)) {
      try ConfigurationReader(path: "/nowhere/hub.json5")
    }
  }

  @Test func `the range includes both ends`() throws {
    for (value, isAllowed) in [(0, false), (1, true), (10, true), (11, false)] {
      let file = try reader("{n: \(value)}")
      _ = file.integer("n", default: 5, in: 1...10)
      if isAllowed {
        try file.finish()
      } else {
        #expect(throws: ConfigurationError.self) { try file.finish() }
      }
    }
  }
}

import Operations
import Testing

@Suite struct ArgumentsTests {
  private let root = Command(
    "cafsync", "share what families agreed to share",
    subcommands: [
      Command(
        "hub", "run the hub",
        subcommands: [
          Command(
            "serve", "answer the agencies' exchanges",
            discussion: """
              Answers until it is told to stop. It listens on loopback unless the configuration says
              that a TLS proxy stands before it.

              Second paragraph.
              """,
            [
              .option("data", "FOLDER", "Where the hub keeps its files.", isRequired: true),
              .option("port", "NUMBER", "The port to listen on.", standard: "8700"),
              .option("peer", "URL", "A peer.", repeats: true),
              .option("log", "FORM", "How lines look.", allowed: ["logfmt", "json"]), .json,
            ],
            run: { _ in .success }),
          Command(
            "enrol", "make a code for a new device",
            [
              .argument("AGENCY", "Its name."),
              .argument("WORDS", "Notes.", isRequired: false, repeats: true),
            ],
            run: { _ in .conflict }),
        ]),
      Command("check", "ask the index", [.argument("A", "One.")], run: { _ in .failure }),
    ])

  private func invocation(_ words: [String]) throws -> Invocation {
    guard case .run(let invocation) = try Arguments.parse(words, root: root) else {
      throw UsageError("not a command", path: "")
    }
    return invocation
  }

  @Test func `options, repeated options, flags and arguments are understood`() throws {
    let serve = try invocation([
      "hub", "serve", "--data=a=b", "--peer", "x", "--json", "--peer=-y", "--log", "json",
    ])
    #expect(serve.path == "cafsync hub serve" && serve.command.name == "serve")
    #expect(serve.required("data") == "a=b" && serve.all("peer") == ["x", "-y"])
    #expect(serve.flag("json") && serve.required("port") == "8700")
    #expect(try serve.integer("port", in: 1...65_535) == 8_700)
    #expect(throws: UsageError.self) { try serve.integer("port", in: 1...80) }
    #expect(throws: UsageError.self) { try serve.integer("data", in: 1...80) }
    #expect(try serve.command.run?(serve) == .success)
    let bare = try invocation(["hub", "serve", "--data", ""])
    #expect(!bare.flag("json") && bare.value("log") == nil && bare.required("data") == "")
    let enrol = try invocation(["hub", "enrol", "-", "--", "--json", "-x"])
    #expect(enrol.required("AGENCY") == "-" && enrol.all("WORDS") == ["--json", "-x"])
    #expect(try invocation(["hub", "enrol", "a"]).all("WORDS") == [])
  }

  @Test func `wrong command lines are refused with a way forward`() {
    let cases: [(words: [String], problem: String)] = [
      ([], "a subcommand is missing: hub, check"),
      (["hub"], "a subcommand is missing: serve, enrol"),
      (["hbu"], "unknown subcommand \"hbu\"; did you mean \"hub\"?"),
      (["zzzzzz"], "unknown subcommand \"zzzzzz\""), (["--jsn"], "unknown option \"--jsn\""),
      (["hub", "--version"], "unknown option \"--version\""),
      (
        ["hub", "serve", "--dta", "a"],
        "unknown option \"--dta\"; did you mean \"--data\"?"
      ),
      (["hub", "serve", "-data", "a"], "unknown option \"-data\"; did you mean \"--data\"?"),
      (["hub", "serve"], "--data FOLDER is missing"),
      (["hub", "serve", "--data"], "--data needs a value"),
      (["hub", "serve", "--data=a", "--data=b"], "--data is given twice"),
      (["hub", "serve", "--json=1"], "--json takes no value"),
      (["hub", "serve", "--data=a", "b"], "\"b\" is one word too many"),
      (
        ["hub", "serve", "--data=a", "--log=jsn"],
        "--log FORM should be one of logfmt, json; did you mean \"json\"?"
      ),
      (["check"], "A is missing"), (["check", "a", "b"], "\"b\" is one word too many"),
    ]
    for (words, problem) in cases {
      let error = #expect(throws: UsageError.self) { try Arguments.parse(words, root: root) }
      #expect(error?.problem == problem)
      #expect(error?.description.contains("--help") == true)
    }
  }

  @Test func `help and version are answered at their levels`() throws {
    guard case .version = try Arguments.parse(["--version"], root: root) else {
      Issue.record("no version")
      return
    }
    for words in [["--help"], ["-h"], ["help"], ["hub", "--help"], ["hub", "serve", "-h"]] {
      guard case .help(let text) = try Arguments.parse(words, root: root) else {
        Issue.record("no help for \(words)")
        continue
      }
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
      #expect(text.contains("-h, --help"))
      #expect(text.contains("Exit codes:") == (words.count == 1))
    }
  }

  @Test func `help is laid out in columns`() throws {
    guard case .help(let text) = try Arguments.parse(["hub", "serve", "--help"], root: root) else {
      Issue.record("no help")
      return
    }
    #expect(
      text == """
        cafsync hub serve: answer the agencies' exchanges.

        Usage:
          cafsync hub serve --data FOLDER [--port NUMBER] [--peer URL…] [--log FORM]
              [--json]

        Answers until it is told to stop. It listens on loopback unless the
        configuration says that a TLS proxy stands before it.

        Second paragraph.

        Options:
          --data FOLDER  Where the hub keeps its files.
          --port NUMBER  The port to listen on. (8700)
          --peer URL     A peer. May be repeated.
          --log FORM     How lines look. One of logfmt, json.
          --json         Print JSON instead of text.
          -h, --help     Show this text.

        """)
  }

  @Test func `exit codes are distinct and explained`() {
    #expect(ExitCode.allCases.map(\.rawValue) == Array(0...9))
    #expect(Set(ExitCode.allCases.map(\.meaning)).count == 10)
  }
}

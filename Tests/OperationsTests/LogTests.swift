import Operations
import Testing

@Suite struct LogTests {
  private func lines(
    _ form: Log.Form, minimum: Log.Level = .debug, at wall: Int64 = 1_764_000_000_123,
    _ body: (Log) -> Void
  ) -> [String] {
    let collected = Lock<[String]>([])
    body(
      Log(
        minimum: minimum, form: form, clock: ManualClock(wallMilliseconds: wall),
        sink: { line in collected.withLock { $0.append(line) } }))
    return collected.withLock { $0 }
  }

  @Test func `an event is one line in either form`() {
    func event(_ log: Log) {
      log.info(
        "exchange finished",
        [
          "device": .identifier([0, 0xAB]), "pages": 3, "ok": true, "path": .text("/a b\"c"),
          "word": .text("plain"), "empty": .text(""), "bytes": .count(UInt64.max),
        ])
    }
    #expect(
      lines(.logfmt, event) == [
        "time=2025-11-24T16:00:00.123Z level=info message=\"exchange finished\" device=00ab "
          + "pages=3 ok=true path=\"/a b\\\"c\" word=plain empty=\"\" bytes=9223372036854775807"
      ])
    #expect(
      lines(.json, event) == [
        #"{"time":"2025-11-24T16:00:00.123Z","level":"info","message":"exchange finished","#
          + #""device":"00ab","pages":3,"ok":true,"path":"/a b\"c","word":"plain","empty":"","#
          + #""bytes":9223372036854775807}"#
      ])
  }

  @Test func `levels below the minimum are silent`() {
    for (index, minimum) in Log.Level.allCases.enumerated() {
      let found = lines(.logfmt, minimum: minimum) { log in
        log.debug("a")
        log.info("a")
        log.warning("a")
        log.error("a")
      }
      #expect(found.count == 4 - index)
    }
  }

  @Test func `no value breaks out of its line`() {
    let hostile = ["a\nlevel=error", "a\r\u{1B}[2J", "\u{2028}\u{85}\u{202E}", "\0\\n", "\" b=c"]
    for text in hostile {
      for form in Log.Form.allCases {
        for line in lines(form, { $0.info("m", ["v": .text(text)]) }) {
          let isHarmless = line.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
          }
          #expect(isHarmless)
          // Without its escapes, the value must not look as if it had ended.
          let bare = line.replacing("\\\\", with: "_").replacing("\\\"", with: "_")
          #expect(!bare.contains("\" b=c"))
        }
      }
    }
  }

  @Test func `long texts are cut at the limit, identifiers too`() {
    let limit = Log.maximumTextScalars
    for (count, end) in [(limit, "x"), (limit + 1, "x… (1 more)\""), (limit + 88, "(88 more)\"")] {
      let text = String(repeating: "x", count: count)
      let line = lines(.logfmt) { $0.info("m", ["v": .text(text)]) }.first
      #expect(line?.hasSuffix(end) == true)
    }
    let line = lines(.logfmt) { $0.info("m", ["v": .identifier(Array(repeating: 1, count: 65))]) }
    #expect(line.first?.hasSuffix("v=" + String(repeating: "01", count: 64)) == true)
  }

  @Test func `times are right far from today`() {
    let cases: [(wall: Int64, time: String)] = [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.999Z"),
      (.min, "0001-01-01T00:00:00.000Z"),
    ]
    for (wall, time) in cases {
      #expect(lines(.logfmt, at: wall) { $0.info("m") } == ["time=\(time) level=info message=m"])
    }
  }

  @Test func `an error tells its sentence`() {
    let error = Log.Value.error(FileError(.read, "/a", .diskFull))
    #expect(error == .text(FileError(.read, "/a", .diskFull).description))
  }
}

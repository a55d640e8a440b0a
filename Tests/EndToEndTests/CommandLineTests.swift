import Testing

@Suite("What the command line refuses before it asks anybody")
struct CommandLineTests {
  /// The directory of agencies leaves out what it has no code for: nobody would ever see it.
  @Test("an agency's sector and locality are codes that the directory knows")
  func codes() throws {
    let add = ["hub", "agency", "add", "Wren", "--folder", "/nonexistent"]
    let cases = [
      (["--sector", "education", "--locality", "batley"], "school"),
      (["--sector", "school", "--locality", "Batley"], "batley"),
    ]
    for (words, known) in cases {
      let result = try Executable.run(add + words)
      #expect(result.status == 2 && result.complaint.contains(known), "\(result.complaint)")
    }
    let right = try Executable.run(add + ["--sector", "school", "--locality", "batley"])
    #expect(right.status != 2 && right.status != 0)
  }
}

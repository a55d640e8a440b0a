import TestDaemons
import Testing

extension EndToEnd {
  @Suite("What the command line refuses before it asks anybody")
  struct CommandLines {
    /// The directory of agencies leaves out what it has no code for: nobody would ever see it.
    @Test("an agency's sector and locality are codes that the directory knows")
    func codes() throws {
      let folder = try TestFolder()
      func add(_ words: [String]) throws -> DaemonProcess.Ended {
        try DaemonProcess.run(
          arguments: (["hub", "agency", "add", "Wren", "--folder", "/nonexistent"] + words)
            .map { Array($0.utf8) }, in: folder)
      }
      let cases = [
        (["--sector", "education", "--locality", "batley"], "school"),
        (["--sector", "school", "--locality", "Batley"], "batley"),
      ]
      for (words, known) in cases {
        let result = try add(words)
        #expect(result.status == 2 && result.complaint.contains(known), "\(result.complaint)")
      }
      let right = try add(["--sector", "school", "--locality", "batley"])
      #expect(right.status != 2 && right.status != 0)
    }
  }
}

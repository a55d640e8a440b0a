import Foundation
import TestDaemons
import Testing

extension EndToEnd {
  /// `Configs/RUNBOOK.md` says only what is true of the program, as far as a test can see that.
  @Suite("The runbook")
  struct Runbook {
    private static func configuration(_ name: String) throws -> String {
      let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Configs/" + name)
      return try String(contentsOf: url, encoding: .utf8)
    }

    @Test("every command and option that it names is there")
    func commands() throws {
      let folder = try TestFolder()
      let text = try Self.configuration("RUNBOOK.md")
      // `cafsync`, words in small letters, and what follows on that line or in those backquotes.
      let named = text.matches(of: #/\bcafsync((?: [a-z][a-z-]*)+)([^`\n#]*)/#)
      #expect(named.count > 20)
      var helps: [[String]: DaemonProcess.Ended] = [:]
      for command in named where command.1.hasPrefix(" hub") || command.1.hasPrefix(" agency") {
        let words = command.1.split(separator: " ").map(String.init)
        let help = try helps[words] ?? help(words, in: folder)
        helps[words] = help
        #expect(help.status == 0, "cafsync\(command.1): \(help.text)")
        for option in command.2.matches(of: #/(--[a-z-]+)/#) {
          #expect(help.output.contains(option.1), "cafsync\(command.1) has no \(option.1)")
        }
      }
      #expect(helps.count > 10)
    }

    private func help(_ words: [String], in folder: TestFolder) throws -> DaemonProcess.Ended {
      let line = words + ["--help"]
      return try DaemonProcess.run(arguments: line.map { Array($0.utf8) }, in: folder)
    }

    @Test("every place in it that is pointed at is there")
    func anchors() throws {
      let text = try Self.configuration("RUNBOOK.md")
      let headings = text.matches(of: #/\n#+ ([^\n]+)/#).map {
        $0.1.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
          .replacing(" ", with: "-")
      }
      let pointers = text.matches(of: #/\]\(#([^)]+)\)/#).map { String($0.1) }
      #expect(!pointers.isEmpty)
      for pointer in pointers { #expect(headings.contains(pointer), "#\(pointer)") }
    }
  }
}

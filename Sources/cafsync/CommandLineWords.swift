import Operations

/// The words after the program's name, as they were given.
///
/// `CommandLine.arguments` would put a replacement character for what is no UTF-8, and a name
/// would be kept that nobody wrote.
func commandLineWords() throws(UsageError) -> [String] {
  var words: [String] = []
  for index in 1..<max(Int(CommandLine.argc), 1) {
    guard let word = CommandLine.unsafeArgv[index], let text = String(validatingCString: word)
    else {
      throw UsageError(
        "word \(index) of the command line is not UTF-8: set the terminal to UTF-8, and type it "
          + "again", path: "cafsync")
    }
    words.append(text)
  }
  return words
}

// Synchronous, and signals first: a signal that is not blocked before any thread starts ends the
// process wherever it is.
import Glibc
import Operations

CoreDumps.refuse()
do {
  let signals = try Signals.take()
  let words = try commandLineWords()
  switch try Arguments.parse(words, root: Root.command(signals: signals)) {
  case .help(let text): Terminal.print(text, terminator: "")
  case .version: Terminal.print("cafsync \(Root.version)")
  case .run(let invocation):
    // A command's tree guarantees that what was parsed can run.
    let code = try invocation.command.run?(invocation) ?? .usage
    exit(code.rawValue)
  }
} catch {
  Terminal.complain(error)
  exit(Failure.exit(of: error).rawValue)
}

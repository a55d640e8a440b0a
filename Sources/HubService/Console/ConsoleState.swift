import Operations
import PageServer

/// What the console and the operator's commands share: who may sign in, and who has.
final class ConsoleState: Sendable {
  let operators: OperatorBook
  let sessions: PageSessions
  /// Where the console's pages are, once they are served.
  let address = Lock<String?>(nil)

  init(folder: HubFolder, configuration: HubConfiguration, clock: any Clock) throws {
    operators = try OperatorBook(path: folder.operatorsPath)
    sessions = PageSessions(clock: clock, idleMinutes: configuration.consoleIdleMinutes)
  }
}

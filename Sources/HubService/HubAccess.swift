import HTTPTransport
package import Operations

/// How a command reaches a hub: through the daemon if one runs on the folder, else by opening the
/// folder itself for the moment.
package enum HubAccess {
  /// - Parameter credentials: as `HubDaemon` takes it; a running hub has its own.
  package static func perform(
    folder: String, credentials: String? = nil, operation: String, arguments: JSON = [:],
    configuration: HubConfiguration? = nil
  ) throws -> JSON {
    let hub = HubFolder(path: folder, credentials: credentials)
    let isUpkeep = HubUpkeep.operations.contains(operation)
    do throws(LocalFailure) {
      return try LocalControl.ask(
        folder: folder, operation: operation, arguments: arguments,
        deadlineMilliseconds: isUpkeep ? 3_600_000 : 120_000)
    } catch  where error.exit == .unreachable {
      return try directly(hub, operation, arguments, configuration)
    }
  }

  private static func directly(
    _ hub: HubFolder, _ operation: String, _ arguments: JSON, _ configuration: HubConfiguration?
  ) throws -> JSON {
    try hub.requireInitialised()
    let lock = try FolderLock(folder: hub.path)
    defer { lock.release() }
    if HubUpkeep.operations.contains(operation) {
      return try upkeep(hub, operation, arguments, configuration)
    }
    let core = try core(hub, configuration)
    defer { core.close() }
    let administration = HubAdministration(core: core, who: HubAdministration.commandLine)
    let performed = try core.commit { try administration.perform(operation, arguments) }
    return try administration.finish(performed, operation, arguments)
  }

  private static func core(
    _ hub: HubFolder, _ configuration: HubConfiguration?
  ) throws -> HubCore {
    try HubCore(
      folder: hub, configuration: configuration ?? HubConfiguration(folder: hub.path),
      log: .silent, clock: SystemClock())
  }

  /// The same as the daemon's, with the note written after it.
  private static func upkeep(
    _ hub: HubFolder, _ operation: String, _ arguments: JSON, _ configuration: HubConfiguration?
  ) throws -> JSON {
    let now = UInt64(max(SystemClock().wallMilliseconds(), 0))
    let task = UpkeepTask(
      folder: hub, operation: operation, arguments: arguments,
      who: HubAdministration.commandLine, now: now)
    func write(_ note: HubNote) throws -> JSON {
      let core = try core(hub, configuration)
      defer { core.close() }
      return try core.commit { try note.write(to: core.store, now: now) }
    }
    let outcome: UpkeepTask.Outcome
    do {
      outcome = try task.run()
    } catch {
      // The first failure is the one to tell; a folder that cannot be opened may be its cause.
      if let note = task.noteOfFailure("\(error)") { _ = try? write(note) }
      throw error
    }
    return try outcome.note.map { try write($0) } ?? outcome.answer
  }
}

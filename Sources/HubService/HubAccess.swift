import HTTPTransport
package import Operations

/// How a command reaches a hub: through the daemon if one runs on the folder, else by opening the
/// folder itself for the moment.
package enum HubAccess {
  package static func perform(
    folder: String, operation: String, arguments: JSON = [:],
    configuration: HubConfiguration? = nil
  ) throws -> JSON {
    let hub = HubFolder(path: folder)
    try hub.requireInitialised()
    do throws(LocalFailure) {
      return try LocalControl.ask(folder: folder, operation: operation, arguments: arguments)
    } catch  where error.exit == .unreachable {
      return try directly(hub, operation, arguments, configuration)
    }
  }

  private static func directly(
    _ hub: HubFolder, _ operation: String, _ arguments: JSON, _ configuration: HubConfiguration?
  ) throws -> JSON {
    let lock = try FolderLock(folder: hub.path)
    defer { lock.release() }
    let core = try HubCore(
      folder: hub, configuration: configuration ?? HubConfiguration(folder: hub.path),
      log: .silent, clock: SystemClock())
    defer { core.close() }
    return try core.commit {
      try HubAdministration(core: core, who: HubAdministration.commandLine)
        .perform(operation, arguments)
    }
  }
}

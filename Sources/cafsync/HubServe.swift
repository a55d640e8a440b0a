import HubService
import Operations

/// `cafsync hub serve`.
extension HubCommands {
  static func serve(signals: Signals) -> Command {
    Command(
      "serve", "serve the agencies until a signal says stop",
      discussion: """
        Listens on loopback for the TLS proxy before it. SIGTERM and SIGINT end it within five \
        seconds; killed, it loses nothing that it has acknowledged.
        """,
      [
        .option("config", "FILE", "The configuration; Configs/hub.json5 documents it."), folder,
        .option("port", "PORT", "Instead of the configured one; 0 lets the system choose."),
        .option(
          "console-port", "PORT",
          "Of the operator's pages; with --port, the system chooses it otherwise."),
        .option("port-file", "FILE", "Where to write the port, once it listens."),
        .option(
          "metrics-port", "PORT", "Where on 127.0.0.1 to serve /metrics and /readyz; 0: nowhere."),
      ]
    ) { invocation in
      var configuration = try self.configuration(of: invocation)
      if let port = try invocation.integer("port", in: 0...65_535) {
        configuration.port = UInt16(port)
        configuration.consolePort = 0
      }
      if let port = try invocation.integer("console-port", in: 0...65_535) {
        configuration.consolePort = UInt16(port)
      }
      if let port = try invocation.integer("metrics-port", in: 0...65_535) {
        configuration.metricsPort = UInt16(port)
      }
      let log = Log(minimum: configuration.logLevel, form: configuration.logForm)
      let filesWanted = configuration.connectionsMax + 64
      let filesAllowed = OpenFiles.allow(filesWanted)
      if filesAllowed < filesWanted {
        log.warning(
          "fewer connections than configured: the system's limit on open files is lower",
          ["connections": .count(configuration.connectionsMax), "files": .count(filesAllowed)])
      }
      let daemon = try HubDaemon(configuration, credentials: credentials, log: log)
      if let file = invocation.value("port-file") {
        do {
          try AtomicFile.write(Array("\(daemon.port)\n".utf8), to: file, mode: 0o644)
        } catch {
          daemon.stop()
          throw error
        }
      }
      try daemon.run(until: signals)
      return .success
    }
  }

  private static func configuration(of invocation: Invocation) throws -> HubConfiguration {
    guard let file = invocation.value("config") else {
      return HubConfiguration(folder: try folder(of: invocation))
    }
    var configuration = try HubConfiguration(file: file)
    if let folder = invocation.value("folder") { configuration.folder = folder }
    return configuration
  }
}

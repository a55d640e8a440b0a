import HTTPTransport
import HTTPWire
package import Operations
import PageServer
import SyncProtocol

/// How a hub serves; `Configs/hub.json5` documents every key.
package struct HubConfiguration: Sendable {
  package var folder: String
  package var host = "127.0.0.1"
  /// 0 lets the system choose.
  package var port: UInt16 = 8_700
  /// The operator says that a TLS proxy stands before the address: only then it may be other than
  /// loopback.
  package var behindTLSProxy = false
  package var leaseDays: UInt64 = 30
  /// How long changes are kept beside the states they have made: whoever is further behind is sent
  /// the state.
  package var changeLogDays: UInt64 = 90
  package var enrolmentCodeMinutes: UInt64 = 60
  /// The longest a long poll is kept, whatever the device asks for.
  package var waitMillisecondsMax: UInt64 = 240_000
  package var connectionsMax = 16_384
  /// Where on loopback metrics and probes are served; 0 for nowhere.
  package var metricsPort: UInt16 = 0
  package var isConsoleEnabled = true
  /// 0 lets the system choose.
  package var consolePort: UInt16 = 8_701
  /// Where operators find the console, through the TLS proxy before it: `https://` and a name.
  package var consolePublicURL: String?
  package var consoleIdleMinutes = PageSessions.idleMinutesStandard
  /// Where a backup goes that is asked for at the console; empty: none can be.
  package var backupFolder = ""
  package var backupKeysFolder = ""
  package var backupsKept = 30
  package var logLevel = Log.Level.info
  package var logForm = Log.Form.logfmt

  package init(folder: String) { self.folder = folder }

  /// Reads a file; throws everything that is wrong with it at once.
  package init(file: String) throws {
    try self.init(ConfigurationReader(path: file))
  }

  package init(_ file: ConfigurationReader) throws(ConfigurationError) {
    self.init(folder: file.requiredString("folder"))
    let listen = file.object("listen")
    host = listen.string("host", default: host)
    port = UInt16(clamping: listen.integer("port", default: Int(port), in: 0...65_535))
    behindTLSProxy = listen.bool("behindTLSProxy", default: behindTLSProxy)
    leaseDays = UInt64(file.integer("leaseDays", default: Int(leaseDays), in: 1...3_650))
    changeLogDays = UInt64(
      file.integer("changeLogDays", default: Int(changeLogDays), in: 1...3_650))
    enrolmentCodeMinutes = UInt64(
      file.integer("enrolmentCodeMinutes", default: Int(enrolmentCodeMinutes), in: 1...10_080))
    waitMillisecondsMax = UInt64(
      file.integer(
        "waitMillisecondsMax", default: Int(waitMillisecondsMax),
        in: 0...Int(SyncLimits.waitMillisecondsMax)))
    connectionsMax = file.integer("connectionsMax", default: connectionsMax, in: 1...100_000)
    metricsPort = UInt16(
      clamping: file.integer("metricsPort", default: Int(metricsPort), in: 0...65_535))
    readConsole(file.object("console"))
    readBackup(file.object("backup"))
    let log = file.object("log")
    let levels = Log.Level.allCases.map(\.rawValue)
    logLevel =
      Log.Level(rawValue: log.string("level", default: logLevel.rawValue, oneOf: levels))
      ?? logLevel
    let forms = Log.Form.allCases.map(\.rawValue)
    logForm =
      Log.Form(rawValue: log.string("form", default: logForm.rawValue, oneOf: forms)) ?? logForm
    do throws(HTTPServerError) {
      try listenPolicy.check(.tcp(host: host, port: port))
    } catch {
      listen.reject("host", "does not do: \(error)")
    }
    try file.finish()
  }

  private mutating func readConsole(_ file: ConfigurationReader) {
    isConsoleEnabled = file.bool("enabled", default: isConsoleEnabled)
    consolePort = UInt16(
      clamping: file.integer("port", default: Int(consolePort), in: 0...65_535))
    consoleIdleMinutes = file.integer(
      "idleMinutes", default: consoleIdleMinutes, in: 1...PageSessions.idleMinutesMax)
    let url = file.string("publicURL", default: "").lowercased()
    guard !url.isEmpty else { return }
    let authority = url.dropFirst("https://".count)
    let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789.-:[]")
    if url.hasPrefix("https://"), !authority.isEmpty, authority.allSatisfy(allowed.contains) {
      consolePublicURL = url
    } else {
      file.reject("publicURL", "should be https:// and a name, without a path")
    }
  }

  /// Both folders or none, by whole paths: whoever signs in to the console cannot name others.
  private mutating func readBackup(_ file: ConfigurationReader) {
    backupFolder = file.string("to", default: backupFolder)
    backupKeysFolder = file.string("keys", default: backupKeysFolder)
    backupsKept = file.integer("keep", default: backupsKept, in: 1...10_000)
    for (name, path) in [("to", backupFolder), ("keys", backupKeysFolder)]
    where !path.isEmpty && !path.hasPrefix("/") {
      file.reject(name, "should be a whole path, beginning with /")
    }
    if backupFolder.isEmpty != backupKeysFolder.isEmpty {
      file.reject("keys", "goes with \"to\": name both folders, or neither")
    }
  }

  private var listenPolicy: ListenPolicy { behindTLSProxy ? .behindTLSProxy : .loopbackOnly }

  var serverOptions: HTTPServerOptions {
    HTTPServerOptions(
      limits: HTTPLimits(bodyBytesMax: SyncLimits.bodyBytesMax), listenPolicy: listenPolicy,
      connectionsMax: connectionsMax)
  }
}

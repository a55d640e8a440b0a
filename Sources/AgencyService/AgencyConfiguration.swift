package import Operations
import PageServer
import SyncProtocol

/// How an agency's daemon runs; `Configs/agency.json5` documents every key.
package struct AgencyConfiguration: Sendable {
  package var folder: String
  /// Who writes when a command does not say: a practitioner's name or identifier.
  package var practitioner: String?
  package var proxyURL = ""
  /// Where private notes are backed up to; nil: beside the data folder.
  package var privateBackupFile: String?
  /// How long the hub may keep a question open while there is no news.
  package var waitMilliseconds: UInt64 = 55_000
  /// The pages' API on loopback; 0 lets the system choose the port, nil: none.
  package var apiPort: UInt16? = 0
  /// After so long without a request a session of the pages is over; after the last one, keys with
  /// a passphrase are locked.
  package var idleMinutes = PageSessions.idleMinutesStandard
  /// After so many days without a word written in it, a pre-CAF that no CAF followed is deleted.
  package var preCAFKeptDays = AgencyConfiguration.preCAFKeptDaysStandard
  static let preCAFKeptDaysStandard = 90
  /// A year: a checklist is no record of its own.
  static let preCAFKeptDaysMax = 365
  /// The longest wait between attempts while the line is down.
  package var retryMillisecondsMax: Int64 = 300_000
  package var logLevel = Log.Level.info
  package var logForm = Log.Form.logfmt

  package init(folder: String) { self.folder = folder }

  /// Reads a file; throws everything that is wrong with it at once.
  package init(file: String) throws {
    try self.init(ConfigurationReader(path: file))
  }

  package init(_ file: ConfigurationReader) throws(ConfigurationError) {
    self.init(folder: file.requiredString("folder"))
    practitioner = file.optionalString("practitioner")
    proxyURL = file.string("proxy", default: proxyURL)
    privateBackupFile = file.optionalString("privateBackupFile")
    waitMilliseconds = UInt64(
      file.integer(
        "waitMilliseconds", default: Int(waitMilliseconds),
        in: 0...Int(SyncLimits.waitMillisecondsMax)))
    retryMillisecondsMax = Int64(
      file.integer("retryMillisecondsMax", default: Int(retryMillisecondsMax), in: 1...3_600_000))
    let api = file.object("api")
    let isServed = api.bool("enabled", default: true)
    let port = api.integer("port", default: 0, in: 0...65_535)
    apiPort = isServed ? UInt16(clamping: port) : nil
    idleMinutes = file.object("pages").integer(
      "idleMinutes", default: idleMinutes, in: 1...PageSessions.idleMinutesMax)
    preCAFKeptDays = file.object("preCAF").integer(
      "keptDays", default: preCAFKeptDays, in: 1...Self.preCAFKeptDaysMax)
    let log = file.object("log")
    let levels = Log.Level.allCases.map(\.rawValue)
    logLevel =
      Log.Level(rawValue: log.string("level", default: logLevel.rawValue, oneOf: levels))
      ?? logLevel
    let forms = Log.Form.allCases.map(\.rawValue)
    logForm =
      Log.Form(rawValue: log.string("form", default: logForm.rawValue, oneOf: forms)) ?? logForm
    try file.finish()
  }
}

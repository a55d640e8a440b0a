import Foundation
import Operations
import TestDaemons
import Testing

/// A program of the system, run to its end.
enum Tool {
  @discardableResult
  static func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = try url(of: name)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  static func url(of name: String) throws -> URL {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"]
    let found = folders.map { $0 + "/" + name }.first { access($0, X_OK) == 0 }
    return URL(fileURLWithPath: try #require(found, "\(name) is missing: .ci/test installs it"))
  }
}

/// A CA of a test's own, made with the openssl command.
struct PrivateAuthority {
  let folder: String
  let name: String
  var file: String { folder + "/\(name)-ca.pem" }
  private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

  init(_ name: String, in folder: TestFolder) throws {
    self.folder = folder.path
    self.name = name
    try openssl(
      ["req", "-x509"] + Self.key + [
        "-keyout", file + ".key", "-out", file, "-days", "2", "-subj", "/CN=\(name) test CA",
      ])
  }

  /// The paths of a certificate and its key.
  func certificate(_ title: String, names: String, days: Int = 2) throws -> (
    file: String, key: String
  ) {
    let base = folder + "/\(name)-\(title)"
    try AtomicFile.write(Array("subjectAltName=\(names)\n".utf8), to: base + ".names")
    try openssl(
      ["req"] + Self.key + ["-keyout", base + ".key", "-out", base + ".csr", "-subj", "/CN=hub"])
    try openssl([
      "x509", "-req", "-in", base + ".csr", "-CA", file, "-CAkey", file + ".key", "-CAcreateserial",
      "-days", "\(days)", "-extfile", base + ".names", "-out", base + ".pem",
    ])
    return (base + ".pem", base + ".key")
  }

  private func openssl(_ arguments: [String]) throws {
    let ended = try Tool.run("openssl", arguments)
    try #require(ended.status == 0, "openssl \(arguments): \(ended.text)")
  }
}

/// nginx with the configuration that is shipped, but for ports and paths.
final class TLSProxy {
  let port: UInt16
  /// Where it looks for the hub's console.
  let consolePort: UInt16
  private let hub: TestHub
  private let folder: String
  private var process: Process?

  init(before hub: TestHub, in folder: TestFolder) throws {
    self.hub = hub
    self.folder = folder.path + "/nginx"
    try FileManager.default.createDirectory(
      atPath: self.folder, withIntermediateDirectories: false)
    port = try Self.freePort()
    consolePort = try Self.freePort()
  }

  deinit { stop() }

  /// Names that a certificate for both servers has.
  static let names = "DNS:localhost,DNS:console.localhost"

  var url: String { "https://localhost:\(port)" }
  var consoleURL: String { "https://console.localhost:\(port)" }

  /// - Parameters:
  ///   - protocols: instead of what is shipped, to stand for a server that is not the hub's.
  ///   - clients: switches client certificates on: those of this CA.
  func start(
    _ certificate: (file: String, key: String), speaking protocols: String? = nil,
    hearing clients: PrivateAuthority? = nil
  ) throws {
    stop()
    let path = folder + "/nginx.conf"
    var text = try configuration(certificate)
    if let protocols {
      try Self.replace("ssl_protocols       TLSv1.3;", with: protocols, in: &text)
    }
    if let clients {
      for name in ["devices", "operators"] {
        try Self.replace(
          "#ssl_client_certificate /etc/cafsync/tls/\(name)-ca.crt;",
          with: "ssl_client_certificate \(clients.file);", in: &text)
      }
      try Self.replace("#ssl_verify_client      on;", with: "ssl_verify_client on;", in: &text)
    }
    try AtomicFile.write(Array(text.utf8), to: path)
    let process = Process()
    process.executableURL = try Tool.url(of: "nginx")
    process.arguments = [
      "-p", folder, "-e", folder + "/error.log", "-c", path,
      "-g", "daemon off; master_process off; pid \(folder)/pid;",
    ]
    let errors = folder + "/stderr"
    try #require(FileManager.default.createFile(atPath: errors, contents: nil))
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    self.process = process
    _ = try awaited("nginx to listen") { () throws -> Bool? in
      guard process.isRunning else {
        throw Overdue(
          description: try String(contentsOfFile: errors, encoding: .utf8))
      }
      return Self.answers(port) ? true : nil
    }
  }

  private func stop() {
    guard let process, process.isRunning else { return }
    // It inherits the signals that this process blocks, SIGTERM among them.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private func configuration(_ certificate: (file: String, key: String)) throws -> String {
    let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Configs/nginx.conf")
    var text = try String(contentsOf: shipped, encoding: .utf8)
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: " ")
    for (theirs, ours) in [
      ("listen 443 ssl", "listen 127.0.0.1:\(port) ssl"),
      ("127.0.0.1:8700", "127.0.0.1:\(hub.port)"),
      ("127.0.0.1:8701", "127.0.0.1:\(consolePort)"),
      ("console.example.org", "console.localhost"),
      ("/etc/cafsync/tls/hub.crt", certificate.file),
      ("/etc/cafsync/tls/hub.key", certificate.key), ("http {\n", "http {\n  \(temporary)\n"),
    ] {
      try Self.replace(theirs, with: ours, in: &text)
    }
    return text
  }

  private static func replace(
    _ theirs: String, with ours: String, in text: inout String
  ) throws {
    try #require(text.contains(theirs), "Configs/nginx.conf says \(theirs) no more")
    text.replace(theirs, with: ours)
  }

  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(status)
    return UInt16(bigEndian: address.sin_port)
  }

  private static func answers(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

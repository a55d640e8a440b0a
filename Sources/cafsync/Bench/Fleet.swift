import Benchmarks
import CaseRecords
import Causality
import Glibc
import Operations

/// Devices that wait for each other's news and write themselves, hundreds in each of a few
/// processes, one connection each.
struct Fleet {
  static let processes = 4
  /// How often each device writes.
  static let writeEveryMilliseconds: Int64 = 60_000
  private static let pollWaitMilliseconds: UInt64 = 55_000

  /// What one of the processes has to say when its time is over.
  struct Result {
    var exchanges: Int
    /// From the first byte of the request to the last of the reply, each in milliseconds.
    var writes: [Double]

    var json: JSON {
      ["exchanges": .count(exchanges), "writes": .array(writes.map { .number($0) })]
    }

    init(exchanges: Int = 0, writes: [Double] = []) {
      self.exchanges = exchanges
      self.writes = writes
    }

    init(file: String) throws {
      let json = try JSON.parse(try AtomicFile.read(file, maximumBytes: 64 << 20))
      exchanges = Int(json["exchanges"]?.integerValue ?? 0)
      writes = (json["writes"]?.arrayValue ?? []).compactMap(\.doubleValue)
    }
  }

  /// One of the processes. `part` is PORT,FIRST,COUNT,SECONDS,FILE: it writes FILE.ready once all
  /// its devices wait, and FILE when the time is over. FILE.agencies has an agency's identifier in
  /// each line; devices belong to them in turn. Anything but an answer ends it.
  static func play(_ part: String, signals: Signals) throws -> ExitCode {
    let words = part.split(separator: ",", maxSplits: 4).map(String.init)
    guard words.count == 5, let port = UInt16(words[0]), let first = Int(words[1]),
      let count = Int(words[2]), let seconds = Int64(words[3])
    else { return .usage }
    let listed = try AtomicFile.read(words[4] + ".agencies", maximumBytes: 1 << 20)
    let agencies = String(decoding: listed, as: UTF8.self).split(separator: "\n")
      .compactMap { AgencyID(text: String($0)) }
    guard !agencies.isEmpty else { return .usage }
    OpenFiles.allow(count + 64)
    let clock = SystemClock()
    let start = clock.bootMilliseconds()
    let members = try (first..<first + count).map { number in
      // Evenly over the time between two writes.
      let offset = Self.writeEveryMilliseconds * Int64(number - first) / Int64(count)
      return try Member(
        number: number, agency: agencies[number % agencies.count], port: port,
        writesAt: start + offset + 1)
    }
    try AtomicFile.write(Array("waiting\n".utf8), to: words[4] + ".ready")
    let end = clock.bootMilliseconds() + seconds * 1_000
    while clock.bootMilliseconds() < end {
      if try signals.next(limitMilliseconds: 0) == .stop { return .failure }
      for member in try Self.readable(members) { try member.hear() }
      for member in members where member.writesAt <= clock.bootMilliseconds() {
        try member.write()
        member.writesAt += Self.writeEveryMilliseconds
      }
    }
    var result = Result()
    for member in members {
      result.exchanges += member.exchanges
      result.writes += member.writeMilliseconds
    }
    try AtomicFile.write(result.json.bytes(), to: words[4])
    return .success
  }

  private static func readable(_ members: [Member]) throws -> [Member] {
    var queries = members.map {
      pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
    }
    let ready = poll(&queries, nfds_t(queries.count), 20)
    guard ready >= 0 || errno == EINTR else { throw FileError(.read, "sockets", errno: errno) }
    return ready <= 0
      ? [] : zip(members, queries).filter { $0.1.revents != 0 }.map(\.0)
  }

  /// One device.
  private final class Member {
    private let agency: AgencyID
    private let port: UInt16
    private var device: WaitingDevice
    private var connection: PlainConnection
    private var edits = 0
    var writesAt: Int64
    private(set) var exchanges = 0
    private(set) var writeMilliseconds: [Double] = []

    var descriptor: Int32 { connection.descriptor }

    init(number: Int, agency: AgencyID, port: UInt16, writesAt: Int64) throws {
      self.agency = agency
      self.port = port
      self.writesAt = writesAt
      device = WaitingDevice(number: number)
      connection = try PlainConnection(port: port)
      try waitForNews()
    }

    /// The poll is answered: with news, or because its time is over.
    func hear() throws {
      exchanges += 1
      if try !device.hear(over: connection) { try catchUp() }
      try connection.send(device.question(waitMilliseconds: Fleet.pollWaitMilliseconds))
    }

    /// As a device does it: it leaves its poll, finds out what had become of it, and sends.
    func write() throws {
      connection = try PlainConnection(port: port)
      try catchUp()
      edits += 1
      let watch = Stopwatch()
      let isCaughtUp = try device.write(edits, of: agency, over: connection)
      writeMilliseconds.append(watch.wallSeconds * 1e3)
      exchanges += 1
      if !isCaughtUp { try catchUp() }
      try connection.send(device.question(waitMilliseconds: Fleet.pollWaitMilliseconds))
    }

    private func waitForNews() throws {
      try catchUp()
      try connection.send(device.question(waitMilliseconds: Fleet.pollWaitMilliseconds))
    }

    private func catchUp() throws {
      repeat { exchanges += 1 } while try !device.ask(over: connection)
    }
  }
}

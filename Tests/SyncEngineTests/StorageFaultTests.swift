import ReplicaStore
import SQLite
import TestSupport
import Testing

/// A transaction that was cut off by the disk happened or did not, wherever it was cut.
@Suite("Storage that fails at each operation in turn")
struct StorageFaultTests {
  /// `make test` takes one step in so many, the first that makes a key among them.
  private static let sampleEvery = 19

  @Test("error, full disk, short write, crash: nothing is half done, nothing acknowledged is lost")
  func campaign() throws {
    let recorded = try FaultDistrict()
    var transactions = 0
    var runs = 0
    for (number, step) in FaultStep.rounds(soaks ? 26 : 12).enumerated() {
      let snapshot = recorded.snapshot()
      for machine in step.machines where soaks || number % Self.sampleEvery == 2 {
        let campaign = try FaultCampaign(snapshot, step, on: machine)
        transactions += campaign.transactionCount
        for fault in SimulatedDisk.Fault.allCases {
          var place = 1
          while try campaign.strike(fault, at: place) { place += 1 }
          runs += place - 1
        }
      }
      try recorded.run(step)
    }
    recorded.close()
    #expect(transactions >= (soaks ? 300 : 8), "\(transactions)")
    #expect(runs > 30 * transactions, "\(runs) faults for \(transactions) transactions")
  }

  @Test("a start that is cut off, at each operation, is taken up by the next one")
  func opening() throws {
    let recorded = try FaultDistrict()
    var runs = 0
    for (number, step) in FaultStep.rounds(soaks ? 12 : 1).enumerated() {
      try recorded.run(step)
      guard number % 12 == 7 else { continue }
      for machine in Machine.allCases {
        // As a crash leaves it: with a log to be read again.
        let left = recorded.disk(of: machine).after(.processDied)
        let state = try Self.stateWhenOpened(left.copy(), machine)
        for fault in SimulatedDisk.Fault.allCases {
          for place in 1... {
            let disk = left.copy()
            disk.strike(fault, at: place)
            let opened = try? Self.stateWhenOpened(disk, machine)
            guard disk.hasStruck else { break }
            #expect(opened == nil || opened == state, "\(machine), \(fault) at \(place)")
            disk.stop()
            for aftermath in [SimulatedDisk.Aftermath.dropped, .reordered(seed: UInt64(place))] {
              #expect(
                try Self.stateWhenOpened(disk.after(aftermath), machine) == state,
                "\(machine), \(fault) at \(place), \(aftermath)")
            }
            runs += 1
          }
        }
      }
    }
    recorded.close()
    #expect(runs > (soaks ? 300 : 20), "\(runs)")
  }

  private static func stateWhenOpened(
    _ disk: SimulatedDisk, _ machine: Machine
  ) throws -> StoredState {
    let store = try FaultDistrict.store(of: machine, on: disk)
    defer {
      store.database.close()
      store.vault.close()
    }
    return try StoredState(of: store)
  }

  @Test("what a start has found committed stays so")
  func foundCommitted() throws {
    func count(_ disk: SimulatedDisk) throws -> Int64? {
      let database = try Database(path: "/db", options: DatabaseOptions(vfs: disk.name))
      defer { database.close() }
      return try database.first("SELECT count(*) FROM t") { $0.int(0) }
    }
    let made = SimulatedDisk()
    let first = try Database(path: "/db", options: DatabaseOptions(vfs: made.name))
    try first.execute("CREATE TABLE t (v INTEGER) STRICT")
    var found: Set<Int64?> = []
    for place in 1... {
      let disk = made.copy()
      let database = try Database(path: "/db", options: DatabaseOptions(vfs: disk.name))
      disk.strike(.crash, at: place)
      _ = try? database.run("INSERT INTO t VALUES (1)")
      guard disk.hasStruck else { break }
      let left = disk.after(.processDied)
      let restarted = try Database(path: "/db", options: DatabaseOptions(vfs: left.name))
      let shown = try restarted.first("SELECT count(*) FROM t") { $0.int(0) }
      found.insert(shown)
      #expect(try count(left.after(.dropped)) == shown, "\(place)")
      restarted.close()
      database.close()
    }
    // Some died before the commit could be seen, and some after it.
    #expect(found == [0, 1])
    first.close()
  }

  @Test("what a checkpoint has erased does not come back with a cut of the power")
  func emptiedLog() throws {
    let disk = SimulatedDisk()
    let secret = Array("a key that was destroyed".utf8)
    let database = try Database(path: "/db", options: DatabaseOptions(vfs: disk.name))
    try database.execute("CREATE TABLE t (v BLOB) STRICT")
    try database.run("INSERT INTO t VALUES (?)", .blob(secret))
    #expect(disk.holds(secret))
    try database.run("DELETE FROM t")
    #expect(try database.checkpointTruncate())
    #expect(!disk.holds(secret))
    database.close()
  }
}

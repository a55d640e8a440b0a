import CSQLite
import Glibc
import Operations

/// SQLite's way to a `SimulatedDisk` (https://www.sqlite.org/vfs.html), with the habits of its own
/// way to Linux: a new log is synchronised together with its folder, a deleted one is not.
final class SimulatedDiskVFS {
  private struct OpenFile {
    var base: sqlite3_file
    var state: UnsafeMutableRawPointer?
  }

  /// What a connection has open.
  private final class Handle {
    let disk: SimulatedDisk
    let file: SimulatedFile
    /// The folder is synchronised with it the first time.
    var synchronisesFolder: Bool
    /// A file without a name: SQLite's own scratch paper, spared by faults.
    let isScratch: Bool

    init(disk: SimulatedDisk, file: SimulatedFile, synchronisesFolder: Bool, isScratch: Bool) {
      self.disk = disk
      self.file = file
      self.synchronisesFolder = synchronisesFolder
      self.isScratch = isScratch
    }

    func befalls(_ operation: SimulatedDisk.Operation) -> SimulatedDisk.Fault? {
      isScratch ? nil : disk.befalls(operation)
    }
  }

  /// Extended result codes, which are too nested for the importer.
  private enum Code {
    static let read = SQLITE_IOERR | 1 << 8
    static let shortRead = SQLITE_IOERR | 2 << 8
    static let write = SQLITE_IOERR | 3 << 8
    static let synchronise = SQLITE_IOERR | 4 << 8
    static let truncate = SQLITE_IOERR | 6 << 8
    static let delete = SQLITE_IOERR | 10 << 8
    static let noSuchFile = SQLITE_IOERR | 23 << 8
  }

  let name: String
  private let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
  private let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
  private let nameBytes: UnsafeMutablePointer<CChar>
  private static let made = Lock(0)

  init(disk: SimulatedDisk) {
    name = Self.made.withLock { count in
      count += 1
      return "simulated-disk-\(count)"
    }
    nameBytes = strdup(name)
    methods.initialize(to: Self.fileMethods())
    vfs.initialize(to: Self.diskMethods())
    vfs.pointee.zName = UnsafePointer(nameBytes)
    vfs.pointee.pAppData = Unmanaged.passUnretained(disk).toOpaque()
    // The file's methods are found through the disk: C functions carry no context.
    disk.fileMethods = UnsafePointer(methods)
    let code = sqlite3_vfs_register(vfs, 0)
    precondition(code == SQLITE_OK, "registering a VFS fails only without memory")
  }

  deinit {
    sqlite3_vfs_unregister(vfs)
    vfs.deallocate()
    methods.deallocate()
    free(nameBytes)
  }

  private static func disk(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> SimulatedDisk {
    guard let context = vfs?.pointee.pAppData else { preconditionFailure("a VFS without a disk") }
    return Unmanaged<SimulatedDisk>.fromOpaque(context).takeUnretainedValue()
  }

  private static func handle(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Handle {
    let open = UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: OpenFile.self)
    guard let state = open?.pointee.state else { preconditionFailure("a file that is not open") }
    return Unmanaged<Handle>.fromOpaque(state).takeUnretainedValue()
  }

  // MARK: The disk

  private static func diskMethods() -> sqlite3_vfs {
    var made = sqlite3_vfs()
    made.iVersion = 2
    made.szOsFile = Int32(MemoryLayout<OpenFile>.size)
    made.mxPathname = 512
    made.xOpen = { vfs, name, file, flags, outFlags in
      SimulatedDiskVFS.open(vfs, name.map { String(cString: $0) }, file, flags, outFlags)
    }
    made.xDelete = { vfs, name, synchronisesFolder in
      let disk = SimulatedDiskVFS.disk(vfs)
      guard let name = name.map({ String(cString: $0) }), disk.names[name] != nil else {
        return Code.noSuchFile
      }
      if disk.befalls(.delete) != nil { return Code.delete }
      disk.delete(name)
      if synchronisesFolder != 0 { disk.synchroniseNames() }
      return SQLITE_OK
    }
    made.xAccess = { vfs, name, _, result in
      let file = name.flatMap { SimulatedDiskVFS.disk(vfs).names[String(cString: $0)] }
      result?.pointee = file == nil ? 0 : 1
      return SQLITE_OK
    }
    made.xFullPathname = { _, name, count, result in
      guard let name, let result, strlen(name) < Int(count) else { return SQLITE_CANTOPEN }
      strcpy(result, name)
      return SQLITE_OK
    }
    made.xRandomness = { _, count, result in
      for index in 0..<Int(count) { result?[index] = CChar.random(in: .min ... .max) }
      return count
    }
    made.xSleep = { _, microseconds in microseconds }
    made.xGetLastError = { _, _, _ in 0 }
    made.xCurrentTime = { _, days in
      days?.pointee = 2_440_587.5 + Double(time(nil)) / 86_400
      return SQLITE_OK
    }
    made.xCurrentTimeInt64 = { _, milliseconds in
      // The Julian day, in milliseconds.
      milliseconds?.pointee = 210_866_760_000_000 + Int64(time(nil)) * 1_000
      return SQLITE_OK
    }
    return made
  }

  private static func open(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: String?,
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    let disk = disk(vfs)
    guard let open = UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: OpenFile.self) else {
      return SQLITE_CANTOPEN
    }
    // Without methods SQLite does not close what did not open.
    open.initialize(to: OpenFile(base: sqlite3_file(pMethods: nil), state: nil))
    let known = name.flatMap { disk.names[$0] }
    guard known != nil || flags & SQLITE_OPEN_CREATE != 0 else { return SQLITE_CANTOPEN }
    if name != nil && known == nil && disk.befalls(.create) != nil { return SQLITE_CANTOPEN }
    let isLog = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) != 0
    let handle = Handle(
      disk: disk, file: known ?? name.map { disk.create($0) } ?? SimulatedFile(),
      // Found or made: the process that made it may have died before it synchronised the folder.
      synchronisesFolder: isLog && flags & SQLITE_OPEN_CREATE != 0, isScratch: name == nil)
    open.pointee = OpenFile(
      base: sqlite3_file(pMethods: disk.fileMethods),
      state: Unmanaged.passRetained(handle).toOpaque())
    outFlags?.pointee = flags
    return SQLITE_OK
  }

  // MARK: A file

  private static func fileMethods() -> sqlite3_io_methods {
    var made = sqlite3_io_methods()
    made.iVersion = 2
    made.xClose = { file in
      let open = UnsafeMutableRawPointer(file)?.assumingMemoryBound(to: OpenFile.self)
      if let state = open?.pointee.state { Unmanaged<Handle>.fromOpaque(state).release() }
      open?.pointee.state = nil
      return SQLITE_OK
    }
    made.xRead = { file, target, count, offset in
      SimulatedDiskVFS.read(SimulatedDiskVFS.handle(file), target, Int(count), Int(offset))
    }
    made.xWrite = { file, source, count, offset in
      guard let source, count > 0 else { return SQLITE_OK }
      let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { target, filled in
        if let base = target.baseAddress { memcpy(base, source, Int(count)) }
        filled = Int(count)
      }
      return SimulatedDiskVFS.write(SimulatedDiskVFS.handle(file), bytes, at: Int(offset))
    }
    made.xTruncate = { file, size in
      let handle = SimulatedDiskVFS.handle(file)
      let change = SimulatedFile.Change.truncate(size: Int(size))
      switch handle.befalls(.truncate) {
      case nil:
        handle.file.make(change)
        return SQLITE_OK
      case .crash where handle.disk.diesNow: handle.file.lastChange = change
      default: break
      }
      return Code.truncate
    }
    made.xSync = { file, _ in SimulatedDiskVFS.synchronise(SimulatedDiskVFS.handle(file)) }
    made.xFileSize = { file, size in
      size?.pointee = Int64(SimulatedDiskVFS.handle(file).file.current.count)
      return SQLITE_OK
    }
    made.xLock = { _, _ in SQLITE_OK }
    made.xUnlock = { _, _ in SQLITE_OK }
    made.xCheckReservedLock = { _, result in
      result?.pointee = 0
      return SQLITE_OK
    }
    made.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    made.xSectorSize = { _ in 4_096 }
    made.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
    made.xShmMap = { file, region, size, extends, result in
      let file = SimulatedDiskVFS.handle(file).file
      while extends != 0 && file.sharedRegions.count <= Int(region) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(size), alignment: 16)
        memset(memory, 0, Int(size))
        file.sharedRegions.append(memory)
      }
      result?.pointee =
        Int(region) < file.sharedRegions.count ? file.sharedRegions[Int(region)] : nil
      return SQLITE_OK
    }
    made.xShmLock = { _, _, _, _ in SQLITE_OK }
    made.xShmBarrier = { _ in }
    made.xShmUnmap = { file, _ in
      SimulatedDiskVFS.handle(file).file.freeSharedRegions()
      return SQLITE_OK
    }
    return made
  }

  private static func read(
    _ handle: Handle, _ target: UnsafeMutableRawPointer?, _ count: Int, _ offset: Int
  ) -> Int32 {
    guard let target, handle.befalls(.read) == nil else { return Code.read }
    let content = handle.file.current
    let there = max(0, min(count, content.count - offset))
    content.withUnsafeBytes { bytes in
      if there > 0, let base = bytes.baseAddress { memcpy(target, base + offset, there) }
    }
    // Past the end SQLite wants zeros.
    if there < count { memset(target + there, 0, count - there) }
    return there < count ? Code.shortRead : SQLITE_OK
  }

  private static func write(_ handle: Handle, _ bytes: [UInt8], at offset: Int) -> Int32 {
    switch handle.befalls(.write) {
    case nil:
      handle.file.make(.write(offset: offset, bytes: bytes))
      return SQLITE_OK
    case .full: return SQLITE_FULL
    case .shortWrite:
      handle.file.make(.write(offset: offset, bytes: Array(bytes.prefix(bytes.count / 2))))
      return Code.write
    case .crash where handle.disk.diesNow:
      handle.file.lastChange = .write(offset: offset, bytes: bytes)
      return Code.write
    case .crash, .error: return Code.write
    }
  }

  private static func synchronise(_ handle: Handle) -> Int32 {
    switch handle.befalls(.synchronise) {
    case nil:
      handle.file.synchronise()
      if handle.synchronisesFolder { handle.disk.synchroniseNames() }
      handle.synchronisesFolder = false
      handle.disk.onSynchronised?()
      return SQLITE_OK
    case .error:
      handle.file.failToSynchronise()
      return Code.synchronise
    default: return Code.synchronise
    }
  }
}

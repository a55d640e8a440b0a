import Glibc
import Operations

/// A laptop's folder is put back from an old copy: it has forgotten what it sent, and would use its
/// numbers twice. The hub notices, the laptop takes a new identity, and its unsent work goes along.
struct OldCopyScene {
  let district: DemoDistrict

  func play() throws {
    let display = district.display
    let machine = district.machine
    let (hub, laptop, sureStart) = (district.hub, district.laptop, district.sureStart)
    display.heading("A laptop is restored from an old copy")
    // Note 1 is in the copy, unsent there, and has reached the hub since; note 2 came later.
    try laptop.note(2, on: district.laptopChild)
    try laptop.synchronise()
    display.check(
      "before: the notes 1 and 2 are at the hub",
      try machine.becomes { try sureStart.notes(on: district.laptopChild) == [1, 2] })
    let runs = try hub.device(of: laptop)["incarnations"]?.integerValue ?? 0

    _ = try hub.stop()
    _ = try laptop.stop()
    try DemoFolder.remove(laptop.folder)
    guard rename(district.laptopCopy, laptop.folder) == 0 else {
      throw FileError(.write, laptop.folder, errno: errno)
    }
    try laptop.start()
    try laptop.note(3, on: district.laptopChild)
    display.tell("the old copy runs, with no line: it has note 1, never heard of 2, and writes 3")
    try hub.start()
    try laptop.synchronise()
    let isWhole = try machine.becomes {
      try laptop.notes(on: district.laptopChild) == [1, 2, 3]
        && sureStart.notes(on: district.laptopChild) == [1, 2, 3]
    }
    display.check("notes 1, 2 and 3 are there, each once, on the laptop and elsewhere", isWhole)
    let now = try hub.device(of: laptop)["incarnations"]?.integerValue ?? 0
    display.check(
      "the hub noticed, and gave it a new identity (\(runs) before, \(now) now)", now > runs)
    let isGone = try machine.becomes {
      try !laptop.holdsCAF(district.child)
        && hub.device(of: laptop)["pendingPurges"]?.integerValue == 0
    }
    display.check("the CAF that was withdrawn did not come back with the copy", isGone)
  }
}

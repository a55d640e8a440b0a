import CaseRecords
import Causality
import Cryptography
import Glibc
package import Operations
import ReplicaStore
import SyncEngine
import SyncProtocol

/// Enrolling a device: once, with the code that the hub's operator read out.
package enum AgencyJoin {
  /// The device makes its secret itself and writes it down before it asks, so a reply that was lost
  /// is simply asked for again.
  package static func join(
    folder: AgencyFolder, hub: HubAddress, code: String, deviceName: String, proxyURL: String = "",
    clock: any Clock = SystemClock()
  ) throws -> JSON {
    try folder.make()
    let lock = try FolderLock(folder: folder.path)
    defer { lock.release() }
    guard !folder.exists(folder.hubPath) else {
      throw OperationError(
        .conflict,
        "\(folder.path) has joined a hub already. Serve it, or join from another folder.")
    }
    var random = SecureRandom()
    let (device, secret) = try pending(in: folder, using: &random)
    let link = try HubLink(hub, proxyURL: proxyURL, identity: nil)
    let request = EnrolmentRequest(
      code: code, device: device, deviceName: deviceName, secret: secret)
    switch try link.enrol(request) {
    case .refused(_, let sentence, let whatToDo):
      throw OperationError(.refused, sentence + " " + whatToDo)
    case .enrolled(
      let agency, let agencyName, let epoch, let leaseDays, let hubPublicKey, let isSensitive):
      let store = try ReplicaStore(
        folder: folder.path, role: .agency, master: try folder.makeMasterKey())
      try AgencyEngine.enrol(
        store,
        as: AgencyIdentity(
          device: device, secret: secret, agency: agency, agencyName: agencyName,
          hubPublicKey: hubPublicKey, isSensitive: isSensitive),
        epoch: epoch, leaseDays: leaseDays, now: UInt64(max(clock.wallMilliseconds(), 0)),
        random: &random)
      try store.checkpoint()
      _ = try folder.token()
      // Last: with it the folder counts as joined.
      try folder.write(hub)
      unlink(folder.pendingPath)
      return [
        "sentence": .string(
          "This device is now one of \(agencyName). Start it with: cafsync agency serve --folder "
            + "\(folder.path)"),
        "agency": .string(agency.text), "agencyName": .string(agencyName),
        "device": .string(device.text),
      ]
    }
  }

  private static func pending(
    in folder: AgencyFolder, using random: inout SecureRandom
  ) throws -> (DeviceID, [UInt8]) {
    if folder.exists(folder.pendingPath) {
      let bytes = try AtomicFile.read(folder.pendingPath, maximumBytes: 4_096)
      let file = try JSON.parse(bytes)
      if let device = file["device"]?.stringValue.flatMap({ DeviceID(text: $0) }),
        let secret = file["secret"]?.stringValue.flatMap({ AgencyService.bytes(hexadecimal: $0) }),
        secret.count == 32
      {
        return (device, secret)
      }
    }
    let device = DeviceID(using: &random)
    let secret = random.bytes(32)
    let file: JSON = [
      "device": .string(device.text), "secret": .string(Hex.text(secret)),
    ]
    try AtomicFile.write(file.bytes(), to: folder.pendingPath)
    return (device, secret)
  }
}

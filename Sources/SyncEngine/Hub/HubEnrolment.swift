import CaseRecords
import Causality
import Cryptography
package import ReplicaStore
package import SyncProtocol

/// How a device comes to have a secret: a code that is read out once, lives shortly and allows five
/// tries. The device makes the secret itself, so a lost reply is simply asked for again.
extension HubEngine {
  package static let codeTriesMax = 5
  /// No letters or digits that sound or look alike.
  private static let codeAlphabet = Array("ABCDEFGHJKMNPQRTUVWXY346789")

  /// `SSSS-CCCC-CCCC-CCCC`: a selector that finds the code, and 57 random bits.
  package func makeCode(for agency: HubAgency, validMilliseconds: UInt64, now: UInt64) throws
    -> String
  {
    let selector = letters(4)
    let secret = (0..<3).map { _ in letters(4) }.joined(separator: "-")
    try store.saveCode(
      EnrolmentCode(
        selector: selector, digest: sha256(Array(secret.utf8)), agency: agency.number,
        expiresMilliseconds: now + validMilliseconds, tries: 0, device: nil))
    try store.audit(
      who: "operator", action: "enrolment code", subject: agency.id.text, atMilliseconds: now)
    return selector + "-" + secret
  }

  package func enrol(_ request: EnrolmentRequest, now: UInt64) throws -> EnrolmentReply {
    let wrong = EnrolmentReply.refused(
      .wrongCode, sentence: "The code is not right.",
      whatToDo: "Check it letter by letter, or ask the hub operator for a new one.")
    let text = request.code.uppercased().filter { $0 != " " }
    guard let dash = text.firstIndex(of: "-"), request.secret.count == 32,
      let code = try store.code(String(text[..<dash]))
    else { return wrong }
    if code.tries >= Self.codeTriesMax {
      return .refused(
        .tooManyTries, sentence: "This code was tried \(Self.codeTriesMax) times and is closed.",
        whatToDo: "Ask the hub operator for a new one.")
    }
    let given = sha256(Array(text[text.index(after: dash)...].utf8))
    guard constantTimeEquals(given, code.digest) else {
      try store.saveCode(code.with(tries: code.tries + 1, device: code.device))
      return wrong
    }
    let enrolledSecret = try store.device(request.device)?.secretDigest
    let isAgain = code.device == request.device && enrolledSecret == sha256(request.secret)
    guard isAgain || code.expiresMilliseconds > now else {
      return .refused(
        .expiredCode, sentence: "This code has expired.",
        whatToDo: "Ask the hub operator for a new one.")
    }
    guard let agency = try store.agency(number: code.agency), isAgain || code.device == nil else {
      return wrong
    }
    if !isAgain {
      guard try store.device(request.device) == nil else { return wrong }
      let line = JournalLine.device(
        id: request.device, agency: agency.id, name: request.deviceName,
        secretDigest: sha256(request.secret), atMilliseconds: now)
      try journal.append(line)
      try replay(line, now: now)
      try store.saveCode(code.with(tries: code.tries, device: request.device))
    }
    return .enrolled(
      agency: agency.id, agencyName: agency.name, epoch: try epoch, leaseDays: leaseDays,
      hubPublicKey: secrets.sealing.publicKey, isSensitive: agency.isSensitive)
  }

  package func addAgency(
    name: String, sector: String, locality: String, isSensitive: Bool, now: UInt64
  ) throws -> HubAgency {
    let line = JournalLine.agency(
      HubAgency(
        number: 0, id: AgencyID(using: &random), name: name, sector: sector, locality: locality,
        isSensitive: isSensitive))
    try journal.append(line)
    try replay(line, now: now)
    guard let made = try store.agency(named: name) else {
      // Unreached: the line that was just replayed has brought it.
      throw StoreError.damaged(file: "replica.sqlite", detail: "an agency just added is missing")
    }
    return made
  }

  package func revoke(_ device: HubDevice, now: UInt64) throws {
    let line = JournalLine.deviceRevoked(device.id, atMilliseconds: now)
    try journal.append(line)
    try replay(line, now: now)
    // A restored hub waits no longer for what this device may know.
    try heard(device, now: now)
    touched.insert(device.agency)
  }

  /// Takes a journal line in; what is known already changes nothing.
  package func replay(_ line: JournalLine, now: UInt64) throws {
    switch line {
    case .policy(let entry, let agency, let at):
      try apply(policy: entry, from: agency, now: at)
    case .agency(let agency):
      guard try store.agency(agency.id) == nil else { return }
      try store.addAgency(
        id: agency.id, name: agency.name, sector: agency.sector, locality: agency.locality,
        isSensitive: agency.isSensitive)
      forgetAgencies()
      for category in [
        CaseRecords.Category.agreement, .directory, .glossary, .issues, .practitioners,
      ] {
        for stored in try store.compartments(in: category) {
          try recomputeEntitlements(ofCompartment: stored.number, now: now)
        }
      }
      try store.audit(
        who: "operator", action: "agency", subject: agency.id.text, atMilliseconds: now)
    case .device(let id, let agency, let name, let secretDigest, let at):
      guard try store.device(id) == nil, let agency = try store.agency(agency) else { return }
      try store.addDevice(
        id: id, agency: agency.number, name: name, secretDigest: secretDigest, atMilliseconds: at)
      try store.audit(
        who: agency.id.text, action: "device enrolled", subject: id.text, atMilliseconds: at)
    case .deviceRevoked(let id, let at):
      guard try store.device(id)?.revokedMilliseconds == nil else { return }
      try store.revokeDevice(id, atMilliseconds: at)
      try store.noteIdentity(
        .revoked, device: store.device(id)?.number, atMilliseconds: at)
      try store.audit(
        who: "operator", action: "device revoked", subject: id.text, atMilliseconds: at)
    }
  }

  private func letters(_ count: Int) -> String {
    var generator: any RandomNumberGenerator = random
    var result = ""
    for _ in 0..<count {
      let pick = Int(generator.next() % UInt64(Self.codeAlphabet.count))
      result.append(Self.codeAlphabet[pick])
    }
    return result
  }
}

extension EnrolmentCode {
  func with(tries: Int, device: DeviceID?) -> EnrolmentCode {
    EnrolmentCode(
      selector: selector, digest: digest, agency: agency,
      expiresMilliseconds: expiresMilliseconds, tries: tries, device: device)
  }
}

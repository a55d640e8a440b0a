import CBOR
import CaseRecords
import Causality

private enum RequestKey {
  static let protocolVersion: UInt64 = 1
  static let code: UInt64 = 2
  static let device: UInt64 = 3
  static let deviceName: UInt64 = 4
  static let secret: UInt64 = 5
}

private enum ReplyKey {
  static let outcome: UInt64 = 1
  static let agency: UInt64 = 2
  static let agencyName: UInt64 = 3
  static let epoch: UInt64 = 4
  static let leaseDays: UInt64 = 5
  static let hubPublicKey: UInt64 = 6
  static let isSensitive: UInt64 = 7
}

extension EnrolmentRequest {
  /// The body, envelope included.
  package func encoded() -> [UInt8] {
    var map = MessageMap()
    map.unsigned(RequestKey.protocolVersion, SyncLimits.protocolVersion)
    map.field(RequestKey.code) { $0.text(code) }
    map.field(RequestKey.device) { $0.identifier(device) }
    map.field(RequestKey.deviceName) { $0.text(deviceName) }
    map.field(RequestKey.secret) { $0.bytes(joined(secret, bytes: 32)) }
    return Envelope.sealed(map.encoded)
  }

  /// From a body, envelope included; as with an exchange, `newerProtocol` comes before all else.
  package init(encoded body: [UInt8]) throws(MessageError) {
    var reader = try MessageReader(.enrolmentRequest, body: body)
    let count = try reader.map("request")
    try reader.protocolVersion(fieldCount: count)
    var code: String?
    var device: DeviceID?
    var deviceName: String?
    var secret: [UInt8]?
    for _ in 1..<count {
      switch try reader.key() {
      case RequestKey.code:
        code = try reader.text("code", bytesMax: SyncLimits.enrolmentCodeBytesMax)
      case RequestKey.device: device = try reader.identifier("device")
      case RequestKey.deviceName:
        deviceName = try reader.text("device name", bytesMax: SyncLimits.labelBytesMax)
      case RequestKey.secret: secret = try reader.bytes("secret", count: 32)
      default: try reader.skip("unknown key")
      }
    }
    try reader.finish()
    self.init(
      code: try reader.required(code, "code"), device: try reader.required(device, "device"),
      deviceName: try reader.required(deviceName, "device name"),
      secret: try reader.required(secret, "secret"))
  }
}

extension EnrolmentReply {
  /// The body, envelope included.
  package func encoded() -> [UInt8] {
    var map = MessageMap()
    switch self {
    case .enrolled(
      let agency, let agencyName, let epoch, let leaseDays, let hubPublicKey, let isSensitive):
      map.field(ReplyKey.agency) { $0.identifier(agency) }
      map.field(ReplyKey.agencyName) { $0.text(agencyName) }
      map.unsigned(ReplyKey.epoch, epoch)
      map.unsigned(ReplyKey.leaseDays, leaseDays)
      map.field(ReplyKey.hubPublicKey) { $0.bytes(joined(hubPublicKey, bytes: 32)) }
      map.field(ReplyKey.isSensitive, when: isSensitive) { $0.bool(true) }
    case .refused(let code, let sentence, let whatToDo):
      map.refusal(code, sentence: sentence, whatToDo: whatToDo)
    }
    return Envelope.sealed(map.encoded)
  }

  /// From a body, envelope included. Unknown keys are passed over.
  package init(encoded body: [UInt8]) throws(MessageError) {
    var reader = try MessageReader(.enrolmentReply, body: body)
    var fields = EnrolmentReplyFields()
    for _ in 0..<(try reader.map("reply")) { try fields.read(&reader) }
    try reader.finish()
    if fields.isRefused {
      let refusal = try fields.refusal.complete(reader)
      self = .refused(refusal.code, sentence: refusal.sentence, whatToDo: refusal.whatToDo)
    } else {
      self = .enrolled(
        agency: try reader.required(fields.agency, "agency"),
        agencyName: try reader.required(fields.agencyName, "agency name"), epoch: fields.epoch,
        leaseDays: fields.leaseDays,
        hubPublicKey: try reader.required(fields.hubPublicKey, "hub public key"),
        isSensitive: fields.isSensitive)
    }
  }
}

private struct EnrolmentReplyFields {
  var isRefused = false
  var refusal = RefusalFields()
  var agency: AgencyID?
  var agencyName: String?
  var epoch: UInt64 = 0
  var leaseDays: UInt64 = 0
  var hubPublicKey: [UInt8]?
  var isSensitive = false

  mutating func read(_ reader: inout MessageReader) throws(MessageError) {
    let key = try reader.key()
    if isRefused { return try refusal.read(key, &reader) }
    switch key {
    case ReplyKey.outcome:
      guard try reader.unsigned("outcome") == Outcome.refused else {
        throw reader.failure("outcome", .unassignedNumber)
      }
      isRefused = true
    case ReplyKey.agency: agency = try reader.identifier("agency")
    case ReplyKey.agencyName:
      agencyName = try reader.text("agency name", bytesMax: SyncLimits.labelBytesMax)
    case ReplyKey.epoch: epoch = try reader.unsigned("epoch", otherThan: 0)
    case ReplyKey.leaseDays: leaseDays = try reader.unsigned("lease", otherThan: 0)
    case ReplyKey.hubPublicKey: hubPublicKey = try reader.bytes("hub public key", count: 32)
    case ReplyKey.isSensitive: isSensitive = try reader.yes("sensitive")
    default: try reader.skip("unknown key")
    }
  }
}

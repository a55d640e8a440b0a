import HTTPTransport
import Operations

/// `cafsync hub erasure-certificate`: what of a record is proven destroyed, and what not yet.
extension HubCommands {
  /// No certificate is larger: a child's record is some dozens of compartments.
  private static let certificateBytesMax = 8 << 20

  static let erasureCertificate = Command(
    "erasure-certificate", "state which devices have proven that an erased record is destroyed",
    discussion: """
      Lists each compartment, when the hub destroyed its own copy, and each device with the proof \
      that it gave, or without one yet. It bears the hub's MAC, and its issue stands on the audit \
      log: --verify checks both, and says what has been proven since. It tells nothing of \
      confidential services unless --include-sensitive is given: think of who will read it.
      """,
    [
      .argument("CHILD", "The child's identifier.", isRequired: false),
      .option("to", "FILE", "Where to write it, for --verify; only its owner may read it."),
      .option("verify", "FILE", "A certificate that this hub issued earlier."),
      .flag("include-sensitive", "Also what confidential services had."), folder, .json,
    ]
  ) { invocation in
    if let file = invocation.value("verify") { return try verify(file, invocation) }
    guard let child = invocation.value("CHILD") else {
      throw UsageError("CHILD is missing, or --verify FILE", path: invocation.path)
    }
    let certificate = try ask(
      invocation, "erasure-certificate",
      [
        "child": .string(child), "include-sensitive": .bool(invocation.flag("include-sensitive")),
      ])
    if let file = invocation.value("to") {
      try AtomicFile.write(Array((certificate.text(.pretty) + "\n").utf8), to: file)
    }
    Terminal.show(certificate, invocation, HubPrinting.certificate)
    return .success
  }

  private static func verify(_ file: String, _ invocation: Invocation) throws -> ExitCode {
    let bytes = try AtomicFile.read(file, maximumBytes: certificateBytesMax)
    let certificate: JSON
    do throws(JSONError) {
      certificate = try JSON.parse(
        bytes, JSON.Reading(maximumBytes: certificateBytesMax))
    } catch {
      throw LocalFailure(.usage, "\(file) is no certificate: \(error)")
    }
    let answer = try ask(
      invocation, "erasure-certificate-verify", ["certificate": certificate])
    Terminal.show(answer, invocation) { value in
      let line = value["auditLine"]?.integerValue.map { "line \($0) of the audit log" }
      return "Genuine: issued \(Terminal.time(value["issuedMilliseconds"])), "
        + "\(line ?? "though not on the audit log: the hub was restored since").\n"
        + "As things stand now: \(Terminal.cell(value["wordsNow"]))"
    }
    return .success
  }
}

extension HubPrinting {
  static func certificate(_ value: JSON) -> String {
    let copies = (value["compartments"]?.arrayValue ?? []).flatMap { part in
      let proven = part["proven"]?.arrayValue ?? []
      let outstanding = part["outstanding"]?.arrayValue ?? []
      let hub = [
        Terminal.cell(part["compartment"]), Terminal.cell(part["category"]), "the hub", "–",
        Terminal.cell(part["hub"]), Terminal.time(part["hubMilliseconds"]),
      ]
      return [hub]
        + (proven + outstanding).map { copy in
          [
            Terminal.cell(part["compartment"]), Terminal.cell(part["category"]),
            Terminal.cell(copy["agency"]), Terminal.cell(copy["device"]),
            copy["proof"] == nil ? "not proven destroyed" : "proven destroyed",
            Terminal.time(copy["provenMilliseconds"]),
          ]
        }
    }
    return [
      "Child \(Terminal.cell(value["child"])), "
        + "issued \(Terminal.time(value["issuedMilliseconds"])).",
      Terminal.cell(value["words"]),
      Terminal.table(["COMPARTMENT", "PART", "WHO HAD IT", "DEVICE", "STATE", "WHEN"], copies),
      "MAC of the hub: \(Terminal.cell(value["mac"]))",
    ].joined(separator: "\n\n")
  }
}

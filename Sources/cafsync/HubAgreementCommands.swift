import CaseRecords
import HTTPTransport
import Operations

/// `cafsync hub agreement`, `agency remove` and `blast-radius`: decisions that reach many devices,
/// and what each would do.
extension HubCommands {
  static let agreement = Command(
    "agreement", "end and renew the agreement with an agency",
    subcommands: [
      Command(
        "lock", "end it: the agency may hold nothing of others",
        discussion: """
          Without --yes it says which devices would have to destroy how much, and changes nothing.
          """,
        [.argument("AGENCY", "Its name or identifier."), .flag("yes", "Do it."), folder, .json]
      ) { invocation in
        let done = try askShowing(
          invocation, "agreement-lock",
          [
            "agency": .string(invocation.required("AGENCY")),
            "yes": .bool(invocation.flag("yes")),
          ])
        Terminal.show(done, invocation) {
          "\(Terminal.cell($0["agency"])): the agreement is locked. Each device sends its receipt; "
            + "see cafsync hub withdrawals --open."
        }
        return .success
      },
      Command(
        "sign", "record that the agency has signed",
        [.argument("AGENCY", "Its name or identifier."), folder, .json]
      ) { invocation in
        let done = try ask(
          invocation, "agreement-sign", ["agency": .string(invocation.required("AGENCY"))])
        Terminal.show(done, invocation) {
          "\(Terminal.cell($0["agency"])): the agreement is signed."
        }
        return .success
      },
    ])

  static let removeAgency = Command(
    "remove", "end the agreement with an agency, and have its devices emptied",
    discussion: """
      Its devices hand over what is unsent and then destroy all that they hold, their own agency's \
      records among it; what the hub may keep of those, it keeps. The agency stays on the books. \
      Without --yes it says which devices would have to destroy how much, and changes nothing.
      """,
    [.argument("AGENCY", "Its name or identifier."), .flag("yes", "Do it."), folder, .json]
  ) { invocation in
    let done = try askShowing(
      invocation, "agency-remove",
      [
        "agency": .string(invocation.required("AGENCY")), "yes": .bool(invocation.flag("yes")),
      ])
    Terminal.show(done, invocation) {
      "Removed \(Terminal.cell($0["agency"])); devices to be emptied: "
        + "\(Terminal.cell($0["devicesRevoked"]))."
    }
    return .success
  }

  static let blastRadius = Command(
    "blast-radius", "say what a decision would reach, before anybody takes it",
    discussion: """
      Which devices would have to destroy how many compartments and bytes, what they have unsent, \
      and when they can be told. It changes nothing.
      """,
    subcommands: [
      radius(
        "agreement", "if the agreement with an agency ended",
        [.argument("AGENCY", "Its name or identifier.")]
      ) { ["agency": .string($0.required("AGENCY"))] },
      radius(
        "agency", "if an agency were removed", [.argument("AGENCY", "Its name or identifier.")]
      ) { ["agency": .string($0.required("AGENCY"))] },
      radius(
        "consent", "if consent for a child were withdrawn",
        [
          .argument("CHILD", "The child's identifier."),
          .option("agency", "AGENCY", "From this agency; without it, from everyone."),
          .option(
            "category", "CATEGORY",
            "Of this category; may be given several times. Without it, all.",
            repeats: true),
        ]
      ) { invocation in
        var arguments: JSON.Object = JSON.Object()
        arguments["child"] = .string(invocation.required("CHILD"))
        arguments["agency"] = invocation.value("agency").map { .string($0) }
        arguments["categories"] = .array(invocation.all("category").map { .string($0) })
        return .object(arguments)
      },
      radius(
        "erasure", "if a child's record were erased",
        [.argument("CHILD", "The child's identifier.")]
      ) { ["child": .string($0.required("CHILD"))] },
    ])

  private static func radius(
    _ name: String, _ summary: String, _ parameters: [Parameter],
    arguments: @escaping @Sendable (Invocation) throws -> JSON
  ) -> Command {
    Command(name, summary, parameters + [folder, .json]) { invocation in
      guard case .object(var asked) = try arguments(invocation) else { return .usage }
      asked["of"] = .string(name)
      Terminal.show(try ask(invocation, "blast-radius", .object(asked)), invocation, describe)
      return .success
    }
  }

  private static func describe(_ radius: JSON) -> String {
    let devices = radius["devices"]?.arrayValue ?? []
    let categories = (radius["categories"]?.arrayValue ?? []).compactMap(\.stringValue)
    let facts = [
      ("Compartments", Terminal.cell(radius["compartments"])),
      ("Of the categories", categories.joined(separator: ", ")),
      ("Bytes on devices", Terminal.cell(radius["bytes"])),
      ("Copies that the hub may keep no longer", Terminal.cell(radius["hubCopies"])),
      ("Unsent at last contact", Terminal.cell(radius["unsent"])),
    ].map { [$0.0, $0.1] }
    let table = Terminal.table(
      ["AGENCY", "DEVICE", "COMPARTMENTS", "BYTES", "UNSENT", "EXCHANGES", "WHEN"],
      devices.map { device in
        ["agency", "device", "compartments", "bytes", "unsent", "exchanges", "when"].map {
          Terminal.cell(device[$0])
        }
      })
    let more = radius["devicesLeftOut"]?.integerValue ?? 0
    return [
      Terminal.table(["REACHED", "\(devices.count + Int(more)) devices"], facts),
      devices.isEmpty ? nil : table + (more > 0 ? "\n\(more) more." : ""),
      radius["time"]?["sentence"]?.stringValue, radius["unsentMeans"]?.stringValue,
    ].compactMap(\.self).joined(separator: "\n\n")
  }

  /// Asks, and shows what would happen when a person has to decide first.
  static func askShowing(
    _ invocation: Invocation, _ operation: String, _ arguments: JSON
  ) throws -> JSON {
    do {
      return try ask(invocation, operation, arguments)
    } catch let error as LocalFailure {
      if let details = error.details {
        Terminal.show(details, invocation) {
          $0["devices"] == nil ? AgencyPrinting.text($0) : describe($0)
        }
      }
      throw error
    }
  }
}

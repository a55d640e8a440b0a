import Cryptography
import HTTPTransport
import Operations
import PageServer
import Pages

// The operators' own accounts. Who did what with them stands on the audit log like everything else;
// neither a passphrase nor a code does.
extension HubAdministration {
  static let operatorOperations: Set<String> = [
    "operators", "operator-codes-new", "console-open", "operator-signed-in",
    "operator-signed-out", "operator-not-let-in",
  ]

  func performOnOperators(_ operation: String, _ arguments: JSON) throws -> JSON {
    try objecting {
      switch operation {
      case "operators": operators()
      case "operator-codes-new": try newCodes(arguments)
      case "console-open": try openConsole(arguments)
      // For the audit log alone.
      default: [:]
      }
    }
  }

  /// The change of the operators' file that an operation makes; nil when it makes none.
  func changeOfOperators(
    _ operation: HubFileChange, _ arguments: JSON
  ) throws -> (() throws -> JSON)? {
    let change: (() throws -> JSON)? = try objecting {
      switch operation {
      case .addOperator: try addingOperator(arguments)
      case .endOperator: try endingOperator(arguments)
      case .setPassphrase: try settingPassphrase(arguments)
      case .setCodes: try settingCodes(arguments)
      case .removeCodes: try removingCodes(arguments)
      case .closeReportNeeds: nil
      }
    }
    return change.map { change in { try objecting(change) } }
  }

  private func objecting<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch let objection as OperatorObjection {
      throw switch objection {
      case .passphraseLength, .wrongCode: LocalFailure(.usage, objection.sentence)
      case .tooMany, .exists: LocalFailure(.conflict, objection.sentence)
      case .unknown: LocalFailure.unknown(objection.sentence)
      }
    }
  }

  private var book: OperatorBook { core.console.operators }

  private func operators() -> JSON {
    .array(
      book.all.map { account in
        [
          "name": .string(account.name), "role": .string(account.role.rawValue),
          "madeMilliseconds": .count(account.madeMilliseconds),
          "hasCodes": .bool(account.codeKey != nil),
        ]
      })
  }

  private func addingOperator(_ arguments: JSON) throws -> () throws -> JSON {
    let name = try text(arguments, "name")
    try book.requireRoom(for: name)
    let given = arguments["role"] == nil ? "operator" : try text(arguments, "role")
    guard let role = OperatorBook.Role(rawValue: given) else {
      throw LocalFailure(.usage, "role is one of: operator, coordinator.")
    }
    let passphrase = try passphrase(arguments)
    return {
      try book.add(name, as: role, passphrase, now: core.now)
      let what = role == .full ? "" : ", and see the reports alone"
      return [
        "name": .string(name), "role": .string(role.rawValue),
        "sentence": .string("\(name) may sign in to the console now\(what)."),
      ]
    }
  }

  private func endingOperator(_ arguments: JSON) throws -> () throws -> JSON {
    let name = try existing(arguments)
    return {
      try book.remove(name)
      core.console.sessions.signOut { $0 == name }
      return [
        "name": .string(name),
        "sentence": .string("\(name) may not sign in any more, and is signed out."),
      ]
    }
  }

  /// Signs whoever used the old one out, wherever they are.
  private func settingPassphrase(_ arguments: JSON) throws -> () throws -> JSON {
    let name = try existing(arguments)
    let passphrase = try passphrase(arguments)
    return {
      try book.set(passphrase, of: name)
      core.console.sessions.signOut(except: arguments["cookie"]?.stringValue) { $0 == name }
      return ["name": .string(name), "sentence": "The passphrase is another one now."]
    }
  }

  /// A key that nothing keeps yet: it counts once a code has shown that the authenticator has it.
  private func newCodes(_ arguments: JSON) throws -> JSON {
    let name = try existing(arguments)
    var random = SecureRandom()
    let key = random.bytes(OneTimePassword.keyByteCount)
    let letters = base32(key)
    let label = LocalPath("CAFSync hub:" + name).text.dropFirst()
    return [
      "name": .string(name), "key": .string(Hex.text(key)), "letters": .string(letters),
      "address": .string("otpauth://totp/\(label)?secret=\(letters)&issuer=CAFSync%20hub"),
    ]
  }

  private func settingCodes(_ arguments: JSON) throws -> () throws -> JSON {
    let name = try existing(arguments)
    guard let key = arguments["key"]?.stringValue.flatMap({ Hex.bytes($0) }),
      key.count == OneTimePassword.keyByteCount
    else { throw LocalFailure(.usage, "The key is not one that was made here. Begin again.") }
    let code = (arguments["code"]?.stringValue ?? "").filter { !$0.isWhitespace }
    let step = try OneTimePassword.step(
      of: code, key: key, atMilliseconds: Int64(clamping: core.now), after: -1)
    guard let step else { throw OperatorObjection.wrongCode }
    return {
      try book.setCodeKey(key, usedStep: step, of: name)
      return ["name": .string(name), "sentence": "From now on signing in asks for a code too."]
    }
  }

  private func removingCodes(_ arguments: JSON) throws -> () throws -> JSON {
    let name = try existing(arguments)
    return {
      try book.setCodeKey(nil, usedStep: -1, of: name)
      return ["name": .string(name), "sentence": "Signing in asks for no code any more."]
    }
  }

  /// For whoever has the hub's own machine: the way in when a passphrase or an authenticator is
  /// gone.
  private func openConsole(_ arguments: JSON) throws -> JSON {
    let name = try existing(arguments)
    guard let address = core.console.address.withLock({ $0 }) else {
      throw LocalFailure(
        .unreachable,
        "No console is served here: start the hub, with console.enabled in its configuration.")
    }
    let path = LocalPath("sign-in", query: [("link", core.console.sessions.makeLink(for: name))])
    return [
      "url": .string(address + path.text),
      "sentence": .string("Open this within two minutes; it is good once: \(address)\(path.text)"),
    ]
  }

  private func existing(_ arguments: JSON) throws -> String {
    let name = try text(arguments, "name")
    guard book.account(name) != nil else { throw OperatorObjection.unknown(name) }
    return name
  }

  /// Not by `text`: it may have any length and any characters.
  private func passphrase(_ arguments: JSON) throws -> OperatorBook.Passphrase {
    try OperatorBook.Passphrase(choosing: arguments["passphrase"]?.stringValue ?? "")
  }
}

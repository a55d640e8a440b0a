import HTTPWire
import Operations
import PageServer
import Pages

// How an operator's session begins, and how they show again that it is them.
extension HubConsole {
  func signIn(byLink request: HTTPRequest, _ origin: String) -> HTTPResponse {
    if request.query == nil { return PageResponse.page(200, ConsoleSignInPage.page(.blank)) }
    guard let link = request.queryValue("link"), let secret = state.sessions.signIn(link: link),
      let session = state.sessions.session(cookie: secret)
    else {
      let sentence = "This link has been used, or has run out. Ask for another one."
      return PageResponse.page(
        403, ConsoleSignInPage.page(.blank(Filled.Problem(field: nil, sentence: sentence))))
    }
    note("operator-signed-in", session.person)
    return signedIn(secret, origin)
  }

  private func signedIn(_ secret: String, _ origin: String) -> HTTPResponse {
    var response = PageResponse.redirect(to: LocalPath())
    response.headers.append("Set-Cookie", cookie(origin).set(secret))
    return response
  }

  /// By a name, its passphrase, and a code where one was set up. From a page of this origin alone
  /// (Fetch standard, 3.1): another site might sign an operator in as somebody else.
  func signIn(
    byPassphrase request: HTTPRequest, from asker: () -> SignInQueue.Asker, _ origin: String,
    _ give: @escaping Give
  ) {
    guard request.headers["Origin"]?.lowercased() == origin,
      let form = URLEncodedForm(request.body)
    else { return give(PageResponse.notTaken) }
    let name = form["name"] ?? ""
    let (passphrase, code) = (form["passphrase"] ?? "", form["code"] ?? "")
    let kept = state.operators.account(name)?.passphrase
    prove(name, for: asker()) { operators, now in
      // The code counts only with the passphrase: else each try would use one up.
      try operators.isRight(passphrase: passphrase, of: name)
        && operators.takeCode(code, of: name, atMilliseconds: now)
    } _: { [self] sentence in
      guard let sentence else {
        return give(begin(name, provenBy: kept, origin))
      }
      let problem = Filled.Problem(field: "passphrase", sentence: sentence)
      give(
        PageResponse.page(403, ConsoleSignInPage.page(Filled([("name", name)], [problem]))))
    }
  }

  /// A session, unless the passphrase has become another one while it was looked at: whoever
  /// changes it signs out the sessions that are there.
  private func begin(
    _ name: String, provenBy kept: OperatorBook.Passphrase?, _ origin: String
  ) -> HTTPResponse {
    let secret = state.sessions.signIn(name)
    guard kept != nil, state.operators.account(name)?.passphrase == kept else {
      state.sessions.signOut(cookie: secret)
      let problem = Filled.Problem(
        field: "passphrase", sentence: "That has just been changed. Sign in again.")
      return PageResponse.page(403, ConsoleSignInPage.page(Filled([("name", name)], [problem])))
    }
    note("operator-signed-in", name)
    return signedIn(secret, origin)
  }

  /// Has somebody show who they are, on a thread that may take its time. Gives what is wrong; nil
  /// when nothing is. `asker` is nil for whoever is signed in: they have a share of their own.
  func prove(
    _ name: String, for asker: SignInQueue.Asker? = nil,
    _ isRight: @escaping @Sendable (OperatorBook, Int64) throws -> Bool,
    _ give: @escaping @Sendable (String?) -> Void
  ) {
    if let pause = pause(of: name) { return give(pause) }
    var asker = asker ?? SignInQueue.Asker(user: "signed in", address: name, name: name)
    asker.name = name
    let isTaken = signingIn.add(asker) { [self] in
      if let pause = pause(of: name) { return give(pause) }
      do {
        if try isRight(state.operators, clock.wallMilliseconds()) { return give(nil) }
        delays.noteFailure(for: name)
        // What was typed as a name may be a passphrase: it is written down nowhere.
        if notLetIn.admit() { note("operator-not-let-in", nil) }
        give(
          "The name, the passphrase or the code is not right. If codes are set up for you, type "
            + "the authenticator’s present one.")
      } catch {
        log.error("showing who one is failed at the console", ["error": .error(error)])
        give("That cannot be checked now. The hub’s log says why.")
      }
    }
    if !isTaken { give("Too many sign in at once. Try again in a moment.") }
  }

  private func pause(of name: String) -> String? {
    let wait = delays.remainingMilliseconds(for: name)
    guard wait > 0 else { return nil }
    return "Too many wrong tries. The next one counts in \((wait + 999) / 1_000) seconds."
  }

  func note(_ operation: String, _ person: String?) {
    let who = person.map { "operator \($0)" } ?? "console"
    worker.submit(
      .operation(operation, [:], who: who) { [log] result in
        if case .failure(let failure) = result {
          log.error("the audit log lacks a line", ["error": .error(failure)])
        }
      })
  }
}

import HTTPWire
import Operations
import PageServer
import Pages

// How a session begins.
extension PractitionerApp {
  /// By a link, which `cafsync agency open` has printed.
  func signIn(byLink request: HTTPRequest, _ port: UInt16) -> HTTPResponse {
    if request.query == nil { return PageResponse.page(200, SignInPages.signIn()) }
    guard let link = request.queryValue("link"), let cookie = sessions.signIn(link: link) else {
      return PageResponse.page(
        403, SignInPages.signIn("This link has been used, or has run out. Ask for another one."))
    }
    return Self.signedIn(cookie, port)
  }

  /// By a name and its own passphrase.
  ///
  /// There is no session yet whose token could show that the form is ours, and another site might
  /// sign a practitioner in as somebody else. So the browser has to say which page the form is from
  /// (`Origin`, Fetch standard, 3.1), and that has to be one of this address.
  func signIn(byPassphrase request: HTTPRequest, _ port: UInt16, _ give: @escaping Give) {
    guard let host = request.headers["Host"]?.lowercased(),
      request.headers["Origin"]?.lowercased() == "http://" + host,
      let form = URLEncodedForm(request.body)
    else { return give(PageResponse.notTaken) }
    let name = form["name"] ?? ""
    let input: JSON = ["name": .string(name), "passphrase": .string(form["passphrase"] ?? "")]
    ask([("sign-in", input)]) { [sessions] result in
      switch result {
      case .success(let answers):
        let practitioner = answers[0]["practitioner"]?.stringValue ?? name
        give(Self.signedIn(sessions.signIn(practitioner), port))
      case .failure(let error):
        let problem = Filled.Problem(field: error.field, sentence: error.sentence)
        give(
          PageResponse.page(
            error.httpStatus, SignInPages.signIn(Filled([("name", name)], [problem]))))
      }
    }
  }

  private static func signedIn(_ cookie: String, _ port: UInt16) -> HTTPResponse {
    var response = PageResponse.redirect(to: LocalPath())
    response.headers.append("Set-Cookie", self.cookie(port).set(cookie))
    return response
  }
}

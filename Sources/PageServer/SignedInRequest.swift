import Cryptography
package import HTTPWire
package import Operations

/// One request of somebody who is signed in.
package struct SignedInRequest: Sendable {
  package let request: HTTPRequest
  package let session: PageSessions.Session
  package let cookie: String
  /// Of the body, or of the address; empty when there is none.
  package let form: URLEncodedForm

  /// Nil when the form in it is none.
  package init?(_ request: HTTPRequest, session: PageSessions.Session, cookie: String) {
    let encoded = request.method == .post ? request.body : Array((request.query ?? "").utf8)
    guard let form = URLEncodedForm(encoded) else { return nil }
    self.request = request
    self.session = session
    self.cookie = cookie
    self.form = form
  }

  /// Each form that changes something shows that it comes from a page of this session.
  package var isFromOwnPage: Bool {
    constantTimeEquals(Array((form["formToken"] ?? "").utf8), Array(session.formToken.utf8))
  }

  package var segments: [String] {
    request.path.split(separator: "/").compactMap { HTTPRequest.percentDecoded($0) }
  }

  /// Fields of the form under those names, as an operation takes them.
  package func input(_ names: [String], and others: [String: String] = [:]) -> JSON {
    var object = JSON.Object()
    for name in names {
      let values = form.fields.filter { $0.name == name }.map(\.value)
      if !values.isEmpty { object[name] = .string(values.joined(separator: ",")) }
    }
    for (name, value) in others.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
    return .object(object)
  }
}

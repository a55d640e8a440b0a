package import HTTPWire
package import Operations
package import Pages

/// What a browser is sent.
package enum PageResponse {
  package static func page(_ status: Int, _ page: Page) -> HTTPResponse {
    make(status, type: "text/html; charset=utf-8", page.bytes)
  }

  /// What the script of a page asked for.
  package static func json(_ status: Int, _ json: JSON) -> HTTPResponse {
    make(status, type: "application/json", json.bytes())
  }

  package static func redirect(to path: LocalPath) -> HTTPResponse {
    var response = nothing(303)
    response.headers.append("Location", path.text)
    return response
  }

  package static func nothing(_ status: Int) -> HTTPResponse {
    make(status, type: "text/plain; charset=utf-8", [])
  }

  /// The style sheet and the script, which anybody may have; nil for every other address.
  package static func asset(_ request: HTTPRequest) -> HTTPResponse? {
    guard request.method == .get || request.method == .head else { return nil }
    switch request.path {
    case "/pages.css": return make(200, type: "text/css; charset=utf-8", PageAssets.styleSheet)
    case "/pages.js": return make(200, type: "text/javascript; charset=utf-8", PageAssets.script)
    default: return nil
    }
  }

  /// A form that is not one of ours, or none at all.
  package static var notTaken: HTTPResponse {
    page(
      403,
      SignInPages.problem(
        "Not taken",
        "This did not come from a page of yours. Go back, load the page again, and repeat it.",
        nil))
  }

  private static func make(_ status: Int, type: String, _ body: [UInt8]) -> HTTPResponse {
    HTTPResponse(
      status: status,
      headers: [
        "Content-Type": type, "Cache-Control": "no-store",
        "Content-Security-Policy":
          "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
          + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        // Not `no-referrer`: a browser would then send `Origin: null` with our own forms.
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
      ], body: body)
  }
}

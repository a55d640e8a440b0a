import HTTPTransport
import HTTPWire

/// Somebody else's pages on another port of this machine, whose script turns against the
/// practitioner's browser.
final class StrangersSite {
  private let server: HTTPServer

  /// - Parameter target: where the practitioner's pages begin.
  init(against target: String) throws {
    server = try HTTPServer(on: [.tcp(host: "127.0.0.1", port: 0)]) { incoming, responder in
      let path = String(incoming.request.path)
      let page =
        path.hasPrefix("/post/") ? Self.form(target + path.dropFirst(6)) : Self.reading(target)
      responder.respond(
        HTTPResponse(
          status: 200, headers: ["Content-Type": "text/html; charset=utf-8"],
          body: Array(page.utf8)))
    }
  }

  deinit { server.stop(graceMilliseconds: 0) }

  var port: UInt16 { server.port ?? 0 }

  /// A form that sends itself.
  private static func form(_ action: String) -> String {
    """
    <form method=post action="\(action)">
    <input name=given value=Mallory><input name=name value="Ann Ash">
    <input name=passphrase value="three quiet herons"><input name=formToken value=guess>
    </form><script>document.forms[0].submit()</script>
    """
  }

  /// Fetches the first page, and frames it, and says what can be read of either.
  private static func reading(_ target: String) -> String {
    """
    <p></p><script>
    const say = text => { document.querySelector('p').textContent += text };
    async function read() {
      try {
        const reply = await fetch('\(target)', { credentials: 'include' });
        say('fetch: ' + (await reply.text()) + ', ');
      } catch { say('fetch: refused, ') }
      const frame = document.createElement('iframe');
      frame.src = '\(target)';
      frame.style.display = 'none';
      frame.onload = () => {
        try { say('frame: ' + frame.contentDocument.body.innerText + ', ') }
        catch { say('frame: refused, ') }
        say('The end.');
      };
      document.body.append(frame);
    }
    read();
    </script>
    """
  }
}

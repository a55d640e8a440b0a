import Foundation
import HTTPWire
import TestSupport
import Testing

/// Python's h11 as the second opinion: where two servers disagree about where a message ends, a
/// stranger's bytes become another's request. We may refuse more than it does; what we accept it
/// must read as the same requests.
@Suite("Another parser of HTTP")
struct IndependentParserTests {
  @Test("reads every request that is accepted here as the same")
  func agrees() throws {
    var maker = StreamMaker(state: 2026)
    let streams = (0..<3_000).map { _ in maker.stream() }
    let input = streams.map { $0.map { String(format: "%02x", $0) }.joined() + "\n" }.joined()
    let answers = try Python.run(try Python.with("h11"), ["-c", Self.script], input: input)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    try #require(answers.count == streams.count)
    var accepted = 0
    for (stream, answer) in zip(streams, answers) {
      guard let ours = requests(in: stream), !ours.isEmpty else { continue }
      accepted += 1
      let text = String(decoding: stream, as: UTF8.self).debugDescription
      #expect(answer == Self.text(ours), "\(text)")
    }
    // Neither all of one kind nor of the other.
    #expect(accepted > 500 && accepted < 2_800)
  }

  /// Nil when anything of the stream is refused, or its last request is not whole.
  private func requests(in stream: [UInt8]) -> [HTTPRequest]? {
    var parser = HTTPRequestParser()
    var rest = stream[...]
    var found: [HTTPRequest] = []
    do {
      while !rest.isEmpty {
        if case .request(let request)? = try parser.consume(&rest) { found.append(request) }
      }
    } catch {
      return nil
    }
    return parser.isIdle ? found : nil
  }

  /// One line: each request's method, target, headers by name, and body. The name of an encoding
  /// has no case.
  private static func text(_ requests: [HTTPRequest]) -> String {
    requests.map { request in
      let headers = request.headers.fields.map { field in
        let name = field.name.lowercased()
        return name + "=" + (name == "transfer-encoding" ? field.value.lowercased() : field.value)
      }.sorted()
      let body = request.body.map { String(format: "%02x", $0) }.joined()
      let line = ([request.method.rawValue, request.target] + headers + [body])
      return line.joined(separator: "|")
    }.joined(separator: " # ")
  }

  private static let script = """
    import sys, h11
    def read(data):
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(data)
        found = []
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                return ' # '.join(found)
            if event is h11.PAUSED:
                if connection.our_state is h11.MUST_CLOSE:
                    return ' # '.join(found) + ' # closed'
                connection.start_next_cycle()
            elif isinstance(event, h11.Request):
                target = event.target.decode()
                headers = {n.decode(): v.decode('utf-8', 'replace') for n, v in event.headers}
                # RFC 9112 3.2.2: an absolute target is what counts, not the host beside it.
                if target.startswith('http://'):
                    headers['host'], _, path = target[7:].partition('/')
                    target = '/' + path
                line = [event.method.decode(), target]
                line += sorted(f'{name}={value}' for name, value in headers.items())
                body = b''
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                found.append('|'.join(line + [body.hex()]))
                connection.send(h11.Response(status_code=204, headers=[]))
                connection.send(h11.EndOfMessage())
    for line in sys.stdin:
        try:
            print(read(bytes.fromhex(line.strip())))
        except h11.RemoteProtocolError as error:
            print('refused:', repr(str(error)))
    """
}

/// Streams of requests, most of them a little wrong.
private struct StreamMaker {
  var state: UInt64

  mutating func stream() -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0...below(3) { bytes += Array(request().utf8) }
    if below(3) == 0 { spoil(&bytes) }
    return bytes
  }

  private mutating func spoil(_ bytes: inout [UInt8]) {
    let place = below(bytes.count)
    switch below(4) {
    case 0: bytes.remove(at: place)
    case 1: bytes.insert(UInt8(below(256)), at: place)
    case 2: bytes[place] = pick([0x0a, 0x0d, 0x20, 0x3a, 0x00, 0x09, 0x2c, 0x30])
    default: bytes.insert(bytes[place], at: place)
    }
  }

  private mutating func request() -> String {
    let target = pick(["/", "/v1/exchange", "/a?b=c%20d&e", "*", "/~x;y=1", "http://h/a"])
    let line = "\(pick(["GET", "POST", "PUT", "DELETE", "OPTIONS"])) \(target) HTTP/1.1\r\n"
    var headers = [pick(["Host: hub", "host:hub:80", "HOST: \t hub  ", "Host: [::1]:8"])]
    if below(3) == 0 { headers.append(pick(["A: b", "A:", "x-Y_z: a, \"b\"", "Accept: */*"])) }
    if below(6) == 0 { headers.append(pick(["Host: other", "A : b", " folded", "B: \u{e9}"])) }
    var body = ""
    switch below(4) {
    case 0:
      body = pick(["", "a", "hello", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"])
      headers.append("Content-Length: \(body.utf8.count)")
    case 1:
      headers.append(pick(["Transfer-Encoding: chunked", "transfer-encoding:Chunked"]))
      body = pick([
        "0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "A;x=y\r\n0123456789\r\n00\r\nT: u\r\n\r\n",
        "5\r\nhello\r\n03\r\nabc\r\n0\r\n\r\n",
      ])
    default: break
    }
    if below(12) == 0 {
      headers.append(
        pick(["Content-Length: 5", "Content-Length: +0", "Transfer-Encoding: gzip, chunked"]))
    }
    return line + shuffled(headers).map { $0 + "\r\n" }.joined() + "\r\n" + body
  }

  private mutating func shuffled(_ list: [String]) -> [String] {
    below(2) == 0 ? list : list.reversed()
  }

  private mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[below(choices.count)]
  }

  /// SplitMix64.
  private mutating func below(_ count: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(count))
  }
}

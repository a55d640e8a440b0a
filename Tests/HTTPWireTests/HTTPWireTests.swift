// Helpers for the tables of this folder: what a parser makes of recorded bytes, as one comparable
// value.
import HTTPWire

/// Everything a parser said about a stream, in order; an error is always last.
enum Said: Equatable {
  case expectsContinue
  case request(HTTPRequest)
  case refused(HTTPWireError)
}

/// Feeds `pieces` one after the other to a new parser.
func parse(_ pieces: [ArraySlice<UInt8>], limits: HTTPLimits = HTTPLimits()) -> [Said] {
  var parser = HTTPRequestParser(limits: limits)
  var said: [Said] = []
  for piece in pieces {
    var rest = piece
    do {
      while let event = try parser.consume(&rest) {
        switch event {
        case .expectsContinue: said.append(.expectsContinue)
        case .request(let request): said.append(.request(request))
        }
      }
    } catch {
      return said + [.refused(error)]
    }
  }
  return said
}

func parse(_ text: String, limits: HTTPLimits = HTTPLimits()) -> [Said] {
  parse([Array(text.utf8)[...]], limits: limits)
}

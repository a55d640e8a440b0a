package import HTTPWire

/// One address of a daemon's pages, and what answers it. `Visit`: a request of somebody who is
/// signed in, as the daemon knows them.
package struct PageRoute<Visit: Sendable>: Sendable {
  package typealias Answer = @Sendable (Visit, [String]) -> Void

  package let method: HTTPMethod
  /// The parts between the slashes; `*` stands for any one.
  package let pattern: [String]
  /// With the parts that stand where a `*` does.
  private let answer: Answer

  package static func get(_ pattern: String..., answer: @escaping Answer) -> PageRoute {
    PageRoute(method: .get, pattern: pattern, answer: answer)
  }

  package static func post(_ pattern: String..., answer: @escaping Answer) -> PageRoute {
    PageRoute(method: .post, pattern: pattern, answer: answer)
  }

  /// What stands in place of each `*`; nil when the address is another one.
  package func arguments(_ method: HTTPMethod, _ segments: [String]) -> [String]? {
    let asked = method == .head ? .get : method
    guard self.method == asked, pattern.count == segments.count else { return nil }
    guard zip(pattern, segments).allSatisfy({ $0 == "*" || $0 == $1 }) else { return nil }
    return zip(pattern, segments).filter { $0.0 == "*" }.map(\.1)
  }

  /// Lets the first route that fits answer; false when none does.
  package static func answer(
    _ request: SignedInRequest, _ visit: Visit, by routes: [PageRoute]
  ) -> Bool {
    for route in routes {
      guard let arguments = route.arguments(request.request.method, request.segments) else {
        continue
      }
      route.answer(visit, arguments)
      return true
    }
    return false
  }
}

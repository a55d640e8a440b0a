import Causality
import Testing

/// One write under several names, case by case.
@Suite struct RegisterAliasTests {
  typealias Sibling = Register<String>.Sibling

  let a = Actor(rawValue: 1)
  let b = Actor(rawValue: 2)
  let c = Actor(rawValue: 3)
  var a1: Dot { Dot(actor: a, counter: 1) }
  var b1: Dot { Dot(actor: b, counter: 1) }
  var c1: Dot { Dot(actor: c, counter: 1) }

  func register(_ writes: [Dot]..., value: String = "x") -> Register<String> {
    Register(siblings: writes.map { Sibling(dots: $0, value: value) })
  }

  @Test func coveringEitherNameCoversBoth() {
    for name in [a1, b1] {
      var register = register([a1, b1])
      register.write("y", dot: c1, context: VersionVector([name.actor: 1]))
      #expect(register.siblings == [Sibling(dots: [c1], value: "y")])
    }
    var register = register([a1, b1])
    register.write("y", dot: c1, context: VersionVector())
    #expect(register.siblings.map(\.value) == ["x", "y"])
  }

  @Test func aliasAddsANameOnce() {
    var register = register([b1])
    register.alias(a1, of: b1)
    #expect(register.siblings == [Sibling(dots: [a1, b1], value: "x")])
    register.alias(a1, of: b1)
    register.alias(c1, of: a1)
    #expect(register.siblings == [Sibling(dots: [a1, b1, c1], value: "x")])
  }

  @Test func aliasOfASupersededWriteAddsNothing() {
    var register = Register<String>()
    register.write("x", dot: a1, context: VersionVector())
    register.write("y", dot: c1, context: VersionVector([a: 1]))
    register.alias(b1, of: a1)
    #expect(register.siblings == [Sibling(dots: [c1], value: "y")])
  }

  @Test func aliasFoldsWhatWasTakenInTwice() {
    var register = register([a1], [b1])
    #expect(register.isInConflict)
    register.alias(b1, of: a1)
    #expect(register.siblings == [Sibling(dots: [a1, b1], value: "x")])
    // Superseded under one name: gone under the other too.
    var remaining = self.register([b1])
    remaining.alias(b1, of: a1)
    #expect(remaining.siblings.isEmpty)
  }

  @Test func joinFollowsTheTable() {
    let none = VersionVector()
    let knowsA = VersionVector([a: 1])
    let knowsB = VersionVector([b: 1])
    let knowsBoth = VersionVector([a: 1, b: 1])
    typealias Side = (Register<String>, VersionVector)
    let cases: [(String, Side, Side, Register<String>)] = [
      ("unknown there", (register([a1]), knowsA), (register(), none), register([a1])),
      ("superseded there", (register([a1]), knowsA), (register(), knowsA), register()),
      (
        "one name here, both there", (register([a1]), knowsA), (register([a1, b1]), knowsBoth),
        register([a1, b1])
      ),
      (
        "both names here, superseded there by the first", (register([a1, b1]), knowsBoth),
        (register(), knowsA), register()
      ),
      (
        "both names here, superseded there by the second", (register([a1, b1]), knowsBoth),
        (register(), knowsB), register()
      ),
      (
        "one name here, superseded there under both", (register([a1]), knowsA),
        (register(), knowsBoth), register()
      ),
      (
        "twice here, once there", (register([a1], [b1]), knowsBoth),
        (register([a1, b1]), knowsBoth), register([a1, b1])
      ),
      (
        "superseded here under the second name only", (register([a1]), knowsBoth),
        (register([a1, b1]), knowsBoth), register()
      ),
      (
        "different names, a third joins them", (register([a1, c1]), VersionVector([a: 1, c: 1])),
        (register([b1, c1]), VersionVector([b: 1, c: 1])), register([a1, b1, c1])
      ),
      (
        "nothing yet says that it is one write", (register([a1]), knowsA),
        (register([b1]), knowsB), register([a1], [b1])
      ),
      (
        "one name each, superseded here under its own", (register(), knowsA),
        (register([b1]), knowsB), register([b1])
      ),
    ]
    for (name, here, there, expected) in cases {
      #expect(
        here.0.joined(with: there.0, knownHere: here.1, knownThere: there.1) == expected, "\(name)")
      #expect(
        there.0.joined(with: here.0, knownHere: there.1, knownThere: here.1) == expected, "\(name)")
    }
  }

  @Test func siblingsStandByLeastDotWhateverTheOrderTheyCameIn() {
    #expect(register([c1], [b1, a1]) == register([a1, b1, a1], [c1]))
    #expect(register([c1], [b1, a1]).siblings.map(\.dots) == [[a1, b1], [c1]])
  }
}

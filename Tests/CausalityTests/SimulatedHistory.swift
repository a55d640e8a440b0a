import Causality

/// SplitMix64 (Steele et al. 2014): the same histories on every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// One change to one register.
struct SimulatedChange {
  enum Effect {
    case write(String)
    /// The change re-mints the write first committed under that dot.
    case alias(of: Dot)
  }

  let dot: Dot
  let context: VersionVector
  let effect: Effect
}

/// A register with the vector it stands under.
struct SimulatedState: Equatable {
  var register = Register<String>()
  var vector = VersionVector()

  /// Rule 1 of the design: the next of its actor, and nothing its context names is missing.
  func isReady(for change: SimulatedChange) -> Bool {
    var advanced = vector
    guard advanced.advance(to: change.dot), vector.covers(change.context) else { return false }
    if case .alias(let original) = change.effect { return vector.contains(original) }
    return true
  }

  mutating func apply(_ change: SimulatedChange) {
    precondition(isReady(for: change) && vector.advance(to: change.dot))
    switch change.effect {
    case .write(let value): register.write(value, dot: change.dot, context: change.context)
    case .alias(let original): register.alias(change.dot, of: original)
    }
  }

  func joined(with other: SimulatedState) -> SimulatedState {
    SimulatedState(
      register: register.joined(
        with: other.register, knownHere: vector, knownThere: other.vector),
      vector: vector.merged(with: other.vector))
  }
}

/// Replicas that write, re-mint and deliver to each other at random, and the states they passed
/// through: exactly the sets of changes that the protocol's rules allow.
struct SimulatedHistory {
  private(set) var changes: [SimulatedChange] = []
  private(set) var states: [SimulatedState] = []

  init(replicaCount: Int, steps: Int, using generator: inout SeededGenerator) {
    var replicas = Array(repeating: SimulatedState(), count: replicaCount)
    // What an author may have on the screen: any vector that the replica has had.
    var seen = Array(repeating: [VersionVector()], count: replicaCount)
    for _ in 0..<steps {
      let here = Int.random(in: 0..<replicaCount, using: &generator)
      let replica = replicas[here]
      let actor = Actor(rawValue: UInt64(here + 1))
      let dot = Dot(actor: actor, counter: replica.vector[actor] + 1)
      let ready = changes.filter { replica.isReady(for: $0) }
      let known = changes.filter { replica.vector.contains($0.dot) }
      switch Int.random(in: 0..<10, using: &generator) {
      case 0..<3:
        let isFresh = Int.random(in: 0..<3, using: &generator) > 0
        let context = isFresh ? replica.vector : seen[here].randomElement(using: &generator)!
        let effect = SimulatedChange.Effect.write("value \(changes.count)")
        changes.append(SimulatedChange(dot: dot, context: context, effect: effect))
        replicas[here].apply(changes[changes.count - 1])
      case 3 where !known.isEmpty:
        let original = known.randomElement(using: &generator)!.dot
        let effect = SimulatedChange.Effect.alias(of: original)
        changes.append(SimulatedChange(dot: dot, context: VersionVector(), effect: effect))
        replicas[here].apply(changes[changes.count - 1])
      default:
        guard let change = ready.randomElement(using: &generator) else { continue }
        replicas[here].apply(change)
      }
      seen[here].append(replicas[here].vector)
      states.append(replicas[here])
    }
  }

  /// The definition, by brute force: the known writes that no known write's context covers, under
  /// any name known for them.
  func maximalWrites(under vector: VersionVector) -> Register<String> {
    let known = changes.filter { vector.contains($0.dot) }
    var names: [Dot: [Dot]] = [:]
    for change in known { names[root(of: change.dot), default: []].append(change.dot) }
    var siblings: [Register<String>.Sibling] = []
    for change in known {
      guard case .write(let value) = change.effect, let dots = names[change.dot] else { continue }
      let isSuperseded = known.contains { other in
        guard case .write = other.effect else { return false }
        return dots.contains { other.context.contains($0) }
      }
      if !isSuperseded { siblings.append(Register.Sibling(dots: dots, value: value)) }
    }
    return Register(siblings: siblings)
  }

  /// All known changes applied to an empty register, in an order that the rules allow.
  func replayed(under vector: VersionVector, using generator: inout SeededGenerator)
    -> SimulatedState
  {
    var state = SimulatedState()
    let known = changes.filter { vector.contains($0.dot) }
    while let next = known.filter({ state.isReady(for: $0) }).randomElement(using: &generator) {
      state.apply(next)
    }
    return state
  }

  private func root(of dot: Dot) -> Dot {
    guard let change = changes.first(where: { $0.dot == dot }),
      case .alias(let original) = change.effect
    else { return dot }
    return root(of: original)
  }
}

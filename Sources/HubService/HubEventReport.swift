import Causality
import HTTPTransport
import Operations
import ReplicaStore

/// What has happened to identities: copies, old states of a disk, new beginnings, restores.
struct HubEventReport {
  let core: HubCore

  private var store: ReplicaStore { core.store }

  func answer(_ arguments: JSON) throws -> JSON {
    let paging = try HubPaging(arguments)
    let page = try store.identityEvents(before: paging.before, limit: paging.limit)
    let count = try store.identityEventCount(before: paging.before)
    return [
      "events": .array(try page.map(event)),
      "leftOut": .count(count - page.count),
      "next": count > page.count ? .integer(page.last?.number ?? 0) : .null,
    ]
  }

  private func event(_ event: HubIdentityEvent) throws -> JSON {
    let device = try event.device.flatMap { try store.device(number: $0) }
    let agency = try device.flatMap { try store.agency(number: $0.agency) }
    return [
      "number": .integer(event.number), "atMilliseconds": .count(event.atMilliseconds),
      "lastMilliseconds": .count(event.lastMilliseconds), "times": .count(event.times),
      "kind": .string(event.kind.rawValue),
      "agency": agency.map { .string($0.name) } ?? .null,
      "device": device.map { .string($0.name) } ?? .null,
      "id": device.map { .string($0.id.text) } ?? .null,
      "run": event.incarnation.map { .integer($0) } ?? .null,
      "earlierRun": event.earlier.map { .integer($0) } ?? .null,
      "what": .string(event.kind.what), "did": .string(event.kind.did),
    ]
  }
}

extension HubIdentityEventKind {
  /// What it was.
  var what: String {
    switch self {
    case .startedOver: "The device began a new run of its replica."
    case .foreignToken: "It showed a token that this hub had not given to this run."
    case .spentToken:
      "It showed a token that an exchange had used up: it is a copy, or an old state of its disk."
    case .otherWords:
      "It sent other words under a name that stands for different ones: two copies "
        + "have written."
    case .othersRun: "It spoke for a run, or wrote under a name, that is not its own."
    case .lacksOwnWrites: "It lacks what it had itself sent before: an old state of its disk."
    case .unknownEpoch: "It named a time of the hub that has not been."
    case .oldAfterRestore: "It showed for a second time what it had from before the hub's restore."
    case .tooManyRuns: "It has begun anew too often."
    case .revoked: "The operator reported the device as lost."
    case .gaveBack: "After the hub's restore it gave back what the hub had lost."
    case .heldWhatWasPurged: "It holds what was destroyed everywhere else: an old copy."
    case .rescuedUnreadable: "It handed over work that is sealed to another key than this hub's."
    case .hubRestored: "The hub's database turned out to be older than what the hub had said."
    case .recoveryEnded: "Nobody's word is wanting any more after the restore."
    }
  }

  /// What the hub did.
  var did: String {
    switch self {
    case .startedOver: "Compared what it holds, and went on with it under the new run."
    case .foreignToken, .spentToken, .otherWords, .othersRun, .lacksOwnWrites, .unknownEpoch,
      .oldAfterRestore:
      "Took nothing of it, and told it to start over: its unsent work is named anew and kept."
    case .tooManyRuns: "Refused it, and told its people to ask the operator."
    case .revoked: "Takes what it hands over into quarantine, and has it purge itself."
    case .gaveBack: "Took it in, and does not wait for its word any more."
    case .heldWhatWasPurged: "Ordered it destroyed there too."
    case .rescuedUnreadable: "Keeps it as it came."
    case .hubRestored:
      "Began a new epoch: each device gives back what it has before anything goes out."
    case .recoveryEnded: "Lets out again what was held back."
    }
  }
}

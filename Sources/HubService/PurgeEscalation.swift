import Operations

/// How urgent it is that a device has not confirmed a purge: by the age of the order, and by
/// whether the device is in contact.
enum PurgeEscalation: Int, CaseIterable, Comparable {
  /// Ordered less than a day ago.
  case inTime = 0
  /// A day has passed.
  case late = 1
  /// Seven days have passed; or one day, and the device was in contact after the order, so it was
  /// told and has not done it.
  case call = 2
  /// The device has been silent for longer than its lease: by then it has locked itself, and what
  /// it holds of others destroys itself after as long again of proven time.
  case pastLease = 3

  static let day: UInt64 = 86_400_000

  /// - Parameter lastContact: Nil: never; contacts are written down hourly.
  init(ordered: UInt64, lastContact: UInt64?, leaseDays: UInt64, now: UInt64) {
    let age = now - min(ordered, now)
    let silence = now - min(lastContact ?? 0, now)
    let wasTold = lastContact.map { $0 > ordered } ?? false
    self =
      if silence / Self.day >= leaseDays {
        .pastLease
      } else if age >= 7 * Self.day || (age >= Self.day && wasTold) {
        .call
      } else if age >= Self.day {
        .late
      } else {
        .inTime
      }
  }

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  var name: String {
    switch self {
    case .inTime: "in time"
    case .late: "late"
    case .call: "call the agency"
    case .pastLease: "past the lease"
    }
  }

  private var meaning: String {
    switch self {
    case .inTime: "Ordered less than a day ago."
    case .late: "Ordered a day ago or longer."
    case .call:
      "Ordered seven days ago or longer; or a day ago, and the device was in contact since."
    case .pastLease: "The device has been silent for longer than its lease, and has locked itself."
    }
  }

  /// What ends the waiting.
  func ending(wasTold: Bool, isRevoked: Bool) -> String {
    if isRevoked {
      return "The device was reported lost: should it come into contact, it is emptied."
    }
    return switch self {
    case .inTime, .late:
      wasTold
        ? "The device was told and is at it: its receipt comes with one of its next exchanges."
        : "The device is told at its next contact, destroys its copy and sends its receipt."
    case .call:
      wasTold
        ? "The device was told and has not done it: have the agency look at its sync page."
        : "Have the agency start the device: it is told at its next contact."
    case .pastLease:
      "The device has locked what it received from others. Have the agency find it and start it; "
        + "if it is lost, revoke it."
    }
  }

  static var ladder: JSON {
    .array(
      allCases.map {
        [
          "level": .count($0.rawValue), "name": .string($0.name), "meaning": .string($0.meaning),
        ]
      })
  }
}

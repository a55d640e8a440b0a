package import CaseRecords
import Causality
import Cryptography
import Disclosure
import ReplicaStore
import SyncProtocol

/// An erasure on the books.
package struct ErasureEntry: Hashable, Sendable {
  package let policy: PolicyID
  package let by: AgencyID
  /// When the hub took it, in milliseconds since 1970.
  package let atMilliseconds: UInt64
}

/// A device of an agency with records of an erased child, and whether it has been told.
package struct ErasureAudience: Hashable, Sendable {
  package let agency: AgencyID
  package let device: DeviceID
  package let isTold: Bool
}

// What the hub can say of a child whose record is erased, or of one that it may show to the family.
extension HubEngine {
  package func erasures(of child: ChildID) throws -> [ErasureEntry] {
    try identifiers(of: child).flatMap { try store.hubPolicy(of: $0) }.compactMap { _, entry in
      guard case .erase = entry.kind else { return nil }
      return ErasureEntry(
        policy: entry.id, by: entry.authorAgency,
        atMilliseconds: try store.policyMilliseconds(entry.id) ?? entry.madeAtMilliseconds)
    }
  }

  /// May not be kept, read or begun again by anybody.
  package func isErased(_ compartment: Compartment) throws -> Bool {
    try erasure(of: compartment) != nil
  }

  /// The devices in use of each agency that has, or had, records of the child. A device told of an
  /// erasure destroys what it has without a further order.
  package func audience(ofErasuresOf child: ChildID) throws -> [ErasureAudience] {
    let erasures = try erasures(of: child)
    let numbers = Set(
      try identifiers(of: child).flatMap { try store.custodians(of: $0) }.map(\.agency))
    return try numbers.sorted().flatMap { number -> [ErasureAudience] in
      guard let agency = try agency(number: number) else { return [] }
      let position = try erasures.compactMap {
        try store.feedPosition(of: $0.policy, for: number)
      }.min()
      return try store.devices(of: number).compactMap { device in
        guard device.revokedMilliseconds == nil,
          let latest = try store.incarnations(of: device.number).last
        else { return nil }
        // What was never put on its feed it has made itself, or is not to be told of.
        let isTold =
          position.map { latest.policySeen >= $0 } ?? erasures.contains { $0.by == agency.id }
        return ErasureAudience(agency: agency.id, device: device.id, isTold: isTold)
      }
    }
  }

  /// 32 bytes: this hub's MAC over a statement that it gives out; `use` says what it states.
  package func statementMAC(_ use: String, _ statement: [UInt8]) -> [UInt8] {
    hmacSHA256(
      key: secrets.certifyingKey, Array("cafsync statement \(use)\u{0}".utf8) + statement)
  }
}

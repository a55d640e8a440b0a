package import CaseRecords

/// One record as a loader writes it: its kind, its identifier, and its groups in order.
package struct SampleRecord: Hashable, Sendable {
  package struct Group: Hashable, Sendable {
    package let name: String
    package let value: GroupValue
  }

  package let kind: String
  package let id: RecordID
  package var groups: [Group]
  /// Who wrote it; nil: the custodian of the compartment it stands in.
  package var author: AgencyID?

  init(_ kind: String, _ id: RecordID, author: AgencyID? = nil, _ groups: [Group] = []) {
    self.kind = kind
    self.id = id
    self.author = author
    self.groups = groups
  }

  /// Nil if the record lacks the group.
  package func value(_ group: String) -> GroupValue? { groups.first { $0.name == group }?.value }

  mutating func set(_ group: String, _ value: GroupValue) {
    groups.append(Group(name: group, value: value))
  }

  /// A group of one field of its own name.
  mutating func set(_ group: String, _ text: String) { set(group, .one(group, text)) }
}

/// One compartment and what stands in it.
package struct SampleCompartment: Hashable, Sendable {
  package let compartment: Compartment
  package var records: [SampleRecord]
}

package struct SampleAgency: Hashable, Sendable {
  package let id: AgencyID
  package let role: AgencyRole
  package let name: String
  /// A code of the list `sector`.
  package let sector: String
  /// Codes of the list `locality`: where it works.
  package let localities: [String]
  /// Ages it works with, in years.
  package let ages: ClosedRange<Int>
  /// Its involvement stands in `sensitive`, never on the index.
  package let isSensitive: Bool
}

package struct SamplePractitioner: Hashable, Sendable {
  package let id: PractitionerID
  package let agency: AgencyID
  package let name: String
  package let role: String
  package let contact: String
}

/// A child with everything that is recorded of them, and what the family decided.
package struct SampleChild: Hashable, Sendable {
  package let id: ChildID
  /// Shared by brothers and sisters.
  package let family: RecordID
  package let identity: ChildIdentity
  package var compartments: [SampleCompartment]
  /// Consents, refusals and shields, oldest first.
  package var policies: [PolicyEntry]

  package func compartment(_ category: Category, of custodian: AgencyID) -> SampleCompartment? {
    compartments.first {
      $0.compartment.category == category && $0.compartment.custodian == custodian
    }
  }

  /// All records of one kind, in whichever compartments.
  package func records(_ kind: String) -> [SampleRecord] {
    compartments.flatMap { $0.records.filter { $0.kind == kind } }
  }

  /// Adds to the compartment, which is made if it is not there.
  mutating func add(
    _ record: SampleRecord, to category: Category, of custodian: AgencyID,
    using generator: inout SeededGenerator
  ) {
    let index = compartments.firstIndex {
      $0.compartment.category == category && $0.compartment.custodian == custodian
    }
    if let index {
      compartments[index].records.append(record)
    } else {
      let compartment = Compartment(
        id: generator.identifier(), child: id, category: category, custodian: custodian)
      compartments.append(SampleCompartment(compartment: compartment, records: [record]))
    }
  }
}

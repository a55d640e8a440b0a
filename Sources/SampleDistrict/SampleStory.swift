package import CaseRecords

/// A scene of the seed evaluation, with its people and papers, for demonstrations and tests.
package struct SampleStory: Hashable, Sendable {
  package enum Name: String, CaseIterable, Hashable, Sendable {
    /// Agency 4 asks the index before acting; a CAF by agency 1 exists.
    case indexCheck
    /// Two agencies write one CAF, in different boxes and in the same.
    case jointCAF
    /// The Youth Offending Team met without the lead professional.
    case metWithoutLead
    /// Brother and sisters with three CAFs.
    case threeSiblings
    /// A child known to nobody, on no school's roll.
    case knownToNobody
  }

  package let name: Name
  /// What happens, in plain words.
  package let summary: String
  package let children: [SampleChild]
  /// In the order of the story: agency 1, 2, 3, 4 where it counts them.
  package let agencies: [AgencyID]
  /// Threads between an agency and the hub.
  package let deskCompartments: [SampleCompartment]
}

package import Causality

// What is named by a random identifier in this house. The tags are empty: only the types differ.
package enum ChildTag {}
package enum AgencyTag {}
package enum DeviceTag {}
package enum CompartmentTag {}
package enum RecordTag {}
package enum PractitionerTag {}
package enum PolicyTag {}

package typealias ChildID = Identifier<ChildTag>
package typealias AgencyID = Identifier<AgencyTag>
package typealias DeviceID = Identifier<DeviceTag>
package typealias CompartmentID = Identifier<CompartmentTag>
package typealias RecordID = Identifier<RecordTag>
package typealias PractitionerID = Identifier<PractitionerTag>
package typealias PolicyID = Identifier<PolicyTag>

extension Identifier where Tag == AgencyTag {
  /// The hub itself, as a recipient: consent to *store* is a grant to it, and what the hub derives
  /// (the CAF flag, answers to enquiries) stands in compartments that it is custodian of.
  package static var hub: AgencyID { AgencyID(high: 0, low: 0) }
}

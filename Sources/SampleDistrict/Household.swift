import CBOR
import CaseRecords
import Causality

/// What brothers and sisters have in common.
struct Household {
  let id: RecordID
  let heritage: Heritage
  let familyName: String
  let locality: String
  let address: String
  let postcode: String
  let phone: String
  let parents: [Parent]

  struct Parent {
    let given: String
    let relationship: String
    let hasResponsibility: Bool
  }

  init(locality: String? = nil, heritage: Heritage? = nil, using generator: inout SeededGenerator) {
    id = generator.identifier()
    let heritage = heritage ?? Heritage.draw(using: &generator)
    self.heritage = heritage
    familyName = generator.pick(heritage.families)
    self.locality = locality ?? generator.pick(SamplePlaces.localities)
    address = "\(generator.between(1...140)) \(generator.pick(SamplePlaces.streets))"
    postcode = generator.postcode()
    phone = generator.phone(mobile: generator.chance(percent: 60))
    var parents = [
      Parent(
        given: generator.pick(heritage.girls), relationship: "mother", hasResponsibility: true)
    ]
    switch generator.below(100) {
    case 0..<55:
      parents.append(
        Parent(
          given: generator.pick(heritage.boys), relationship: "father",
          hasResponsibility: generator.chance(percent: 85)))
    case 55..<68:
      parents.append(
        Parent(
          given: generator.pick(heritage.boys), relationship: "stepParent",
          hasResponsibility: false))
    case 68..<74:
      parents.append(
        Parent(
          given: generator.pick(heritage.girls), relationship: "grandparent",
          hasResponsibility: false))
    default: break
    }
    self.parents = parents
  }

  /// The household's records. They are written once, with the eldest; the others refer to that.
  func records(
    of child: SampleChild, siblings: [SampleChild], using generator: inout SeededGenerator
  ) -> [SampleRecord] {
    let eldest = siblings.first ?? child
    var link = SampleRecord("familyLink", generator.identifier())
    link.set("family", GroupValue().setting("family", id))
    link.set("writtenWith", GroupValue().setting("writtenWith", eldest.id))
    guard eldest.id == child.id else { return [link] }

    var home = SampleRecord("home", generator.identifier())
    home.set(
      "description",
      "A family of \(parents.count + max(siblings.count, 1)) in a rented house. The children share "
        + "a room.")
    home.set("languages", GroupValue().setting("languages", [heritage.languages[0]]))
    var records = [link, home]
    for parent in parents {
      var member = SampleRecord("familyMember", generator.identifier())
      member.set(
        "name", GroupValue().setting("given", parent.given).setting("family", familyName))
      member.set("relationship", parent.relationship)
      member.set("parentalResponsibility", parent.hasResponsibility ? "yes" : "no")
      member.set("isCarer", GroupValue().setting("isCarer", true))
      records.append(member)
    }
    for sibling in siblings where sibling.id != child.id {
      var member = SampleRecord("familyMember", generator.identifier())
      member.set(
        "name",
        GroupValue().setting("given", sibling.identity.given)
          .setting("family", sibling.identity.family))
      member.set("relationship", "sibling")
      member.set("parentalResponsibility", "no")
      member.set("child", GroupValue().setting("child", sibling.id))
      records.append(member)
    }
    return records
  }

  /// Address and phone, for the whereabouts.
  func whereabouts(using generator: inout SeededGenerator) -> [SampleRecord] {
    var place = SampleRecord("address", generator.identifier())
    place.set("place", GroupValue().setting("address", address).setting("postcode", postcode))
    place.set("use", "home")
    var number = SampleRecord("phone", generator.identifier())
    number.set(
      "number", GroupValue().setting("number", phone).setting("whose", parents[0].given))
    number.set("use", phone.hasPrefix("07") ? "mobile" : "home")
    return [place, number]
  }
}

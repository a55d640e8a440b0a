import CaseRecords
import Causality
package import Operations
import SampleDistrict

/// A generated district as JSON, for people to look at and for other programs to load.
package enum SampleJSON {
  package static let childrenMax = 100_000

  package static func district(children: Int, seed: UInt64) -> JSON {
    let district = District.generate(children: children, seed: seed)
    return [
      "seed": .count(seed),
      "agencies": .array(
        district.agencies.map { agency in
          [
            "agency": .string(agency.id.text), "role": .string(agency.role.rawValue),
            "name": .string(agency.name), "sector": .string(agency.sector),
            "localities": .array(agency.localities.map { .string($0) }),
            "isSensitive": .bool(agency.isSensitive),
          ]
        }),
      "practitioners": .array(
        district.practitioners.map { person in
          [
            "practitioner": .string(person.id.text), "agency": .string(person.agency.text),
            "name": .string(person.name), "role": .string(person.role),
            "contact": .string(person.contact),
          ]
        }),
      "children": .array(district.children.map(json)),
      "stories": .array(
        district.stories.map { story in
          [
            "name": .string(story.name.rawValue), "summary": .string(story.summary),
            "agencies": .array(story.agencies.map { .string($0.text) }),
            "children": .array(story.children.map(json)),
          ]
        }),
    ]
  }

  private static func json(_ child: SampleChild) -> JSON {
    [
      "child": .string(child.id.text), "family": .string(child.family.text),
      "given": child.identity.given.map { .string($0) } ?? .null,
      "surname": child.identity.family.map { .string($0) } ?? .null,
      "dateOfBirth": child.identity.dateOfBirth.map { .string($0.text) } ?? .null,
      "decisions": .count(child.policies.count),
      "compartments": .array(
        child.compartments.map { sample in
          [
            "category": .string("\(sample.compartment.category)"),
            "custodian": .string(sample.compartment.custodian.text),
            "records": .array(
              sample.records.map { record in
                var groups = JSON.Object()
                for group in record.groups { groups[group.name] = group.value.json }
                return [
                  "record": .string(record.id.text), "kind": .string(record.kind),
                  "groups": .object(groups),
                ]
              }),
          ]
        }),
    ]
  }
}

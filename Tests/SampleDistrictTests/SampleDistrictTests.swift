import CaseRecords
import Causality
import SampleDistrict
import Testing

@Suite("The sample district")
struct SampleDistrictTests {
  static let district = District.generate(children: 400, seed: 42)

  private var everyCompartment: [SampleCompartment] {
    let district = Self.district
    return district.openCompartments + district.everyChild.flatMap(\.compartments)
      + district.stories.flatMap(\.deskCompartments)
  }

  @Test func followsFromItsSeedAlone() {
    #expect(District.generate(children: 60, seed: 7) == District.generate(children: 60, seed: 7))
    #expect(District.generate(children: 60, seed: 7) != District.generate(children: 60, seed: 8))
    let large = District.generate(children: 60, seed: 7)
    let small = District.generate(children: 25, seed: 7)
    #expect(large.agencies == small.agencies && large.stories == small.stories)
    #expect(Array(large.children.prefix(25)) == small.children)
  }

  @Test func hasAsManyChildrenAsAskedFor() {
    for count in [0, 1, 2, 33] {
      #expect(District.generate(children: count, seed: 1).children.count == count)
    }
  }

  @Test func everyRecordIsValidCompleteAndInItsPlace() {
    let registry = SchemaRegistry.standard
    var records = 0
    for compartment in everyCompartment {
      let category = compartment.compartment.category
      for record in compartment.records {
        records += 1
        #expect(registry.schema(record.kind) != nil, "\(record.kind)")
        #expect(registry.mayHold(record.kind, in: category), "\(record.kind) in \(category)")
        #expect(
          registry.missing(kind: record.kind, written: record.groups.map(\.name)).isEmpty,
          "\(record)")
        #expect(Set(record.groups.map(\.name)).count == record.groups.count, "\(record)")
        for group in record.groups {
          let issues = registry.validate(kind: record.kind, group: group.name, value: group.value)
          #expect(issues.isEmpty, "\(record.kind).\(group.name): \(issues) \(group.value)")
        }
        if record.kind == "element" {
          let code = record.value("about")?.text("element") ?? ""
          #expect(CAFElement(rawValue: code)?.category == category, "\(code) in \(category)")
        }
      }
    }
    #expect(records > 3_000)
  }

  @Test func identifiersAreUnique() {
    let compartments = everyCompartment.map(\.compartment.id)
    #expect(Set(compartments).count == compartments.count)
    let children = Self.district.everyChild.map(\.id)
    #expect(Set(children).count == children.count)
    for compartment in everyCompartment {
      #expect(Set(compartment.records.map(\.id)).count == compartment.records.count)
    }
    let policies = Self.district.everyChild.flatMap(\.policies).map(\.id)
    #expect(Set(policies).count == policies.count)
  }

  @Test func everyCompartmentOfAChildIsTheirsAndStandsOnce() {
    for child in Self.district.everyChild {
      #expect(!child.compartments.isEmpty)
      let places = child.compartments.map {
        "\($0.compartment.category) \($0.compartment.custodian)"
      }
      #expect(Set(places).count == places.count)
      #expect(child.compartments.allSatisfy { $0.compartment.child == child.id })
      #expect(child.policies.allSatisfy { $0.child == child.id })
    }
  }

  @Test func nothingReachesARealPersonOrPlace() {
    var numbers = 0
    for record in everyCompartment.flatMap(\.records) {
      for group in record.groups {
        if let number = group.value.text("nhsNumber") {
          numbers += 1
          #expect(NHSNumber.isValid(number) && NHSNumber.isTestRange(number))
        }
        for name in group.value.fields.keys {
          guard let text = group.value.text(name) else { continue }
          if name != "nhsNumber", let digits = NHSNumber.digits(text), NHSNumber.isValid(text) {
            #expect(digits.starts(with: [9, 9, 9]) || isSafePhone(text), "\(name) \(text)")
          }
          if text.hasPrefix("0"), text.count > 8 {
            #expect(isSafePhone(text), "\(name) \(text)")
          }
          if name == "postcode" {
            #expect(text.hasPrefix("ZZ99 ") && Postcode.looksRight(text), "\(text)")
          }
          if name == "upn" { #expect(UPN.isValid(text) && text.dropFirst().hasPrefix("000")) }
        }
      }
    }
    #expect(numbers > 100)
  }

  private func isSafePhone(_ text: String) -> Bool {
    ["0113 496 0", "01632 960", "07700 900"].contains { text.hasPrefix($0) }
      && text.filter(\.isNumber).count == 11
  }

  @Test func sensitiveServicesStandOnNoIndex() {
    let sensitive = Set(Self.district.agencies.filter(\.isSensitive).map(\.id))
    #expect(!sensitive.isEmpty)
    var seen = 0
    for child in Self.district.everyChild {
      for compartment in child.compartments {
        let isSensitive = compartment.compartment.category == .sensitive
        #expect(sensitive.contains(compartment.compartment.custodian) == isSensitive)
        seen += isSensitive ? 1 : 0
        for record in compartment.records where !isSensitive && record.kind == "involvement" {
          let agency = record.value("agency")?.identifier("agency", as: AgencyID.self)
          #expect(agency.map { !sensitive.contains($0) } ?? false)
        }
      }
      for entry in child.policies {
        guard case .grant(let terms) = entry.kind else { continue }
        #expect(!terms.scope.categories.contains(.sensitive))
      }
    }
    #expect(seen > 0)
  }

  @Test func theMixHasWhatTheDomainKnows() {
    let children = Self.district.children
    let withCAF = children.count { !$0.records("assessment").isEmpty }
    #expect((20...120).contains(withCAF))
    #expect(
      children.contains {
        !$0.records("child").allSatisfy { $0.value("birth")?.date("expectedDate") == nil }
      })
    #expect(Dictionary(grouping: children, by: \.family).values.contains { $0.count > 2 })
    #expect(
      children.contains { $0.policies.isEmpty } && children.contains { $0.policies.count > 1 })
    let needs = Set(
      children.flatMap { $0.records("element") }.compactMap {
        $0.value("needCodes")?.texts("needCodes")
      }
      .joined())
    #expect(needs.count > 8)
    for agency in Self.district.agencies {
      #expect((3...6).contains(Self.district.practitioners.count { $0.agency == agency.id }))
    }
    let locality = Set(Self.district.agencies.flatMap(\.localities))
    #expect(locality == ["batley", "dewsbury", "huddersfieldSouth"])
  }
}

@Suite("The five stories")
struct StoryTests {
  private func story(_ name: SampleStory.Name, seed: UInt64) throws -> SampleStory {
    try #require(District.generate(children: 0, seed: seed).stories.first { $0.name == name })
  }

  @Test func eachIsToldOnceWithItsAgencies() {
    let district = District.generate(children: 0, seed: 5)
    #expect(district.stories.map(\.name) == SampleStory.Name.allCases)
    let agencies = Set(district.agencies.map(\.id))
    for story in district.stories {
      #expect(!story.summary.isEmpty && Set(story.agencies).isSubset(of: agencies))
      #expect(Set(story.agencies).count == story.agencies.count)
    }
  }

  @Test func hinges() throws {
    for seed: UInt64 in [1, 2, 3] {
      let check = try story(.indexCheck, seed: seed)
      #expect(check.agencies.count == 4)
      let child = check.children[0]
      #expect(
        child.records("cafFlag").compactMap { $0.value("declared")?.text("status") }
          == ["inProgress"])
      #expect(child.compartments.allSatisfy { $0.compartment.custodian != check.agencies[3] })
      let enquiry = try #require(check.deskCompartments.first)
      #expect(enquiry.compartment.custodian == check.agencies[3])
      let subject = try #require(enquiry.records.first?.value("subject"))
      #expect(subject.text("given") == child.identity.given)

      let joint = try story(.jointCAF, seed: seed)
      let authors = Set(joint.children[0].records("element").map(\.author))
      #expect(authors == [nil, joint.agencies[1]])

      let met = try story(.metWithoutLead, seed: seed)
      let lead = met.children[0].records("leadProfessional").first?.value("lead")?
        .identifier("agency", as: AgencyID.self)
      #expect(lead == met.agencies[0])
      let invited = met.children[0].records("tacInvitation").compactMap {
        $0.value("invited")?.identifier("agency", as: AgencyID.self)
      }
      #expect(invited == [met.agencies[1], met.agencies[2]])

      let siblings = try story(.threeSiblings, seed: seed)
      #expect(siblings.children.map { $0.records("assessment").count } == [1, 1, 1])
      #expect(Set(siblings.children.map(\.family)).count == 1)
      #expect(Set(siblings.children.compactMap(\.identity.given)).count == 3)
      #expect(siblings.children.map { $0.records("home").count } == [1, 0, 0])
      #expect(siblings.children.allSatisfy { !$0.policies.isEmpty })

      let unknown = try story(.knownToNobody, seed: seed).children[0]
      #expect(unknown.identity.family == nil && unknown.identity.estimatedAge == 12)
      let school = try #require(unknown.records("child").first?.value("school"))
      #expect(school.text("rollEndReason") == "excluded" && school["nextSchool"] == nil)
      #expect(unknown.policies.isEmpty)
    }
  }
}

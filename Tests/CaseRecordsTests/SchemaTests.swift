import CBOR
import CaseRecords
import Causality
import Testing

@Suite("The record schemas are well formed")
struct SchemaTests {
  let registry = SchemaRegistry.standard

  @Test func kindsGroupsAndFieldsHaveUniqueNamesWithinTheLimit() {
    #expect(Set(registry.schemas.map(\.kind)).count == registry.schemas.count)
    for schema in registry.schemas {
      #expect(Set(schema.groups.map(\.name)).count == schema.groups.count, "\(schema.kind)")
      #expect(!schema.about.isEmpty, "\(schema.kind)")
      for group in schema.groups {
        let names = group.fields.map(\.name)
        #expect(Set(names).count == names.count, "\(schema.kind).\(group.name)")
        #expect((1...RecordLimits.groupFields).contains(names.count))
        for name in names + [group.name, schema.kind] {
          #expect(!name.isEmpty && name.utf8.count <= RecordLimits.nameBytes)
          #expect(
            name.unicodeScalars.allSatisfy {
              $0.isASCII && $0.properties.isAlphabetic
                || ("0"..."9").contains($0)
            }, "\(name)")
        }
      }
    }
  }

  @Test func everyKindStandsInSomeCategoryAndEveryCategoryHasAKind() {
    for schema in registry.schemas { #expect(!schema.categories.isEmpty, "\(schema.kind)") }
    for category in Category.allCases {
      #expect(!registry.kinds(in: category).isEmpty, "\(category)")
    }
  }

  @Test func compartmentsThatOthersReadHoldNothingPrivate() {
    for kind in ["preCAF", "note"] {
      for category in Category.allCases where category != .private && category != .sensitive {
        #expect(!registry.mayHold(kind, in: category), "\(kind) in \(category)")
      }
    }
    #expect(!registry.mayHold("preCAF", in: .sensitive))
    // The index carries existence and contacts, never an assessment.
    #expect(
      Set(registry.kinds(in: .index).map(\.kind))
        == ["child", "involvement", "leadProfessional", "cafFlag"])
    #expect(registry.mayHold("kindOfNextYear", in: .plan))
  }

  @Test func everyKindEndsWithItsLife() {
    for schema in registry.schemas {
      #expect(schema.groups.last == RecordSchema.life, "\(schema.kind)")
      for isPresent in [true, false] {
        let issues = registry.validate(
          kind: schema.kind, group: "life", value: .life(isPresent: isPresent))
        #expect(issues.isEmpty)
      }
    }
  }

  @Test func rulesNameFieldsOfTheirGroup() {
    for schema in registry.schemas {
      for group in schema.groups {
        for name in group.rules.flatMap(\.names) {
          #expect(group.field(name) != nil, "\(schema.kind).\(group.name).\(name)")
        }
      }
    }
  }

  @Test func everyCodeListIsListedNonEmptyAndLabelled() {
    #expect(Set(CodeLists.all.map(\.name)).count == CodeLists.all.count)
    for list in CodeLists.all {
      #expect(!list.codes.isEmpty)
      #expect(Set(list.codes.map(\.value)).count == list.codes.count, "\(list.name)")
      #expect(CodeLists.named(list.name) == list)
      for code in list.codes {
        #expect((1...RecordLimits.codeBytes).contains(code.value.utf8.count))
        #expect(!code.label.isEmpty)
        #expect(list.label(for: code.value) == code.label)
      }
      #expect(list.label(for: "codeOfNextYear") == nil)
    }
    for schema in registry.schemas {
      for field in schema.groups.flatMap(\.fields) {
        guard let list = field.type.codeList else { continue }
        #expect(CodeLists.named(list.name) == list, "\(schema.kind).\(field.name)")
      }
    }
  }

  @Test func elementsAreThoseOfTheFormEachInOneCategory() {
    #expect(CAFElement.allCases.count == 19)
    #expect((1...3).map { part in CAFElement.allCases.count { $0.part == part } } == [12, 3, 4])
    #expect(Set(CAFElement.allCases.map(\.number)).count == 19)
    for element in CAFElement.allCases {
      let expected: Set<CaseRecords.Category> =
        element.part == 1 ? [.development, .health] : [.parenting]
      #expect(expected.contains(element.category))
      #expect(registry.mayHold("element", in: element.category))
    }
    #expect(CAFElement.generalHealth.category == .health)
    #expect(CAFElement.allCases.count { $0.category == .health } == 3)
  }

  @Test func oneElementOfOneAssessmentIsOneRecordWhoeverOpensItFirst() {
    let assessment = RecordID(high: 7, low: 9)
    let ids = CAFElement.allCases.map { RecordID.element($0, of: assessment) }
    #expect(Set(ids + [assessment]).count == 20)
    #expect(RecordID.element(.guidance, of: assessment) == ids[14])
  }

  @Test func namesReadAsPlainWords() {
    let table = [
      "given": "given", "dateOfBirth": "date of birth", "preCAF": "pre CAF",
      "contacts12Months": "contacts12 months", "ecmOutcome": "ecm outcome",
      "usedInCAF": "used in CAF",
    ]
    for (name, words) in table { #expect(PlainWords.fromName(name) == words) }
    #expect(PlainWords.anyOf(["given", "family"]) == "given or family")
    #expect(PlainWords.anyOf(["a", "b", "cD"]) == "a, b or c d")
  }
}

extension GroupRule {
  fileprivate var names: [String] {
    switch self {
    case .atLeastOne(let names), .atMostOne(let names), .exactlyOne(let names): names
    case .inOrder(let first, let second): [first, second]
    case .together(let first, let second), .when(let first, _, let second): [first, second]
    }
  }
}

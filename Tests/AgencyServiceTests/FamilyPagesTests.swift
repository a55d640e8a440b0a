import AgencyService
import Operations
import Testing

@Suite("Children who are one, and children of one family, on the pages")
struct FamilyPagesTests {
  private let replica: TestReplica
  private let visitor: TestVisitor
  private let child: String
  private let other: String

  init() throws {
    replica = try TestReplica()
    visitor = try TestVisitor(replica)
    child = try replica.child()
    other = try #require(
      try replica.run(
        "child-add",
        ["given": "Kitt", "family": "Canary", "dateOfBirth": "2001-02-03", "anyway": true])[
          "child"]?.stringValue)
  }

  private func openPair() throws {
    try visitor.open("/duplicates")
    #expect(visitor.text.contains("Kitt Canary") && !visitor.text.contains("cafsync"))
    let link = try #require(visitor.page.firstMatch(of: /href="(\/children\/[^"]*\/same\/[^"]*)"/))
    try visitor.open(String(link.1))
  }

  private func pairs() throws -> Int {
    try replica.run("duplicates")["pairs"]?.arrayValue?.count ?? -1
  }

  @Test("two entries are looked at side by side, joined as one child, and parted again")
  func join() throws {
    try openPair()
    for words in ["Kit", "Kitt", "Sure Start Batley", "Consent counts for both"] {
      #expect(visitor.text.contains(words), "\(words)")
    }
    try visitor.press("They are one child")
    #expect(visitor.text.contains("They are recorded as one child"))
    #expect(try pairs() == 0)
    try visitor.press("Take it back: they are two children")
    #expect(visitor.text.contains("No record was moved.") && visitor.status == 200)
    #expect(visitor.page.contains("They are one child</button>"))
  }

  @Test("what was joined is parted from the child's own page too")
  func joinedIsSeen() throws {
    try visitor.open("/children/\(child)")
    #expect(!visitor.text.contains("Recorded as this child too"))
    try replica.run("child-alias", ["child": .string(child), "other": .string(other)])
    for id in [child, other] {
      try visitor.open("/children/\(id)")
      #expect(visitor.text.contains("kept by Sure Start Batley"))
      let link = try #require(visitor.page.firstMatch(of: /href="([^"]*\/same\/[^"]*)"/))
      try visitor.open(String(link.1))
      #expect(visitor.page.contains("Take it back: they are two children</button>"))
    }
  }

  @Test("an answer that no button gives joins nobody and parts nobody")
  func strangeAnswers() throws {
    try openPair()
    for say in ["", "differ", "One"] {
      try visitor.press("They are two children", ["say": say])
      #expect(visitor.status == 400 && visitor.text.contains("none of the answers of this form"))
    }
    #expect(try pairs() == 1)
    try visitor.open("/children/\(child)/family")
    try visitor.press("Look", ["given": "Kitt", "family": "Canary"])
    try visitor.press("Kitt Canary is of this family", ["say": "yes"])
    #expect(visitor.status == 400 && visitor.text.contains("No brother or sister is joined"))
  }

  @Test("two that are said to differ are asked about no more, until that is taken back")
  func differ() throws {
    try openPair()
    try visitor.press("They are two children")
    #expect(visitor.text.contains("This agency has recorded that they are two"))
    #expect(try pairs() == 0)
    try visitor.press("Take it back: they may be one")
    #expect(try pairs() == 1)
  }

  @Test("a brother is looked for, joined, shown with school and services, and taken back")
  func sibling() throws {
    try visitor.open("/children/\(child)/family")
    #expect(visitor.text.contains("No brother or sister is joined"))
    try visitor.press("Look", ["given": "Kitt", "family": "Canary"])
    try visitor.press("Kitt Canary is of this family")
    #expect(visitor.text.contains("1 joined with this child") && visitor.text.contains("Services"))
    try visitor.open("/children/\(other)/family")
    #expect(visitor.text.contains("The household is written once"))
    try visitor.press("Take back the link with Kit Canary")
    #expect(visitor.text.contains("No brother or sister is joined"))
  }

  @Test("home shows one's children and what is to be seen to, each with where that is done")
  func home() throws {
    try replica.run("caf-start", ["child": .string(child)])
    try visitor.open("/")
    #expect(visitor.text.contains("Kit Canary") && visitor.text.contains("nobody leads"))
    #expect(visitor.page.contains("href=\"/children/\(child)/lead\""))
  }
}

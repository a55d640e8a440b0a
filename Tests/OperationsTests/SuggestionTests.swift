import Operations
import Testing

@Suite struct SuggestionTests {
  @Test func `the nearest known word is suggested, if it is near`() {
    let known = ["serve", "status", "init", "enrol", "revoke-device", "json"]
    let cases: [(word: String, suggestion: String?)] = [
      ("sevre", "serve"), ("stauts", "status"), ("Serve", "serve"), ("int", "init"),
      ("inti", "init"), ("revoke-devise", "revoke-device"), ("jsno", "json"), ("xyz", nil),
      ("", nil), ("s", nil), ("enroll", "enrol"), (String(repeating: "s", count: 65), nil),
    ]
    for (word, suggestion) in cases {
      #expect(Suggestion.nearest(to: word, among: known) == suggestion, "\(word)")
    }
    #expect(Suggestion.nearest(to: "a", among: []) == nil)
    #expect(Suggestion.nearest(to: "bat", among: ["cat", "rat"]) == "cat")
  }
}

package import Operations

/// What a hub holds of a child, on paper for the family: a document of its own, without a script or
/// anything to fetch.
package enum SubjectAccessPage {
  /// - Parameter record: As the hub's subject access makes it.
  /// - Returns: The whole document, in UTF-8.
  package static func document(_ record: JSON) -> [UInt8] {
    let document = element(.html, .lang("en")) {
      element(.head) {
        element(.meta, .charset("utf-8"))
        element(.title) { "What is held about a child" }
      }
      element(.body) {
        element(.h1) { "What is held about a child" }
        element(.p) {
          "This is what the hub of the district's agencies holds of the child, as of "
            + record.text("asOf") + ". Agencies may have notes of their own that never leave them."
        }
        for part in record.items("parts") { self.part(part) }
        sentences("Who has held it, and why", record.texts("held"))
        sentences("Who asked whether the child is known", record.texts("asked"))
        sentences("What was decided about sharing", record.texts("decisions"))
        element(.p) { "Identifier of the record: " + record.text("child") }
      }
    }
    return Array(("<!DOCTYPE html>" + document.markup).utf8)
  }

  @HTMLBuilder private static func part(_ part: JSON) -> HTML {
    element(.h2) { part.text("title") }
    element(.p) { "Kept by " + part.text("keptBy") + "." }
    if part.items("records").isEmpty { element(.p) { "Nothing is written in it." } }
    for record in part.items("records") {
      element(.h3) { record.text("title") }
      element(.dl) {
        for row in record.items("rows") {
          element(.dt) { row.text("label") }
          for value in row.texts("values") { element(.dd) { value } }
        }
      }
    }
  }

  @HTMLBuilder private static func sentences(_ heading: String, _ sentences: [String]) -> HTML {
    element(.h2) { heading }
    if sentences.isEmpty {
      element(.p) { "Nothing." }
    } else {
      element(.ul) { for sentence in sentences { element(.li) { sentence } } }
    }
  }
}

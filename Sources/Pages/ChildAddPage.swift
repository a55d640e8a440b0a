/// Putting a child on the index. A first name and a guessed age are enough to begin with.
package enum ChildAddPage {
  /// - Parameter alike: Children held here who may be the same one.
  package static func page(
    _ frame: Page.Frame, _ filled: Filled, alike: [String] = []
  ) -> Page {
    Page("Put a child on the index", frame, hasErrors: !filled.problems.isEmpty) {
      errorSummary(filled.problems)
      element(.h1) { "Put a child on the index" }
      insetText("A first name is enough to begin with. Everything else may follow later.")
      if !alike.isEmpty {
        section("alike", "Held here already, and perhaps the same child") {
          list {
            for (number, child) in alike.enumerated() {
              element(.li) { link("See child \(number + 1)", to: LocalPath("children", child)) }
            }
          }
        }
      }
      postForm(LocalPath("children", "add"), token: frame.formToken) {
        ChildFields.identity(filled)
        radios(
          FieldText("official", "Our work with the child is"), filled, value: "official",
          isInline: true,
          [
            Option(value: "official", label: "Official"),
            Option(value: "unofficial", label: "Unofficial"),
          ])
        if !alike.isEmpty {
          checkboxes(
            FieldText("anyway", "Is it another child?"), filled,
            [Option(value: "yes", label: "Yes, this is another child")])
        }
        button("Put on the index")
      }
    }
  }
}

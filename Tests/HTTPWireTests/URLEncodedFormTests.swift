import HTTPWire
import Testing

@Suite("Fields of a form")
struct URLEncodedFormTests {
  private func fields(_ body: String) -> [String]? {
    URLEncodedForm(body.utf8).map { $0.fields.map { "\($0.name)→\($0.value)" } }
  }

  @Test("as browsers send them (URL Living Standard, 5.1)")
  func fields() {
    #expect(fields("") == [])
    #expect(fields("a=1&b=2&a=3") == ["a→1", "b→2", "a→3"])
    #expect(fields("a+b=c+d%2B%26%3D") == ["a b→c d+&="])
    #expect(fields("name=Zo%C3%AB%0D%0ALee") == ["name→Zoë\r\nLee"])
    #expect(fields("a&=b&&c=") == ["a→", "→b", "c→"])
    #expect(fields("a=b=c") == ["a→b=c"])
  }

  @Test(
    "a broken escape, and bytes that are no text, are no form",
    arguments: [
      "a=%", "a=%4", "a=%zz", "%ff=1", "a=%C3",
    ])
  func broken(body: String) { #expect(URLEncodedForm(body.utf8) == nil) }

  @Test("bytes beyond ASCII are taken as UTF-8 or not at all")
  func bytes() {
    #expect(URLEncodedForm(Array("a=ë".utf8))?["a"] == "ë")
    #expect(URLEncodedForm([0x61, 0x3d, 0xff]) == nil)
  }

  @Test("as many fields as the limit says, and no more")
  func limit() {
    let body = (0..<URLEncodedForm.fieldsMax).map { "f\($0)=x" }.joined(separator: "&")
    #expect(URLEncodedForm(body.utf8)?.fields.count == URLEncodedForm.fieldsMax)
    #expect(URLEncodedForm((body + "&one=more").utf8) == nil)
  }

  @Test("the first field of a name counts")
  func first() {
    let form = URLEncodedForm("a=1&a=2".utf8)
    #expect(form?["a"] == "1" && form?["b"] == nil)
  }
}

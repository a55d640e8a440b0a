import SyncProtocol
import Testing

/// What no honest peer sends must end in an error, and never in a crash.
@Suite struct HostileInputTests {
  @Test func everyTruncationIsRefused() {
    for codec in Codec.canonical + Codec.enveloped {
      var generator = SeededGenerator(20)
      for _ in 0..<6 {
        let bytes = codec.make(&generator)
        // All of them for short messages, a sample for long ones.
        for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 150)) {
          #expect(throws: MessageError.self, "\(codec.name), \(count) of \(bytes.count) bytes") {
            try codec.again(Array(bytes.prefix(count)))
          }
        }
      }
    }
  }

  @Test func bytesAfterTheEndAreRefused() {
    for codec in Codec.canonical + Codec.enveloped {
      var generator = SeededGenerator(21)
      let bytes = codec.make(&generator)
      #expect(throws: MessageError.self) { try codec.again(bytes + [0]) }
    }
  }

  @Test func anAlteredByteIsRefusedOrIsTheOneEncodingOfAnotherMessage() throws {
    for codec in Codec.canonical {
      var accepted = 0
      try mutate(codec, seed: 22) { mutated, again in
        accepted += 1
        #expect(again == mutated, "\(codec.name) has a second encoding: \(mutated)")
      }
      #expect(accepted > 0)
    }
  }

  /// What is only checked is later opened: it may let through nothing that opening refuses.
  @Test func contentThatIsOnlyCheckedIsRefusedForTheSameReasons() {
    var generator = SeededGenerator(25)
    var refusals = 0
    for _ in 0..<400 {
      let bytes = generator.content().encoded()
      for round in 0..<30 {
        var mutated = bytes
        if round > 0 {
          mutated[generator.below(bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
        }
        let built = Result { () throws(MessageError) in
          try CompartmentContent(encoded: mutated)
        }
        let checked = Result { () throws(MessageError) in try CheckedContent(encoded: mutated) }
        switch (built, checked) {
        case (.success(let content), .success(let kept)):
          #expect(kept == CheckedContent(content))
        case (.failure(let one), .failure(let other)):
          refusals += 1
          #expect(one == other)
        default: Issue.record("built and checked differ: \(mutated)")
        }
      }
    }
    #expect(refusals > 1_000)
  }

  @Test func anAlteredMessageIsRefusedOrReadsAsSomeMessage() throws {
    for codec in Codec.enveloped {
      try mutate(codec, seed: 23) { _, again in
        let twice = try codec.again(again)
        #expect(twice == again)
      }
    }
  }

  private func mutate(
    _ codec: Codec, seed: UInt64, accepted: (_ mutated: [UInt8], _ again: [UInt8]) throws -> Void
  ) throws {
    var generator = SeededGenerator(seed)
    for _ in 0..<40 {
      let bytes = codec.make(&generator)
      for _ in 0..<25 {
        var mutated = bytes
        mutated[generator.below(bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
        // Refused, as most are; a crash would end the test.
        guard let again = try? codec.again(mutated) else { continue }
        try accepted(mutated, again)
      }
    }
  }

  @Test func noiseIsRefused() {
    var generator = SeededGenerator(24)
    for codec in Codec.canonical + Codec.enveloped {
      for _ in 0..<100 {
        let noise = generator.bytes(1 + generator.below(40))
        if let again = try? codec.again(noise) { #expect(again == noise) }
      }
    }
  }

  @Test func anErrorNamesMessageAndFieldAndShowsNoData() {
    let change = SeededGenerator.sampleChange(value: [0x63] + Array("Ann".utf8))
    var bytes = change.encoded()
    bytes.removeLast()
    #expect {
      try Change(encoded: bytes)
    } throws: { error in
      let text = "\(error)"
      return text.hasPrefix("In the change, field value, byte ") && !text.contains("Ann")
    }
  }
}

import SyncProtocol
import Testing

@Suite struct EnvelopeTests {
  @Test func whatWasSealedOpensAsItWas() throws {
    for count in [0, 1, 23, 24, 1_000] {
      let payload = randomBytes(count)
      let body = Envelope.sealed(payload)
      #expect(body.count == Envelope.headBytes + count)
      #expect(try Envelope.opened(body) == payload)
    }
  }

  private func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator(UInt64(count))
    return generator.bytes(count)
  }

  @Test func everyTruncationSaysHowMuchIsMissing() {
    let body = Envelope.sealed(Array("forty bytes of something worth the trip".utf8))
    for count in 0..<body.count {
      let missing = count < Envelope.headBytes ? Envelope.headBytes - count : body.count - count
      #expect(throws: EnvelopeError.truncated(missingBytes: missing)) {
        try Envelope.opened(Array(body.prefix(count)))
      }
    }
  }

  @Test func moreThanWasSentIsRefused() {
    for extra in 1...3 {
      #expect(throws: EnvelopeError.extended(extraBytes: extra)) {
        try Envelope.opened(Envelope.sealed([1, 2, 3]) + [UInt8](repeating: 0, count: extra))
      }
    }
  }

  @Test func everySingleAlteredBitIsNoticed() {
    let body = Envelope.sealed(Array("payload".utf8))
    for bit in 0..<body.count * 8 {
      var altered = body
      altered[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: EnvelopeError.self) { try Envelope.opened(altered) }
    }
  }

  @Test func eachAlterationHasItsName() {
    let body = Envelope.sealed(Array("payload".utf8))
    var altered = body
    altered[30] ^= 1
    #expect(throws: EnvelopeError.altered) { try Envelope.opened(altered) }
    altered = body
    altered[8] ^= 1
    #expect(throws: EnvelopeError.altered) { try Envelope.opened(altered) }
    #expect(throws: EnvelopeError.notAnEnvelope) { try Envelope.opened(Array("<html>".utf8)) }
    #expect(throws: EnvelopeError.notAnEnvelope) {
      try Envelope.opened(Array("CAF2".utf8) + body.dropFirst(4))
    }
  }

  @Test func aBodyMayBeAsLargeAsTheLimitAndNoLarger() throws {
    let payload = [UInt8](repeating: 7, count: SyncLimits.bodyBytesMax - Envelope.headBytes)
    let body = Envelope.sealed(payload)
    #expect(body.count == SyncLimits.bodyBytesMax)
    #expect(try Envelope.opened(body).count == payload.count)
    #expect(throws: EnvelopeError.tooLarge) { try Envelope.opened(body + [0]) }
  }

  @Test func everyErrorSaysWhatToDo() {
    let errors: [EnvelopeError] = [
      .tooLarge, .notAnEnvelope, .truncated(missingBytes: 3), .extended(extraBytes: 2), .altered,
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    for error in errors { #expect(error.description.contains(";")) }
  }
}

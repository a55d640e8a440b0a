import Testing

/// The bytes of a hexadecimal text, for published vectors.
func hex(_ text: String) throws -> [UInt8] {
  let digits = try text.map { try #require($0.hexDigitValue) }
  try #require(digits.count.isMultiple(of: 2))
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

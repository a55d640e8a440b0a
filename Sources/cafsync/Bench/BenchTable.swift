import Benchmarks

/// The figures as a table for people: one line each, as soon as it is known.
struct BenchTable {
  private static let widths = (workload: 8, name: 43, value: 12, limit: 26)

  var head: String {
    row("", "", "median", "the least", "ratio") + "\n" + String(repeating: "-", count: 98)
  }

  func row(_ figure: Figure) -> String {
    row(
      figure.workload, figure.name, amount(figure.value, figure.unit),
      figure.limit.map { "\(amount($0, figure.unit)) (\(figure.limitName))" } ?? "",
      figure.ratio.map { "× \(Self.rounded($0))" } ?? "")
  }

  private func row(
    _ workload: String, _ name: String, _ value: String, _ limit: String, _ ratio: String
  ) -> String {
    let widths = Self.widths
    return padded(workload, widths.workload) + padded(name, widths.name)
      + padded(value, widths.value, isRight: true) + "  "
      + padded(limit, widths.limit, isRight: true) + "  " + ratio
  }

  private func amount(_ value: Double, _ unit: String) -> String {
    Self.rounded(value) + (unit.isEmpty ? "" : " " + unit)
  }

  private func padded(_ text: String, _ width: Int, isRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return isRight ? space + text : text + space
  }

  /// Three digits that count, and commas between thousands.
  static func rounded(_ value: Double) -> String {
    guard abs(value) < 100 else { return grouped(Int(value.rounded())) }
    let scale = abs(value) >= 10 ? 10.0 : abs(value) >= 1 ? 100.0 : 1_000.0
    let number = (value * scale).rounded() / scale
    return number == number.rounded() ? "\(Int(number))" : "\(number)"
  }

  private static func grouped(_ number: Int) -> String {
    let digits = String(abs(number))
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return number < 0 ? "-" + result : result
  }
}

import Testing

@testable import HTTPTransport

@Suite("Deadlines come out in order")
struct DeadlineQueueTests {
  @Test("every order of five times, some equal, comes out sorted and only when due")
  func orders() {
    let choices: [Int64] = [1, 2, 3]
    for code in 0..<243 {
      let times = (0..<5).map { choices[code / [1, 3, 9, 27, 81][$0] % 3] }
      var queue = DeadlineQueue()
      for (index, time) in times.enumerated() {
        queue.schedule(UInt64(index), atMilliseconds: time)
      }
      for now in Int64(0)...3 {
        var due = 0
        while let entry = queue.popDue(nowMilliseconds: now) {
          #expect(entry.atMilliseconds == now && times[Int(entry.connection)] == now)
          due += 1
        }
        #expect(due == times.count { $0 == now }, "\(times)")
      }
      #expect(queue.next == nil)
    }
  }
}

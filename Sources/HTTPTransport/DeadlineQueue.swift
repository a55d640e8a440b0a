/// Which connection is due next: a binary heap of times and names.
///
/// Entries are never removed. A connection whose deadline moved to a later time is found too early,
/// and is then scheduled anew; that costs less than keeping the heap exact.
struct DeadlineQueue {
  struct Entry: Equatable {
    let atMilliseconds: Int64
    let connection: UInt64
  }

  private var heap: [Entry] = []

  /// The earliest time in the queue.
  var next: Int64? {
    heap.first?.atMilliseconds
  }

  mutating func schedule(_ connection: UInt64, atMilliseconds: Int64) {
    heap.append(Entry(atMilliseconds: atMilliseconds, connection: connection))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if heap[parent].atMilliseconds <= heap[child].atMilliseconds { break }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  /// Takes the earliest entry if it is due.
  mutating func popDue(nowMilliseconds: Int64) -> Entry? {
    guard let first = heap.first, first.atMilliseconds <= nowMilliseconds else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].atMilliseconds < heap[least].atMilliseconds {
        least = child
      }
      if least == parent { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

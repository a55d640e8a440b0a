import Glibc

/// How many files and sockets this process may have open.
package enum OpenFiles {
  /// Raises the soft limit, as far as the hard one lets it; it is never lowered. The usual soft
  /// limit of 1,024 is for programs that still use `select(2)`.
  ///
  /// - Returns: The limit from now on: less than `wanted` only if the system allows no more.
  @discardableResult
  package static func allow(_ wanted: Int) -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    if limit.rlim_cur < rlim_t(wanted) {
      limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    return Int(clamping: limit.rlim_cur)
  }
}

import CLinux
import Glibc

/// What a crash leaves behind: keys and families’ words stand in memory, and a core dump would
/// write them to a disk where no purge reaches them.
package enum CoreDumps {
  /// Refuses them for this process. The limit alone does not do: a collector that the kernel pipes
  /// dumps to is not held to it (core(5)).
  ///
  /// - Returns: False if the system would not have it.
  @discardableResult
  package static func refuse() -> Bool {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    let isLimited = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
    return clinux_refuse_dumps() == 0 && isLimited
  }
}

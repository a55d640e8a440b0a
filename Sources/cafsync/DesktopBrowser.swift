import Glibc

/// The browser of the desktop that this terminal belongs to. A link that was asked for by a script,
/// or on a machine without a desktop, is only printed.
enum DesktopBrowser {
  /// Whether somebody sits there: a terminal, and a desktop beside it.
  private static var isThere: Bool {
    isatty(STDOUT_FILENO) == 1 && (getenv("DISPLAY") != nil || getenv("WAYLAND_DISPLAY") != nil)
  }

  /// Asks the desktop to open the link (xdg-open(1)), and waits for nothing. Where it cannot, the
  /// link has been printed. Other users see it in the list of processes; their processes get no
  /// page for it (`LoopbackPeer`).
  static func open(_ link: String) {
    guard isThere else { return }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    // In a session of its own: a terminal that closes now does not take the browser with it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // POSIX_SPAWN_SETSID (posix_spawn(3)), which the module of the library does not have.
    posix_spawnattr_setflags(&attributes, 0x80)
    var words: [UnsafeMutablePointer<CChar>?] = [strdup("xdg-open"), strdup(link), nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    _ = posix_spawnp(&process, "xdg-open", &actions, &attributes, &words, environ)
  }
}

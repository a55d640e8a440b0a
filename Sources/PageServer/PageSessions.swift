import Cryptography
package import Operations

/// Who is signed in to the pages of this daemon. In memory alone: a daemon that starts again knows
/// nobody, and a link or a cookie that was written down anywhere is worth nothing then.
///
/// Links and cookies are kept by their digests, so that looking one up tells nothing by its time.
package final class PageSessions: Sendable {
  package struct Session: Sendable, Equatable {
    /// Whom everything that is done in this session names.
    package let person: String
    /// Comes back with each form: a page of another origin cannot know it.
    package let formToken: String
    fileprivate let began: Int64
    fileprivate var lastUsed: Int64
    /// What was done, to be said on the next page.
    fileprivate var notice: String?
  }

  package static let idleMinutesStandard = 15
  /// A working day.
  package static let idleMinutesMax = 480
  /// However much it is used, a session is over then: a cookie that somebody has taken is worth no
  /// more than a day's work.
  package static let lifeMilliseconds: Int64 = 12 * 3_600_000
  package static let linkMilliseconds: Int64 = 120_000
  /// More than one person opens on one machine; the oldest make room.
  package static let sessionsMax = 32
  package static let linksMax = 32

  private struct State {
    var links: [[UInt8]: (person: String, madeAt: Int64)] = [:]
    var sessions: [[UInt8]: Session] = [:]
    /// When any session was last used; nil when none has been, or `takeIdle` has said so.
    var lastUsed: Int64?
  }

  /// After so long without a use a session is over.
  package let idleMilliseconds: Int64
  /// Rung when there is a session where there was none.
  package let bell = Doorbell()
  private let state = Lock(State())
  private let clock: any Clock

  package init(clock: any Clock, idleMinutes: Int = idleMinutesStandard) {
    self.clock = clock
    idleMilliseconds = Int64(idleMinutes) * 60_000
  }

  /// A new secret that signs `person` in once.
  package func makeLink(for person: String) -> String {
    let secret = Self.secret()
    let now = clock.bootMilliseconds()
    state.withLock { state in
      state.links = state.links.filter { now - $0.value.madeAt < Self.linkMilliseconds }
      if state.links.count >= Self.linksMax,
        let oldest = state.links.min(by: { $0.value.madeAt < $1.value.madeAt })
      {
        state.links[oldest.key] = nil
      }
      state.links[Self.digest(secret)] = (person, now)
    }
    return secret
  }

  /// Takes a link's secret for a cookie's; nil when it has been used, has run out or never was.
  package func signIn(link: String) -> String? {
    let now = clock.bootMilliseconds()
    return state.withLock { state in
      guard let link = state.links.removeValue(forKey: Self.digest(link)),
        now - link.madeAt < Self.linkMilliseconds
      else { return nil }
      return signIn(link.person, now, &state)
    }
  }

  /// A cookie's secret for somebody who has shown who it is.
  package func signIn(_ person: String) -> String {
    let now = clock.bootMilliseconds()
    return state.withLock { signIn(person, now, &$0) }
  }

  private func signIn(_ person: String, _ now: Int64, _ state: inout State) -> String {
    if state.sessions.count >= Self.sessionsMax,
      let oldest = state.sessions.min(by: { $0.value.lastUsed < $1.value.lastUsed })
    {
      state.sessions[oldest.key] = nil
    }
    let cookie = Self.secret()
    state.sessions[Self.digest(cookie)] = Session(
      person: person, formToken: Self.secret(), began: now, lastUsed: now)
    noteUse(now, &state)
    return cookie
  }

  /// Whose cookie it is, if it has been used within the idle time, which begins again with a use,
  /// and its life is not over.
  package func session(cookie: String, isUse: Bool = true) -> Session? {
    let now = clock.bootMilliseconds()
    let key = Self.digest(cookie)
    return state.withLock { state in
      guard var session = state.sessions[key] else { return nil }
      guard now - session.lastUsed < idleMilliseconds,
        now - session.began < Self.lifeMilliseconds
      else {
        state.sessions[key] = nil
        return nil
      }
      if isUse {
        session.lastUsed = now
        noteUse(now, &state)
      }
      state.sessions[key] = session
      return session
    }
  }

  package func leaveNotice(cookie: String, _ text: String) {
    state.withLock { $0.sessions[Self.digest(cookie)]?.notice = text }
  }

  /// Said once: the page that asks for it says it.
  package func takeNotice(cookie: String) -> String? {
    let key = Self.digest(cookie)
    return state.withLock { state in
      let notice = state.sessions[key]?.notice
      state.sessions[key]?.notice = nil
      return notice
    }
  }

  package func signOut(cookie: String) {
    state.withLock { $0.sessions[Self.digest(cookie)] = nil }
  }

  /// Ends the sessions of some people, and the links made for them; but for one session.
  package func signOut(
    except cookie: String? = nil, where isMeant: (String) throws -> Bool
  ) rethrows {
    let spared = cookie.map(Self.digest)
    let names = state.withLock { state in
      Set(state.sessions.values.map(\.person) + state.links.values.map(\.person))
    }
    let meant = try names.filter(isMeant)
    state.withLock { state in
      state.sessions = state.sessions.filter {
        $0.key == spared || !meant.contains($0.value.person)
      }
      state.links = state.links.filter { !meant.contains($0.value.person) }
    }
  }

  // MARK: Idle

  private func noteUse(_ now: Int64, _ state: inout State) {
    if state.lastUsed == nil { bell.ring() }
    state.lastUsed = now
  }

  /// There was a session, of whose end nobody has been told yet.
  package var isInUse: Bool { state.withLock { $0.lastUsed != nil } }

  /// True once after the last session has become idle; where none was opened, never.
  package func takeIdle() -> Bool {
    let now = clock.bootMilliseconds()
    return state.withLock { state in
      guard let lastUsed = state.lastUsed, now - lastUsed >= idleMilliseconds else { return false }
      state.lastUsed = nil
      return true
    }
  }

  private static func digest(_ secret: String) -> [UInt8] { sha256(Array(secret.utf8)) }

  /// 256 random bits.
  private static func secret() -> String {
    var random = SecureRandom()
    return Hex.text(random.bytes(32))
  }
}

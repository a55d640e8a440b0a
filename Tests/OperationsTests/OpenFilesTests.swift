import Glibc
import Operations
import Testing

@Suite struct OpenFilesTests {
  @Test func theLimitIsRaisedAsFarAsTheSystemAllowsAndNeverLowered() {
    var limit = rlimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    let before = Int(clamping: limit.rlim_cur)
    limit.rlim_cur -= 1
    #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    #expect(OpenFiles.allow(before) == before)
    #expect(OpenFiles.allow(1) == before)
    let hard = Int(clamping: limit.rlim_max)
    #expect(OpenFiles.allow(.max) == hard)
  }
}

import Foundation
import Operations
import Testing

@testable import HubService

@Suite struct HubConfigurationTests {
  private func read(_ text: String) throws -> HubConfiguration {
    try HubConfiguration(ConfigurationReader(bytes: Array(text.utf8), file: "hub.json5"))
  }

  @Test func theExampleHoldsEveryKeyWithItsDefault() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Configs/hub.json5").path
    let example = try HubConfiguration(file: path)
    let plain = HubConfiguration(folder: example.folder)
    #expect("\(example)" == "\(plain)")
  }

  @Test func mistakesAreSaidWithWhatToDo() throws {
    let table = [
      ("{}", "folder"), ("{folder: 'x', leaseDay: 3}", "did you mean \"leaseDays\""),
      ("{folder: 'x', leaseDays: 0}", "from 1 to 3650"),
      ("{folder: 'x', listen: {host: '0.0.0.0'}}", "TLS proxy"),
      ("{folder: 'x', listen: {host: 'hub.example'}}", "numeric address"),
      ("{folder: 'x', log: {level: 'loud'}}", "debug, info, warning, error"),
      ("{folder: 'x', waitMillisecondsMax: 300001}", "from 0 to 300000"),
    ]
    for (text, expected) in table {
      #expect {
        _ = try read(text)
      } throws: { error in
        error is ConfigurationError && "\(error)".contains(expected)
      }
    }
  }

  @Test func behindATLSProxyAnyAddressWillDo() throws {
    let read = try read("{folder: 'x', listen: {host: '0.0.0.0', behindTLSProxy: true}}")
    #expect(read.host == "0.0.0.0")
  }
}

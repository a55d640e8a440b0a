import Foundation
import Operations
import TestDaemons
import Testing

extension EndToEnd {
  @Suite("Copies of a device")
  struct Copies {
    @Test("a clone and its original both run and write: nothing lost, nothing twice, all in step")
    func cloned() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (line, birch) = (district.lines[0], district.agencies[1])
      let child = try district.sharedChild()
      var devices = [district.agencies[0]]
      var written: [String] = []
      func write(_ device: TestAgency) throws {
        written.append("note-Alder-\(written.count)-end")
        try device.note(try #require(written.last), on: child)
      }
      seeded { random, _ in
        for number in 1...(soaks ? 12 : 3) {
          // The copy has work that was not sent yet, or is on its way, and then goes twice.
          line.takeDown()
          let original = try #require(devices.randomElement(using: &random))
          try write(original)
          if Bool.random(using: &random) { try line.spoil(using: &random) }
          original.destroy()
          let clone = try TestAgency(
            copyOf: original, folder: district.folder.path + "/clone-\(number)")
          devices.append(clone)
          let pair = [original, clone].shuffled(using: &random)
          for device in pair {
            try device.start()
            try write(device)
          }
          line.heal()
          for device in pair.shuffled(using: &random) {
            if Bool.random(using: &random) { try device.synchronise() }
            try write(device)
          }
        }
        try converge(devices + [birch], on: child, to: written)
      }
    }

    @Test("a withdrawal is confirmed only when the clone, too, holds not a word of it")
    func clonedHolder() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (hub, alder, birch) = (district.hub, district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      try alder.note("note-Alder-0-end", on: child)
      try birch.note("note-Birch-1-end", on: child)
      try birch.synchronise()
      birch.destroy()
      let clone = try TestAgency(copyOf: birch, folder: district.folder.path + "/clone")
      for (number, device) in [birch, clone].enumerated() {
        try device.start()
        try device.note("note-Birch-\(2 + number)-end", on: child)
        try device.synchronise()
      }
      let own = (1...3).map { "note-Birch-\($0)-end" }
      try converge([alder, birch, clone], on: child, to: ["note-Alder-0-end"] + own)
      let parts = try [birch, clone].map { try SealedParts(of: $0, ofOthersOn: child) }
      for (device, parts) in zip([birch, clone], parts) {
        try parts.expectFound(in: device.folder)
      }
      try clone.stop()

      try alder.consent("consent-withdraw", child, [birch], "index")
      try awaited("Birch's receipt") { try hub.ask("status")["purgeReceipts"] == 1 }
      #expect(try hub.ask("status")["pendingPurges"] == 1)
      try clone.start()
      try awaited("the clone's receipt") { try hub.ask("status")["pendingPurges"] == 0 }
      for (device, parts) in zip([birch, clone], parts) {
        // What the agency wrote in its own entry stays.
        #expect(try device.notes(on: child) == own)
        try parts.expectGone(from: device.folder, "\(device.folder)")
      }
      #expect(try alder.notes(on: child) == ["note-Alder-0-end"] + own)
    }

    @Test("an old copy put back loses nothing, says nothing twice, and revives nothing withdrawn")
    func restored() throws {
      let district = try TestDistrict(["Alder", "Birch"])
      let (alder, birch) = (district.agencies[0], district.agencies[1])
      let child = try district.sharedChild()
      let secret = try alder.child("Wyn", sharedWith: [birch])
      try alder.note("note-Secret-1-end", on: secret)
      try awaited("what will be withdrawn") { try birch.notes(on: secret).count == 1 }
      var written: [String] = []
      func write(_ device: TestAgency) throws {
        written.append("note-\(device.name)-\(written.count)-end")
        try device.note(try #require(written.last), on: child)
      }
      let old = district.folder.path + "/old"
      seeded { random, _ in
        for number in 1...(soaks ? 12 : 3) {
          let one = Int.random(in: 0...1, using: &random)
          let (device, line) = (district.agencies[one], district.lines[one])
          // In the copy this is unsent, and it reaches the hub before the copy comes back.
          line.takeDown()
          try write(device)
          device.destroy()
          try TestFolder.copyFiles(of: device.folder, to: old)
          try device.start()
          line.heal()
          try write(device)
          try device.synchronise()
          if number == 2 {
            // Before its first exchange a copy shows nothing of others: neither the directory, nor
            // what is to be seen to go.
            for agency in [alder, birch] { try agency.synchronise() }
            try #require(try birch.notes(on: secret).count == 1)
            try alder.consent("consent-withdraw", secret, [birch], "index")
            try awaited("the purge") { try birch.export(secret) == "" }
          }
          line.takeDown()
          device.destroy()
          try FileManager.default.removeItem(atPath: device.folder)
          try TestFolder.copyFiles(of: old, to: device.folder)
          try FileManager.default.removeItem(atPath: old)
          try device.start()
          try write(device)
          line.heal()
          if Bool.random(using: &random) { try device.synchronise() }
        }
        try converge([alder, birch], on: child, to: written)
      }
      // What a copy brought back has gone again. The hub may all the same wait for a receipt: it
      // cannot know that the run which the copy replaced is no more.
      try awaited("what was withdrawn to go") { try birch.export(secret) == "" }
      #expect(try alder.notes(on: secret) == ["note-Secret-1-end"])
    }
  }
}

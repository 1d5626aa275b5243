import APIMachinery
import Testing

struct IPAddressTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("2001:DB8::1", "2001:db8::1"), ("::", "::"), ("1::", "1::"), ("::1", "::1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("::ffff:1.2.3.4", "::ffff:102:304"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
    ])
    func addressesAreReadAndWritten(_ text: String, _ canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", ":::", "1:2:3", "1::2::3", "g::", "1:", "12345::",
    ])
    func othersAreNot(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func blocksHaveBounds() throws {
        let block = try #require(IPAddressBlock("10.1.2.3/16"))
        #expect(block.first.description == "10.1.0.0")
        #expect(block.last.description == "10.1.255.255")
        #expect(IPAddressBlock("10.0.0.0/33") == nil)
        #expect(IPAddressBlock("::/0")?.contains(try #require(IPAddress("ff::"))) == true)
        #expect(IPAddressBlock("10.0.0.0/8")?.strictlyContains(block) == true)
        #expect(block.strictlyContains(block) == false)
    }
}

import APIMachinery
import Testing

@testable import APIServer

@Suite struct RevisionAgesTests {
    @Test func aRevisionIsAsOldAsTheFirstLookThatSawIt() {
        var ages = RevisionAges(age: 100)
        #expect(ages.note(Revision(5), at: 0) == nil)
        #expect(ages.note(Revision(9), at: 50) == nil)
        #expect(ages.note(Revision(9), at: 99) == nil)
        #expect(ages.note(Revision(9), at: 100) == Revision(5))
        #expect(ages.note(Revision(9), at: 149) == nil, "said once")
        #expect(ages.note(Revision(12), at: 150) == Revision(9))
        #expect(ages.note(Revision(12), at: 249) == nil)
        #expect(ages.note(Revision(12), at: 250) == Revision(12))
    }

    @Test func aLateLookSeesAllThatIsOldByThen() {
        var ages = RevisionAges(age: 100)
        _ = ages.note(Revision(1), at: 0)
        _ = ages.note(Revision(2), at: 10)
        #expect(ages.note(Revision(3), at: 500) == Revision(2))
    }
}

/// Addresses for pods, each given to one pod at a time: 10.244.0.1 to 10.251.255.254.
package struct AddressPool: Sendable {
    /// Addresses in the pool's range.
    package static let size = 8 << 16

    private var taken: Set<Int> = []
    private var byPod: [String: Int] = [:]
    private var next = 1

    package init() {}

    package static func text(_ number: Int) -> String {
        "10.\(244 + (number >> 16)).\((number >> 8) & 255).\(number & 255)"
    }

    /// - Returns: `nil` where the text is no address of the pool.
    package static func number(_ text: String) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard parts.count == 4, parts[0] == 10, (244..<252).contains(parts[1]), (0..<256).contains(parts[2]),
            (0..<256).contains(parts[3])
        else { return nil }
        return (parts[1] - 244) << 16 | parts[2] << 8 | parts[3]
    }

    /// Notes that a pod has an address already.
    package mutating func note(_ address: String, pod uid: String) {
        guard let number = Self.number(address), byPod[uid] != number else { return }
        release(pod: uid)
        byPod[uid] = number
        taken.insert(number)
    }

    /// The pod's address; a new one where it has none. `nil` where all are taken.
    package mutating func address(forPod uid: String) -> String? {
        if let number = byPod[uid] { return Self.text(number) }
        for _ in 0..<Self.size {
            let number = next
            next = next + 1 < Self.size ? next + 1 : 1
            // The first and the last of each 256 look like a network and a broadcast.
            guard number & 255 != 0, number & 255 != 255, taken.insert(number).inserted else { continue }
            byPod[uid] = number
            return Self.text(number)
        }
        return nil
    }

    package mutating func release(pod uid: String) {
        if let number = byPod.removeValue(forKey: uid) { taken.remove(number) }
    }
}

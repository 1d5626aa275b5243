import APIMachinery
import Foundation

/// The machine's own address.
enum HostAddress {
    /// The IPv4 address of the interface over which the default route goes; `nil` where there is none.
    static func ofDefaultRoute() -> IPAddress? {
        guard let table = try? String(contentsOfFile: "/proc/net/route", encoding: .utf8),
            let interface = defaultInterface(in: table)
        else { return nil }
        return address(of: interface)
    }

    /// The interface of the route to everywhere, in a table as `/proc/net/route` has it.
    private static func defaultInterface(in table: String) -> String? {
        let routes = table.split(separator: "\n").dropFirst().map { $0.split(separator: "\t") }
        return routes.first { $0.count > 7 && $0[1] == "00000000" && $0[7] == "00000000" }.map { String($0[0]) }
    }

    private static func address(of interface: String) -> IPAddress? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard String(cString: entry.ifa_name) == interface, let address = entry.ifa_addr,
                address.pointee.sa_family == sa_family_t(AF_INET)
            else { continue }
            let number = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
            return IPAddress(family: .v4, value: UInt128(UInt32(bigEndian: number)))
        }
        return nil
    }
}

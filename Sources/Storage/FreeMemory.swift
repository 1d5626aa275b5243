#if canImport(Glibc)
    import Glibc
#endif

/// Memory that was freed and that the allocator holds back.
package enum FreeMemory {
    #if canImport(Glibc)
        private typealias Trim = @convention(c) (Int) -> Int32

        /// Found by name, since the module of the C library leaves `malloc.h` out.
        private static let trim: Trim? = dlsym(nil, "malloc_trim").map { unsafeBitCast($0, to: Trim.self) }
    #endif

    /// Gives it back to the system, where the allocator can be asked to.
    package static func release() {
        #if canImport(Glibc)
            _ = trim?(0)
        #endif
    }
}

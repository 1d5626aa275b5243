import APIMachinery
import JSON

/// The columns of the built-in kinds, as Kubernetes' printers make them.
enum Tables {
    static func columns(of resource: GroupResource) -> [TableColumn] { [] }
}

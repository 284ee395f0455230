package ferrite.kernel.driver;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of devices and drivers, for debuggers. */
public final class DriverStructs {

    public static final List<Struct> ALL = List.of(
            DeviceLayout.STRUCT, DevresLayout.STRUCT, Holdings.STRUCT, ModuleUseLayout.STRUCT, RateLimitSites.STRUCT,
            RunTimeParameters.STRUCT);

    private DriverStructs() { }
}

package ferrite.kernel.vm;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of address spaces, for debuggers. */
public final class VmStructs {

    public static final List<Struct> ALL = List.of(MmLayout.STRUCT, VmAreaLayout.STRUCT, VmFaultLayout.STRUCT);

    private VmStructs() { }
}

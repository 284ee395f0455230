package ferrite.kernel.driver;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;

/** {@code struct module_use}: a driver that uses another one, in the list of the latter's record. */
final class ModuleUseLayout {

    static final int SIZE = 12;

    static final Struct STRUCT = Struct.of("module_use", SIZE);

    static final Embedded NODE = STRUCT.list("source_list", 0);
    /** The record of the driver that uses the other one. */
    static final Pointer SOURCE = STRUCT.pointer("source", 8, "struct module");

    private ModuleUseLayout() { }
}

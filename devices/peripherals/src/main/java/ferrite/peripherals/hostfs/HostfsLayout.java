package ferrite.peripherals.hostfs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.sched.MutexLayout;

/** The driver's record. */
final class HostfsLayout {

    static final int SIZE = 8 + MutexLayout.STRUCT.size();
    static final Struct STRUCT = Struct.of("hostfs", SIZE);

    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    /** A page that names and bytes go through. */
    static final Pointer PAGE = STRUCT.pointer("page", 4, "char");
    /** Protects the page and the registers. */
    static final Embedded ONE_USER = STRUCT.embedded("one_user", 8, MutexLayout.STRUCT);

    private HostfsLayout() { }
}

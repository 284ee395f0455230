package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct kernfs_node}: an attribute of one device. It lives until it is removed and no file is open. */
final class AttributeNodeLayout {

    static final int SIZE = 56;

    static final Struct STRUCT = Struct.of("kernfs_node", SIZE);

    /** In the device's list. */
    static final Embedded LIST = STRUCT.list("list", 0);
    static final Pointer DEVICE = STRUCT.pointer("device", 8, "struct class_device");
    static final Pointer ATTRIBUTE = STRUCT.pointer("attr", 12, "struct device_attribute");
    static final Pointer SHOW = STRUCT.function("show", 16);
    static final Pointer STORE = STRUCT.function("store", 20);
    static final Pointer NAME = STRUCT.pointer("name", 24, "char");
    static final Word MODE = STRUCT.u32("mode", 28);
    /** Open files, and 1 while it is on the list. */
    static final Word REFERENCES = STRUCT.u32("count", 32);
    /** Calls of show and store that run. */
    static final Word ACTIVE = STRUCT.u32("active", 36);
    /** Not 0 once it is removed: no call begins any more. */
    static final Word REMOVED = STRUCT.u32("removed", 40);
    /** The removal waits here for the calls that run. */
    static final Embedded WAIT = STRUCT.embedded("deactivate_waitq", 44, WaitQueueLayout.STRUCT);

    private AttributeNodeLayout() { }
}

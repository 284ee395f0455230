package ferrite.book.quanta;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.sched.MutexLayout;

/** {@code struct scull_dev}: a device that is an area of memory (LDD3 page 57). */
public final class ScullDevLayout {

    public static final int SIZE = 64;

    public static final Struct STRUCT = Struct.of("scull_dev", SIZE);

    /** The first quantum set. */
    static final Pointer DATA = STRUCT.pointer("data", 0, "struct scull_qset");
    /** Bytes of a quantum, and quanta of a set: both change when the device is emptied. */
    static final Word QUANTUM = STRUCT.u32("quantum", 4);
    static final Word QSET = STRUCT.u32("qset", 8);
    /** Bytes of data. */
    static final ULong BYTES = STRUCT.ulong("size", 12);
    /** The areas of programs in which the device is mapped (LDD3 page 429). */
    static final Word VMAS = STRUCT.s32("vmas", 16);
    static final Embedded MUTEX = STRUCT.embedded("mutex", VMAS.end(), MutexLayout.STRUCT);
    static final Embedded CDEV = STRUCT.embedded("cdev", MUTEX.end(), CdevLayout.STRUCT);

    private ScullDevLayout() { }

    /** Returns the address of a device's cdev. */
    public static long cdev(long dev) {
        return CDEV.at(dev);
    }

    /** Returns the address of the device with a cdev. */
    public static long ofCdev(long cdev) {
        return CDEV.containerOf(cdev);
    }
}

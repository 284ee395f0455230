package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** {@code struct file}: an open file. */
@DriverApi
public final class FileLayout {

    public static final int SIZE = 56;

    public static final Struct STRUCT = Struct.of("file", SIZE);

    /** Its {@link FileOperations}. */
    public static final Pointer OPERATIONS = STRUCT.function("f_op", 0);
    /**
     * The word that was registered with the device: the address of its cdev ({@code i_cdev}), of its miscdevice, or
     * the word of {@code cdevAdd} of a name.
     */
    public static final Pointer DATA = STRUCT.pointer("data", 4, "void");
    /** Two words of this open file for the driver; 0 at first. */
    public static final Pointer PRIVATE = STRUCT.pointer("private_data", 8, "void");
    public static final Word PRIVATE_2 = STRUCT.u32("private_data_2", 12);
    public static final U64 POSITION = STRUCT.u64("f_pos", 16);
    /** The flags of {@code open}, see {@link Fcntl}. */
    public static final Word FLAGS = STRUCT.u32("f_flags", 24);
    /** {@link Fcntl#FMODE_READ} and its kin. */
    public static final Word MODE = STRUCT.u32("f_mode", 28);
    /** The device's number, see {@link Kdev}; 0 for other files. */
    public static final Word RDEV = STRUCT.u32("i_rdev", 32);
    /** A callback. Its module cannot be removed while the file is open. */
    static final Pointer OWNER = STRUCT.function("owner", 36);
    /** The pid of the program that is sent SIGIO; 0 for none. */
    static final Word SIGNALLED = STRUCT.u32("f_owner", 40);

    /** The descriptors and mappings that have it. */
    static final Word COUNT = STRUCT.u32("f_count", 44);
    /** The first of the items by which epoll files watch it; 0 for none. */
    static final Pointer WATCHERS = STRUCT.pointer("f_ep", 48, "struct epitem");
    /** The entry of a driver's file of {@code /proc}; 0 for other files. */
    static final Pointer PROC_ENTRY = STRUCT.pointer("f_pde", 52, "struct proc_dir_entry");

    private FileLayout() { }
}

package ferrite.kernel.base;

/** {@code struct module}: a loaded driver, in the list of {@link RootLayout#MODULES}. */
public final class ModuleLayout {

    public static final int SIZE = 40;

    public static final Struct STRUCT = Struct.of("module", SIZE);

    public static final Embedded NODE = STRUCT.list("list", 0);
    public static final Pointer NAME = STRUCT.pointer("name", 8, "char");
    public static final Pointer FILE = STRUCT.pointer("file", 12, "char");
    /** Its parameters as they were typed, with blanks between them. */
    public static final Pointer PARAMETERS = STRUCT.pointer("args", 16, "char");
    /** The number of its part of the text, see {@link TextTable}. */
    public static final Word TEXT = STRUCT.u32("text", 20);
    /** Open files of its devices, and the drivers that use it. */
    public static final Word USERS = STRUCT.u32("refcnt", 24);
    /** {@link #LIVE}, {@link #COMING} or {@link #GOING}. */
    public static final Word STATE = STRUCT.u32("state", 28);
    /** The drivers that use this one, as {@code struct module_use}, the newest first. */
    public static final Embedded SOURCES = STRUCT.list("source_list", 32);

    /** The state after init. */
    public static final int LIVE = 0;
    /** The state until init has succeeded: no other driver can use this one, and it cannot be removed. */
    public static final int COMING = 1;
    /** The state while the driver is being removed: its files cannot be opened any more. */
    public static final int GOING = 2;

    private ModuleLayout() { }
}

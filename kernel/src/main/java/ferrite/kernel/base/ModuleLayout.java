package ferrite.kernel.base;

/** {@code struct module}: a loaded driver, in the list of {@link RootLayout#MODULES}. */
public final class ModuleLayout {

    public static final int SIZE = 32;

    public static final Struct STRUCT = Struct.of("module", SIZE);

    public static final Embedded NODE = STRUCT.list("list", 0);
    public static final Pointer NAME = STRUCT.pointer("name", 8, "char");
    public static final Pointer FILE = STRUCT.pointer("file", 12, "char");
    /** Its parameters as they were typed, with blanks between them. */
    public static final Pointer PARAMETERS = STRUCT.pointer("args", 16, "char");
    /** The number of its part of the text, see {@link TextTable}. */
    public static final Word TEXT = STRUCT.u32("text", 20);
    /** Open files of its devices. */
    public static final Word USERS = STRUCT.u32("refcnt", 24);
    /** Not 0 while the driver is being removed: its files cannot be opened any more. */
    public static final Word GOING = STRUCT.u32("going", 28);

    private ModuleLayout() { }
}

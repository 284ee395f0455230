package ferrite.kernel.base;

/** A loaded driver, on the list that the root page heads. */
public final class ModuleLayout {

    public static final int NODE = 0;
    public static final int NAME = 8;
    public static final int FILE = 12;
    /** Its parameters as they were typed, with blanks between them. */
    public static final int PARAMETERS = 16;
    /** Its part of the text. */
    public static final int TEXT = 20;
    /** Files that are open on its devices. */
    public static final int USERS = 24;
    public static final int SIZE = 32;

    private ModuleLayout() { }
}

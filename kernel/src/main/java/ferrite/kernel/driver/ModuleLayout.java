package ferrite.kernel.driver;

/** A loaded driver, on the list that the root page heads. */
final class ModuleLayout {

    static final int NODE = 0;
    static final int NAME = 8;
    static final int FILE = 12;
    /** Its parameters as they were typed, with blanks between them. */
    static final int PARAMETERS = 16;
    /** Its part of the text. */
    static final int TEXT = 20;
    /** Files that are open on its devices. */
    static final int USERS = 24;
    static final int SIZE = 32;

    private ModuleLayout() { }
}

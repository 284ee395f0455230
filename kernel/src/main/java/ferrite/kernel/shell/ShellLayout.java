package ferrite.kernel.shell;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The state of the shell between two of its restart points. */
final class ShellLayout {

    static final int SIZE = 256;
    static final int MAX_BACKGROUND = 32;
    static final int MAX_CACHES = 8;

    static final Struct STRUCT = Struct.of("shell", SIZE);

    /** The task that the shell waits for, or 0. */
    static final Pointer FOREGROUND = STRUCT.pointer("foreground", 0, "struct task_struct");
    /** {@code wait} was typed: the shell waits for all background tasks. */
    static final Word WAITING = STRUCT.u32("waiting", 4);
    static final Word BACKGROUND_COUNT = STRUCT.u32("background_count", 8);
    static final Pointer BACKGROUND = STRUCT.pointer("background", 12, "struct task_struct", MAX_BACKGROUND);
    /** A page for the line that is being read. */
    static final Pointer LINE = STRUCT.pointer("line", BACKGROUND.end(), "char");

    /** The exit status of the last line in the foreground: {@code $?}. */
    static final Word STATUS = STRUCT.u32("status", LINE.end());
    /** 1 if {@code exit} was executed: the machine is switched off when the line has ended. */
    static final Word EXITING = STRUCT.u32("exiting", STATUS.end());

    /** The first of the blocks that {@code eat} holds; each begins with the address of the next one. */
    static final Pointer EATEN = STRUCT.pointer("eaten", EXITING.end(), "void");
    /** The caches that {@code cache} made; 0 for none. */
    static final Pointer CACHES = STRUCT.pointer("caches", EATEN.end(), "struct kmem_cache", MAX_CACHES);

    private ShellLayout() { }
}

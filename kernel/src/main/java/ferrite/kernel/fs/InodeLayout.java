package ferrite.kernel.fs;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** A file of the root file system, in the order of the archive. */
final class InodeLayout {

    static final int SIZE = 32;

    static final Struct STRUCT = Struct.of("inode", SIZE);

    /** The path's bytes in the archive, without a slash at either end, and their number. */
    static final Pointer PATH = STRUCT.pointer("path", 0, "char");
    static final Word PATH_LENGTH = STRUCT.u32("path_length", 4);
    /** {@link RootFs#hash} of the path. */
    static final Word HASH = STRUCT.u32("hash", 8);
    /** Type and permissions, as {@code stat} shows them. */
    static final Word MODE = STRUCT.u32("i_mode", 12);
    static final Pointer DATA = STRUCT.pointer("data", 16, "void");
    static final Word BYTES = STRUCT.u32("i_size", 20);
    /** Files with one number are links to one file; 0 for a file with one name. */
    static final Word NUMBER = STRUCT.u32("i_ino", 24);
    static final Word MTIME = STRUCT.u32("i_mtime", 28);

    private InodeLayout() { }
}

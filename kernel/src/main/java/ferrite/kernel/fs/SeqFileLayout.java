package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** {@code struct seq_file}: the state of an open file with text that is made record by record. */
@DriverApi
public final class SeqFileLayout {

    public static final int SIZE = 48;

    public static final Struct STRUCT = Struct.of("seq_file", SIZE);

    static final Pointer BUF = STRUCT.pointer("buf", 0, "char");
    /** Bytes of the buffer. */
    static final Word BUF_BYTES = STRUCT.u32("size", 4);
    /** Where text that was not read yet begins in the buffer. */
    static final Word FROM = STRUCT.u32("from", 8);
    /** Bytes of that text; as many as the buffer has if a record did not fit. */
    static final Word COUNT = STRUCT.u32("count", 12);
    /** The number of the record that comes next. */
    static final U64 INDEX = STRUCT.u64("index", 16);
    /** The position in the file up to which the text was read. */
    static final U64 READ_POS = STRUCT.u64("read_pos", 24);
    /** {@link SeqOperations}. */
    static final Pointer OP = STRUCT.function("op", 32);
    /** {@link SeqShow} of a file with one record; 0 otherwise. */
    static final Pointer SHOW = STRUCT.function("show", 36);
    /** A word for the driver. */
    public static final Pointer PRIVATE = STRUCT.pointer("private", 40, "void");
    public static final Pointer FILE = STRUCT.pointer("file", 44, "struct file");

    private SeqFileLayout() { }
}

package ferrite.book.quanta;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;

/** {@code struct scull_qset}: a set of quanta (LDD3 page 61). */
public final class ScullQsetLayout {

    public static final int SIZE = 8;

    public static final Struct STRUCT = Struct.of("scull_qset", SIZE);

    /** An array of pointers to quanta; 0 until the first of them is written. */
    static final Pointer DATA = STRUCT.pointer("data", 0, "void *");
    static final Pointer NEXT = STRUCT.pointer("next", 4, "struct scull_qset");

    private ScullQsetLayout() { }
}

package ferrite.book.scull;

import ferrite.book.quanta.ScullDevLayout;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct scull_listitem}: a device that scullpriv has made for a key (LDD3 page 178). */
final class ScullListItemLayout {

    static final int SIZE = 72;

    static final Struct STRUCT = Struct.of("scull_listitem", SIZE);

    static final Embedded DEV = STRUCT.embedded("dev", 0, ScullDevLayout.STRUCT);
    static final Word KEY = STRUCT.s32("key", DEV.end());
    static final Pointer NEXT = STRUCT.pointer("next", KEY.end(), "struct scull_listitem");

    private ScullListItemLayout() { }
}

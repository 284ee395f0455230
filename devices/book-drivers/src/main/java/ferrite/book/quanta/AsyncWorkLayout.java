package ferrite.book.quanta;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.work.DelayedWorkLayout;

/** The book's {@code struct async_work}: an asynchronous operation whose result is told later (LDD3 page 439). */
final class AsyncWorkLayout {

    static final int SIZE = 8 + DelayedWorkLayout.SIZE;

    static final Struct STRUCT = Struct.of("async_work", SIZE);

    static final Embedded WORK = STRUCT.embedded("work", 0, DelayedWorkLayout.STRUCT);
    static final Pointer IOCB = STRUCT.pointer("iocb", WORK.end(), "struct kiocb");
    static final Word RESULT = STRUCT.s32("result", IOCB.end());

    private AsyncWorkLayout() { }
}

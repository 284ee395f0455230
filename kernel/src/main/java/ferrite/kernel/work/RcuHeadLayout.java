package ferrite.kernel.work;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;

/** {@code struct callback_head}, also called {@code rcu_head}: a record inside memory that {@code call_rcu} frees. */
@DriverApi
public final class RcuHeadLayout {

    public static final int SIZE = 8;

    public static final Struct STRUCT = Struct.of("callback_head", SIZE);

    static final Pointer NEXT = STRUCT.pointer("next", 0, "struct callback_head");
    static final Pointer FUNCTION = STRUCT.function("func", 4);

    private RcuHeadLayout() { }
}

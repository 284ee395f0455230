package ferrite.kernel.net;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct napi_struct}: a driver's receive function that is polled while packets come (LDD3 page 522). */
@DriverApi
public final class NapiLayout {

    public static final int SIZE = 28;

    public static final Struct STRUCT = Struct.of("napi_struct", SIZE);

    static final Embedded NODE = STRUCT.list("poll_list", 0);
    static final Word STATE = STRUCT.u32("state", 8);
    /** The packets of one poll at most. */
    static final Word WEIGHT = STRUCT.u32("weight", 12);
    /** Text address of a {@link NapiPoll}. */
    static final Pointer POLL = STRUCT.function("poll", 16);
    static final Pointer DEV = STRUCT.pointer("dev", 20, "struct net_device");

    /** How often {@code napi_complete_done} was called. */
    static final Word COMPLETIONS = STRUCT.u32("completions", 24);

    /** It is to be polled, or disabled. */
    static final int SCHED = 1;

    private NapiLayout() { }
}

package ferrite.kernel.net;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** A task's question to another host, and the answer. */
final class PingLayout {

    static final int SIZE = 40;

    static final Struct STRUCT = Struct.of("ping", SIZE);

    static final Embedded NODE = STRUCT.list("node", 0);
    static final Word IDENTIFIER = STRUCT.u32("ident", 8);
    /** The number of the question that was sent last. */
    static final Word SEQUENCE = STRUCT.u32("sequence", 12);
    /** Not 0 if it was answered: the bytes of the answer. */
    static final Word BYTES = STRUCT.u32("bytes", 16);
    static final Word TTL = STRUCT.u32("ttl", 20);
    /** The times of the question and of the answer. */
    static final U64 SENT = STRUCT.u64("sent", 24);
    static final U64 ANSWERED = STRUCT.u64("answered", 32);

    private PingLayout() { }
}

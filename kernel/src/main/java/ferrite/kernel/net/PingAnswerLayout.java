package ferrite.kernel.net;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** An answer to a task's question, which the task has not read yet. */
final class PingAnswerLayout {

    static final int SIZE = 24;

    static final Struct STRUCT = Struct.of("ping_answer", SIZE);

    /** The number of the question, as the answer has it: 16 bits. */
    static final Word SEQUENCE = STRUCT.u32("sequence", 0);
    static final Word BYTES = STRUCT.u32("bytes", 4);
    static final Word TTL = STRUCT.u32("ttl", 8);
    static final U64 TIME = STRUCT.u64("time", 16);

    private PingAnswerLayout() { }
}

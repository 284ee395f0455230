package ferrite.kernel.net;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** A task's questions to another host, and the answers that it has not read yet. */
final class PingLayout {

    static final int MAX_ANSWERS = 16;
    static final int SIZE = 24 + MAX_ANSWERS * PingAnswerLayout.SIZE;

    static final Struct STRUCT = Struct.of("ping", SIZE);

    static final Embedded NODE = STRUCT.list("node", 0);
    static final Word IDENTIFIER = STRUCT.u32("ident", 8);
    /** The number of the question that was sent last. */
    static final Word SEQUENCE = STRUCT.u32("sequence", 12);
    /** The numbers of answers that have come, and that were read. */
    static final Word HEAD = STRUCT.u32("head", 16);
    static final Word TAIL = STRUCT.u32("tail", 20);
    /** Answers that come while it is full are dropped. */
    static final Embedded ANSWERS = STRUCT.array("answers", 24, PingAnswerLayout.STRUCT, MAX_ANSWERS);

    private PingLayout() { }
}

package ferrite.kernel.base;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StructTest {

    private static final int OTHER = 0x5555_5555;

    private static final Struct INNER = Struct.of("inner", 8);
    private static final Struct STRUCT = Struct.of("record", 80);
    private static final Word FLAGS = STRUCT.u32("flags", 0);
    private static final Word COUNT = STRUCT.s32("_refcount", 4);
    private static final ULong PAGES = STRUCT.ulong("pages", 8);
    private static final Pointer OWNER = STRUCT.pointer("owner", 12, "struct task_struct");
    private static final ULong BUS_ADDRESS = STRUCT.union(OWNER).ulong("bus_address", 12);
    private static final U64 TIME = STRUCT.u64("time", 16);
    private static final Text NAME = STRUCT.text("name", 24, 8);
    private static final Word COUNTERS = STRUCT.u32("counters", 32, 3);
    private static final Embedded NODE = STRUCT.list("node", 44);
    private static final Embedded INNERS = STRUCT.array("inners", 52, INNER, 2);
    private static final Bytes MAP = STRUCT.bytes("map", INNERS.end(), 2);
    private static final Pointer ENTRY = STRUCT.function("entry", 72);
    private static final Word TAIL = STRUCT.u32("tail", 80, 0);

    private interface InRecord {
        void run(KernelMemory memory, long record);
    }

    /** Runs the body in the kernel, with a record of which every byte is 0x55. */
    private static void inKernel(InRecord body) {
        try (KernelFixture fixture = KernelFixture.small()) {
            fixture.run(() -> {
                long record = fixture.zeroed(STRUCT.size());
                fixture.memory().fill(record, 0x55, STRUCT.size());
                body.run(fixture.memory(), record);
            });
        }
    }

    // ---- access ----

    @Test
    void aWordIsReadAndWrittenAtItsOffset() {
        inKernel((memory, record) -> {
            COUNT.set(memory, record, -2);
            check(memory.load32(record + 4) == -2 && COUNT.get(memory, record) == -2,
                    "the word is " + COUNT.get(memory, record));
            check(FLAGS.get(memory, record) == OTHER && memory.load32(record + 8) == OTHER, "a neighbour changed");
            COUNT.add(memory, record, 5);
            check(COUNT.get(memory, record) == 3, "after the addition " + COUNT.get(memory, record));
        });
    }

    @Test
    void anAtomicOperationReturnsTheOldNumber() {
        inKernel((memory, record) -> {
            check(FLAGS.amoSwap(memory, record, 6) == OTHER, "amoSwap");
            check(FLAGS.amoAdd(memory, record, 2) == 6, "amoAdd");
            check(FLAGS.amoOr(memory, record, 1) == 8, "amoOr");
            check(FLAGS.amoAnd(memory, record, ~8) == 9, "amoAnd");
            check(FLAGS.get(memory, record) == 1 && COUNT.get(memory, record) == OTHER,
                    "the end is " + FLAGS.get(memory, record));
        });
    }

    @Test
    void addressesAndLongsHaveNoSign() {
        inKernel((memory, record) -> {
            OWNER.set(memory, record, 0xc000_0010L);
            check(OWNER.get(memory, record) == 0xc000_0010L && BUS_ADDRESS.get(memory, record) == 0xc000_0010L,
                    "the address is signed");
            PAGES.set(memory, record, 0xffff_fff0L);
            PAGES.add(memory, record, 3);
            check(PAGES.get(memory, record) == 0xffff_fff3L, "the number is signed");
            TIME.set(memory, record, 0xffff_ffff_0000_0001L);
            TIME.add(memory, record, 0x1_0000_0000L);
            check(TIME.get(memory, record) == 1, "the time is " + TIME.get(memory, record));
            check(memory.load32(record + 24) == OTHER, "a neighbour changed");
        });
    }

    @Test
    void anElementOfAnArrayHasItsOwnPlace() {
        inKernel((memory, record) -> {
            COUNTERS.set(memory, record, 1, 7);
            check(COUNTERS.get(memory, record, 1) == 7 && memory.load32(record + 36) == 7, "the element");
            check(COUNTERS.get(memory, record, 0) == OTHER && COUNTERS.get(memory, record, 2) == OTHER,
                    "a neighbour changed");
            check(COUNTERS.at(record, 2) == record + 40 && INNERS.at(record, 1) == record + 60, "the addresses");
        });
    }

    @Test
    void textIsCutToFit() {
        inKernel((memory, record) -> {
            NAME.set(memory, record, "kswapd/0 and more");
            check(NAME.get(memory, record).equals("kswapd/"), "the text is " + NAME.get(memory, record));
            check(COUNTERS.get(memory, record, 0) == OTHER, "a neighbour changed");
        });
    }

    @Test
    void theContainerOfANodeIsItsRecord() {
        assertThat(NODE.containerOf(NODE.at(0xc000_1000L))).isEqualTo(0xc000_1000L);
    }

    // ---- a layout tells its fields ----

    @Test
    void fieldsAreFoundByNameWithTypeOffsetAndCount() {
        assertThat(STRUCT.name()).isEqualTo("record");
        assertThat(STRUCT.size()).isEqualTo(80);
        assertThat(STRUCT.fields()).containsExactly(FLAGS, COUNT, PAGES, OWNER, BUS_ADDRESS, TIME, NAME, COUNTERS, NODE,
                INNERS, MAP, ENTRY, TAIL);
        assertThat(STRUCT.field("_refcount")).contains(COUNT);
        assertThat(STRUCT.field("refcount")).isEmpty();
        assertThat(INNERS.count()).isEqualTo(2);
        assertThat(INNERS.width()).isEqualTo(INNER.size());
    }

    @Test
    void aLayoutReadsLikeC() {
        assertThat(STRUCT).hasToString("""
                struct record {  /* 80 bytes */
                    unsigned int flags;  /* 0 */
                    int _refcount;  /* 4 */
                    unsigned long pages;  /* 8 */
                    struct task_struct *owner;  /* 12 */
                    unsigned long bus_address;  /* 12 */
                    unsigned long long time;  /* 16 */
                    char name[8];  /* 24 */
                    unsigned int counters[3];  /* 32 */
                    struct list_head node;  /* 44 */
                    struct inner inners[2];  /* 52 */
                    unsigned char map[2];  /* 68 */
                    void (*entry)();  /* 72 */
                    unsigned int tail[];  /* 80 */
                }""");
    }

    // ---- refused declarations ----

    private static void refuses(String message, Runnable declaration) {
        assertThatIllegalArgumentException().isThrownBy(declaration::run).withMessage("struct small, field " + message);
    }

    @Test
    void aFieldThatOverlapsAnotherOneIsRefused() {
        Struct small = Struct.of("small", 16);
        small.u64("time", 4);
        refuses("word: it overlaps time, which is at 4 to 11", () -> small.u32("word", 8));
        small.u32("before", 0);
        small.u32("after", 12);
    }

    @Test
    void aMemberOfAUnionSharesOneField() {
        Struct small = Struct.of("small", 16);
        Word first = small.u32("first", 0);
        small.u32("second", 4);
        refuses("wide: it overlaps second, which is at 4 to 7", () -> small.union(first).u64("wide", 0));
        small.union(first).ulong("other", 0);
        refuses("third: it overlaps first, which is at 0 to 3", () -> small.u32("third", 0));
    }

    @Test
    void aFieldOutsideTheRecordIsRefused() {
        Struct small = Struct.of("small", 16);
        refuses("late: it ends at 20, past the 16 bytes of the record", () -> small.u64("late", 12));
        refuses("early: offset -4 is negative", () -> small.u32("early", -4));
    }

    @Test
    void aCountThatOverflowsTheEndIsRefused() {
        Struct small = Struct.of("small", 16);
        refuses("words: it ends at 4294967304, past the 16 bytes of the record",
                () -> small.u32("words", 4, 0x4000_0001));
        refuses("bytes: it ends at 2147483651, past the 16 bytes of the record",
                () -> small.bytes("bytes", 4, Integer.MAX_VALUE));
        refuses("records: it ends at 4295032832, past the 16 bytes of the record",
                () -> small.array("records", 0, "record", 65_536, 65_537));
    }

    @Test
    void aFieldWithANegativeCountOrWidthIsRefused() {
        Struct small = Struct.of("small", 16);
        refuses("words: it has -1 elements of 4 bytes; neither is negative", () -> small.u32("words", 8, -1));
        refuses("record: it has 1 elements of -8 bytes; neither is negative",
                () -> small.embedded("record", 8, "record", -8));
    }

    @Test
    void aFieldThatIsNotAlignedIsRefused() {
        Struct small = Struct.of("small", 16);
        refuses("word: offset 2 is not a multiple of 4", () -> small.u32("word", 2));
        small.text("text", 1, 3);
    }

    @Test
    void aNameIsUsedOnce() {
        Struct small = Struct.of("small", 16);
        small.u32("word", 0);
        refuses("word: there is a field of this name", () -> small.u32("word", 4));
    }
}

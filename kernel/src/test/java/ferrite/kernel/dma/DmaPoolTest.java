package ferrite.kernel.dma;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.TestDevice;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.monitor.PoolsCommand;
import ferrite.kernel.monitor.WhoCommand;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DMA pools on a booted kernel; the device is the test itself, on the bus. */
@Timeout(60)
class DmaPoolTest {

    private static final BusMaster DEVICE = new BusMaster("device", 24);
    /** Writes without being watched, as a device of another bus would. */
    private static final BusMaster UNSEEN = BusMaster.host("unseen");
    private static final String POISON = "slub_debug=P";

    private KernelFixture fixture;

    private KernelFixture boot(String arguments) {
        fixture = KernelFixture.options().bootArguments(arguments).boot();
        return fixture;
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private DmaPool pools() {
        return fixture.kernel().dma().pools();
    }

    private long device(int bits) {
        long dev = fixture.zeroed(DmaDeviceLayout.SIZE);
        check(fixture.kernel().dma().mapping().dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(bits)) == 0,
                "the mask is refused");
        return dev;
    }

    private long pool(int size, int align, int boundary) {
        long pool = pools().dmaPoolCreate("test", device(24), size, align, boundary);
        check(pool != 0, "no pool");
        return pool;
    }

    /** A block's two addresses. */
    private record Block(long va, long dma) { }

    private Block alloc(long pool, int gfp) {
        long word = fixture.zeroed(4);
        long va = pools().dmaPoolAlloc(pool, gfp, word);
        Block block = new Block(va, fixture.memory().loadAddress(word));
        fixture.kernel().calls().kfree(word);
        return block;
    }

    private Block alloc(long pool) {
        Block block = alloc(pool, Gfp.GFP_KERNEL);
        check(block.va != 0, "no block");
        return block;
    }

    private void free(long pool, Block block) {
        pools().dmaPoolFree(pool, block.va, block.dma);
    }

    private DmaPoolView.Usage usage(long pool) {
        return pools().view().usage(fixture.peek(), pool);
    }

    // ---- blocks ----

    @ParameterizedTest
    @CsvSource({"4, 0, 0", "1, 0, 0", "32, 32, 0", "100, 4, 128", "96, 32, 256", "48, 16, 1024", "256, 256, 256",
            "2000, 64, 4096", "5000, 16, 0", "5000, 4, 8192", "100, 8192, 0"})
    void blocksAreAlignedLieApartInReachAndNeverCrossTheBoundary(int size, int align, int boundary) {
        boot("").run(() -> {
            long pool = pool(size, align, boundary);
            int each = Math.max(size, align);
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < 3 * Math.max(1, 4096 / each) + 2; i++) {
                Block block = alloc(pool);
                check(block.dma == fixture.kernel().calls().virtToPhys(block.va)
                        && block.dma + size - 1 <= DmaAddress.bitMask(24), "the bus address");
                check(block.dma % Math.max(4, align) == 0, "alignment");
                check(boundary == 0 || block.dma / boundary == (block.dma + size - 1) / boundary,
                        "a block across the boundary at 0x" + Long.toHexString(block.dma));
                blocks.add(block);
            }
            blocks.stream().map(Block::dma).sorted().reduce((one, next) -> {
                check(next - one >= size, "blocks overlap");
                return next;
            });
            int pages = usage(pool).pages();
            check(usage(pool).blocks() == blocks.size(), "blocks out");
            blocks.forEach(block -> free(pool, block));
            check(usage(pool).blocks() == 0 && usage(pool).pages() == pages, "a free gives no page back");
            blocks.forEach(block -> alloc(pool));
            check(usage(pool).pages() == pages, "blocks that were freed are given out again");
        });
        assertThat(fixture.violations).isEmpty();
    }

    /** Linux 6.1's own loop leaves the last block before a boundary out. */
    @Test
    void aPageIsUsedToItsLastBlock() {
        boot("").run(() -> {
            long pool = pool(64, 64, 1024);
            for (int i = 0; i < 64; i++) {
                alloc(pool);
            }
            check(usage(pool).pages() == 1 && usage(pool).capacity() == 64, "pages " + usage(pool));
        });
    }

    @Test
    void whatCannotBeAPoolIsNone() {
        boot("").run(() -> {
            long dev = device(24);
            check(pools().dmaPoolCreate("p", dev, 0, 0, 0) == 0 && pools().dmaPoolCreate("p", dev, -1, 0, 0) == 0,
                    "no size");
            check(pools().dmaPoolCreate("p", dev, 32, 24, 0) == 0 && pools().dmaPoolCreate("p", dev, 32, -4, 0) == 0,
                    "an alignment that is no power of two");
            check(pools().dmaPoolCreate("p", dev, 100, 0, 64) == 0 && pools().dmaPoolCreate("p", dev, 100, 0,
                    1000) == 0, "a boundary that no block fits into, or that is none");
            check(pools().dmaPoolCreate("p", dev, Integer.MAX_VALUE, 64, 0) == 0, "a size that is no size any more");
            long large = pools().dmaPoolCreate("p", dev, 64 << 20, 0, 0);
            check(alloc(large, Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN).va == 0, "a block larger than the page allocator's");
            check(pools().dmaPoolDestroy(large) && pools().dmaPoolDestroy(0), "destroying what is empty, and nothing");
            long careless = fixture.zeroed(DmaDeviceLayout.SIZE);
            check(alloc(pools().dmaPoolCreate("p", careless, 32, 0, 0), Gfp.GFP_KERNEL).va == 0,
                    "a device without a mask");
        });
    }

    @Test
    void destroyGivesEveryPageBack() {
        boot("");
        fixture.run(() -> device(24));
        String before = fixture.accounting();
        fixture.run(() -> {
            long dev = fixture.zeroed(DmaDeviceLayout.SIZE);
            fixture.kernel().dma().mapping().dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(24));
            long pool = pools().dmaPoolCreate("test", dev, 64, 0, 0);
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                blocks.add(alloc(pool));
            }
            blocks.forEach(block -> free(pool, block));
            check(pools().dmaPoolDestroy(pool), "destroy");
            fixture.kernel().calls().kfree(dev);
        });
        assertThat(fixture.accounting()).isEqualTo(before);
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void zeroedBlocksAreZeroAndOthersShowThePoisonThatLinuxHas() {
        boot(POISON).run(() -> {
            long pool = pool(30, 0, 0);
            Block block = alloc(pool);
            for (int i = 0; i < 32; i++) {
                check(fixture.memory().load8(block.va + i) == 0xa9, "byte " + i + " of a new block");
            }
            free(pool, block);
            for (int i = 4; i < 32; i++) {
                check(fixture.memory().load8(block.va + i) == 0xa7, "byte " + i + " of a free block");
            }
            Block zeroed = alloc(pool, Gfp.GFP_KERNEL | Gfp.__GFP_ZERO);
            check(zeroed.va == block.va, "the block that was freed last");
            for (int i = 0; i < 32; i++) {
                check(fixture.memory().load8(zeroed.va + i) == 0, "byte " + i + " of a zeroed block");
            }
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void flagsSayWhetherItMaySleepAndAnInterruptHandlerMayAllocateAndFree() {
        boot("");
        long[] pool = new long[1];
        int[] had = {0};
        long[] word = new long[1];
        fixture.run(() -> {
            pool[0] = pool(64, 0, 0);
            word[0] = fixture.zeroed(4);
        });
        long handler = fixture.text("handler", (IrqHandler) (irq, data) -> {
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.STATUS, 0);
            long va = pools().dmaPoolAlloc(pool[0], Gfp.GFP_ATOMIC, word[0]);
            had[0] += va == 0 ? 0 : 1;
            pools().dmaPoolFree(pool[0], va, fixture.memory().loadAddress(word[0]));
            return IrqReturn.IRQ_HANDLED;
        });
        fixture.run(() -> {
            fixture.kernel().interrupts().request(fixture.timerIrq(), handler, 0, 0, "timer", 0);
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 10);
            while (had[0] == 0) {
                fixture.cpu().relax();
            }
        });
        assertThat(fixture.violations).isEmpty();
        fixture.run(() -> {
            fixture.kernel().base().driverLocks().preemptDisable();
            pools().dmaPoolAlloc(pool[0], Gfp.GFP_KERNEL, word[0]);
            pools().dmaPoolDestroy(0);
            pools().dmaPoolCreate("atomic", 0, 0, 0, 0);
            fixture.kernel().base().driverLocks().preemptEnable();
        });
        assertThat(fixture.takeViolations()).extracting(Violation::summary)
                .containsExactly("dma_pool_alloc with GFP_KERNEL may sleep, which is forbidden here",
                        "dma_pool_destroy may sleep, which is forbidden here",
                        "dma_pool_create may sleep, which is forbidden here");
    }

    @Test
    void withoutMemoryThereIsNoBlockAndThePoolIsAsItWas() {
        boot("fail_page_alloc=1,100,0,-1").run(() -> {
            fixture.kernel().mm().pages().failures().arm(false);
            long pool = pool(64, 0, 0);
            long word = fixture.zeroed(4);
            fixture.kernel().mm().pages().failures().arm(true);
            check(pools().dmaPoolAlloc(pool, Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN, word) == 0, "a block out of nothing");
            check(usage(pool).pages() == 0, "a page");
            fixture.kernel().mm().pages().failures().arm(false);
            check(alloc(pool).va != 0, "the next one");
        });
    }

    // ---- mistakes ----

    private Violation only(String rule) {
        List<Violation> all = fixture.takeViolations();
        assertThat(all).extracting(Violation::rule).containsExactly(rule);
        return all.get(0);
    }

    @Test
    void aSecondFreeIsReportedAndChangesNothing() {
        boot("");
        long[] pool = new long[1];
        Block[] block = new Block[2];
        fixture.run(() -> {
            pool[0] = pool(64, 0, 0);
            block[0] = alloc(pool[0]);
            free(pool[0], block[0]);
            block[1] = alloc(pool[0]);
            free(pool[0], block[1]);                  // the block was allocated again: a legal free
        });
        assertThat(fixture.violations).isEmpty();
        fixture.run(() -> {
            free(pool[0], block[0]);
            check(usage(pool[0]).blocks() == 0 && alloc(pool[0]).va != alloc(pool[0]).va, "it was freed twice");
        });
        Violation report = only("dma-pool-double-free");
        assertThat(report.summary()).startsWith("dma_pool_free to 'test' of 0x").endsWith("which is free already");
        assertThat(report.line("pool")).isEqualTo("'test' of device, blocks of 64 bytes, 0 of 64 out");
        assertThat(report.line("block")).containsPattern(
                "allocated at DmaPoolTest.java:\\d+ by task \\d+ 'body'; freed at DmaPoolTest.java:\\d+");
        assertThat(report.line("instead")).isEqualTo("free it once, after the device has finished with it");
    }

    @Test
    void whatIsNoBlockOfThePoolIsReportedAndStays() {
        boot("");
        fixture.run(() -> {
            long pool = pool(64, 0, 0);
            long other = pools().dmaPoolCreate("other", device(24), 64, 0, 0);
            Block block = alloc(pool);
            Block foreign = alloc(other);
            pools().dmaPoolFree(pool, foreign.va, foreign.dma);
            pools().dmaPoolFree(pool, block.va + 32, block.dma + 32);
            pools().dmaPoolFree(pool, block.va, block.dma + 64);
            pools().dmaPoolFree(pool, 0xc000_0000L, 0);
            check(usage(pool).blocks() == 1 && usage(other).blocks() == 1, "something was freed");
            free(pool, block);
            free(other, foreign);
        });
        assertThat(fixture.takeViolations()).extracting(Violation::rule,
                violation -> violation.summary().replaceAll(".*, which", "which")).containsExactly(
                org.assertj.core.groups.Tuple.tuple("dma-pool-bad-free", "which is a block of 'other'"),
                org.assertj.core.groups.Tuple.tuple("dma-pool-bad-free", "which is not the beginning of a block"),
                org.assertj.core.groups.Tuple.tuple("dma-pool-bad-free", "which are not of one block"),
                org.assertj.core.groups.Tuple.tuple("dma-pool-bad-free", "which is in no DMA pool"));
    }

    @Test
    void destroyWithBlocksOutSaysHowManyAndWhose() {
        boot("");
        fixture.run(() -> {
            long pool = pool(64, 0, 0);
            Block one = alloc(pool);
            Block two = alloc(pool);
            check(!pools().dmaPoolDestroy(pool), "destroyed");
            free(pool, one);
            free(pool, two);
            check(pools().dmaPoolDestroy(pool), "not destroyed");
        });
        Violation report = only("dma-pool-in-use");
        assertThat(report.summary()).isEqualTo("dma_pool_destroy of 'test' with 2 blocks still allocated");
        assertThat(report.line("out"))
                .matches("0xc0[0-9a-f]{6} allocated at DmaPoolTest.java:\\d+ by task \\d+ 'body'");
    }

    /** A device or a driver writes to a freed descriptor. */
    @ParameterizedTest
    @CsvSource({"0, 1", "4, 1", "63, 1", "17, 40"})
    void aBlockThatIsWrittenToWhileItIsFreeIsReportedWhenItIsGivenOutAgain(int at, int bytes) {
        boot(POISON);
        fixture.run(() -> {
            long pool = pool(64, 0, 0);
            Block block = alloc(pool);
            Block beside = alloc(pool);
            byte[] late = new byte[bytes];
            java.util.Arrays.fill(late, (byte) 0x5c);
            fixture.machine.bus().write(DEVICE, block.dma + at, late, 0, Math.min(bytes, 64 - at));
            free(pool, block);
            alloc(pool);
            check(fixture.violations.isEmpty(), "written before it was freed");
            free(pool, block);
            fixture.machine.bus().write(UNSEEN, block.dma + at, late, 0, Math.min(bytes, 64 - at));
            check(alloc(pool).va == block.va, "another block");
            check(alloc(pool).va != beside.va && usage(pool).blocks() == 3, "the others are as they were");
        });
        Violation report = only("dma-pool-use-after-free");
        assertThat(report.summary()).startsWith("byte " + at + " of the block of 'test' at 0xc0")
                .endsWith("was written after its free: it is 0x5c");
        assertThat(report.line("block")).containsPattern("freed at DmaPoolTest.java:\\d+");
    }

    // ---- looking ----

    @Test
    void whoSaysWhatAnAddressIsInAPool() throws Exception {
        boot("");
        Block[] block = new Block[1];
        fixture.run(() -> {
            long pool = pool(96, 32, 256);
            block[0] = alloc(pool);
        });
        WhoCommand who = new WhoCommand(fixture.machine, fixture::kernel);
        String inside = ferrite.hardware.report.ReportText.of(who.run("0x" + Long.toHexString(block[0].va + 5)));
        assertThat(inside).containsPattern(
                "'test' of device, block at 0x[0-9a-f]{8}, bus address 0x[0-9a-f]{8}, allocated, byte 5 of 96")
                .containsPattern("DmaPoolTest.java:\\d+, task \\d+ 'body'");
        String between = ferrite.hardware.report.ReportText.of(who.run("0x" + Long.toHexString(block[0].va + 200)));
        assertThat(between).contains("between its blocks, at a boundary");
        String pools =
                ferrite.hardware.report.ReportText.of(new PoolsCommand(fixture.machine, fixture::kernel).run(""));
        assertThat(pools.replaceAll("\\s+", " ")).contains("test").contains("blocks 1").contains("capacity 32")
                .contains("size 96").contains("pages 1");
    }

    @Test
    void poolsOutliveTheKernelsJavaObjects() {
        boot(POISON);
        long[] pool = new long[1];
        Block[] block = new Block[1];
        fixture.run(() -> {
            pool[0] = pool(64, 0, 0);
            block[0] = alloc(pool[0]);
        });
        fixture.reattach();
        assertThat(usage(pool[0]).blocks()).isEqualTo(1);
        fixture.run(() -> {
            free(pool[0], block[0]);
            check(pools().dmaPoolDestroy(pool[0]), "destroyed by another kernel object");
        });
        assertThat(fixture.violations).isEmpty();
    }
}
